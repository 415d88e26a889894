//! A migration tried on an example, as `module check` does it: up through all that come after it, and back.

use super::{Flawed, Migrating, Migration, Way};
use crate::installed::of_package;
use crate::manifest::Manifest;
use crate::module::Module;
use crate::objects::computed_at;
use crate::objects::schema::ObjectSchema;
use crate::package::Package;
use serde_json::Value;
use std::sync::Weak;
use workflow::Problem;
use workflow::expression::Moment;

/// Any moment will do.
const MOMENT: Moment = Moment { at_ms: 0, seed: 1 };

/// The migration of that place in the manifest, and those after it.
pub(crate) struct Tried<'m> {
    pub(crate) manifest: &'m Manifest,
    pub(crate) package: &'m Package,
    pub(crate) first: usize,
}

impl Tried<'_> {
    /// What goes wrong with the example of that file.
    pub(crate) fn flaw(&self, example: &str) -> Option<Flawed> {
        let flawed = |field, message: String, remedy: &str| Some(Flawed { field, message, remedy: remedy.to_owned() });
        let before = match self.package.json(example) {
            Ok(before) => before,
            Err(error) => return flawed("example", error.to_string(), "mend the file, or the path"),
        };
        let steps = self.steps();
        let module = of_package(self.package.clone(), self.manifest, Weak::new()).ok()?;
        let after = match through(steps.iter(), module.as_ref(), Way::Up, &before) {
            Ok(after) => after,
            Err(why) => return flawed("example", format!("it cannot be migrated: {why}"), "mend up, or the example"),
        };
        let after = match self.fitting(steps.first()?, after) {
            Ok(after) => after,
            Err(problems) => {
                let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
                let message = format!("what becomes of it does not fit the schema: {}", told.join("; "));
                return flawed("example", message, "mend up, the example, or the schema");
            }
        };
        if steps.iter().any(|step| step.irreversible().is_some()) {
            return None;
        }
        match through(steps.iter().rev(), module.as_ref(), Way::Down, &after) {
            Ok(back) if back == before => None,
            Ok(back) => {
                let message = format!("it does not come back as it was, but as {}", shown(&back));
                flawed("example", message, "mend down, or say with irreversible what gets lost")
            }
            Err(why) => flawed("example", format!("it does not come back: {why}"), "mend down"),
        }
    }

    fn steps(&self) -> Vec<Migration> {
        let declared = self.manifest.migrations.iter().skip(self.first);
        let collection = self.manifest.migrations.get(self.first).map(|one| one.collection.as_str());
        let same = declared.filter(|one| Some(one.collection.as_str()) == collection);
        same.filter_map(|one| Migration::read(one, self.manifest, self.package).ok()).collect()
    }

    /// What was made, with what is computed, if it fits.
    fn fitting(&self, step: &Migration, made: Value) -> Result<Value, Vec<Problem>> {
        let object = self.manifest.objects.iter().find(|object| object.collection == step.collection);
        let document = object.and_then(|object| self.package.json(&object.schema).ok()).unwrap_or_default();
        let read = self.manifest.with_names(|around| ObjectSchema::read(document, around));
        // A schema that cannot be read is told at its own place.
        let Ok(schema) = read else { return Ok(made) };
        let made = computed_at(MOMENT, &schema.keywords, &made)?;
        let problems = schema.problems(&made);
        if problems.is_empty() { Ok(made) } else { Err(problems) }
    }
}

fn through<'s>(
    steps: impl Iterator<Item = &'s Migration>,
    module: &dyn Module,
    way: Way,
    data: &Value,
) -> Result<Value, String> {
    let mut data = data.clone();
    for step in steps {
        let version = step.version.to_string();
        let (from, to) = if way == Way::Up { ("", version.as_str()) } else { (version.as_str(), "") };
        let migrating = Migrating { collection: &step.collection, from, to, way, data: &data };
        data = step.make(module, &migrating, MOMENT)?;
    }
    Ok(data)
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
