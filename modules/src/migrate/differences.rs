//! What is different of a collection, in sentences for those who decide on a change.

use super::{Conversion, Way};
use crate::objects::key_name;
use crate::objects::schema::{Index, Keywords, ObjectSchema};
use std::collections::BTreeMap;

impl Conversion {
    /// Migrations and other keys, a sentence each.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let kind = &self.kind;
        let steps = self.steps().into_iter().map(|step| match (self.sides.way(), step.irreversible()) {
            (Way::Up, None) => format!("{kind}: its objects are migrated to {}", step.version),
            (Way::Up, Some(why)) => {
                format!("{kind}: its objects are migrated to {}, and not back: {why}", step.version)
            }
            (Way::Down, _) => format!("{kind}: its objects go back to before {}", step.version),
        });
        let mut told: Vec<String> = steps.collect();
        let (Some(new), none) = (self.schema(), Keywords::default()) else { return told };
        let old = self.schema_before().map_or(&none, |old| &old.keywords);
        told.extend(found_by(old, &new.keywords).into_iter().map(|sentence| format!("{kind}: {sentence}")));
        told.extend(fields(self.schema_before(), new).into_iter().map(|sentence| format!("{kind}: {sentence}")));
        told
    }
}

fn found_by(old: &Keywords, new: &Keywords) -> Vec<String> {
    let by_name = |keywords: &Keywords| -> BTreeMap<String, Index> {
        keywords.indexes.iter().map(|index| (index.path.to_string(), index.clone())).collect()
    };
    let (before, after) = (by_name(old), by_name(new));
    let mut told = Vec::new();
    for (name, index) in &after {
        match before.get(name) {
            None => told.push(format!("is found by {name}")),
            Some(other) if other != index => told.push(format!("is put in another order by {name}")),
            Some(_) => {}
        }
    }
    told.extend(
        before.keys().filter(|name| !after.contains_key(*name)).map(|name| format!("is no more found by {name}")),
    );
    let unique =
        |keywords: &Keywords| -> Vec<String> { keywords.unique.iter().map(|fields| key_name(fields)).collect() };
    let (before, after) = (unique(old), unique(new));
    told.extend(after.iter().filter(|name| !before.contains(name)).map(|name| format!("no two have the same {name}")));
    told.extend(
        before.iter().filter(|name| !after.contains(name)).map(|name| format!("several may have the same {name}")),
    );
    told
}

/// Fields of the object itself that come, go, must be there now, or are made by an expression.
fn fields(old: Option<&ObjectSchema>, new: &ObjectSchema) -> Vec<String> {
    let Some(old) = old else { return Vec::new() };
    let names = |schema: &ObjectSchema, place: &str| -> Vec<String> {
        let found = schema.document.get(place);
        let named = found.and_then(|found| found.as_object()).into_iter().flat_map(|fields| fields.keys().cloned());
        let listed = found.and_then(|found| found.as_array()).into_iter().flatten();
        named.chain(listed.filter_map(|name| name.as_str().map(str::to_owned))).collect()
    };
    let (before, after) = (names(old, "properties"), names(new, "properties"));
    let (needed, needs) = (names(old, "required"), names(new, "required"));
    let added = after.iter().filter(|name| !before.contains(name)).map(|name| format!("has the field {name}"));
    let gone = before.iter().filter(|name| !after.contains(name)).map(|name| format!("has no field {name} any more"));
    let must = needs.iter().filter(|name| !needed.contains(name)).map(|name| format!("must have {name}"));
    let computed = new.keywords.computed.iter().filter(|(name, made)| {
        let was = old.keywords.computed.iter().find(|(other, _)| other == name);
        was.is_none_or(|(_, was)| was.source() != made.source())
    });
    let computed = computed.map(|(name, _)| format!("{name} is computed anew"));
    added.chain(gone).chain(must).chain(computed).collect()
}
