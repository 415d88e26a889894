//! What a change of a module's version means for one of its collections: migrations, fields that are computed anew, and
//! other keys to be found by.

use super::origin::mark;
use super::{Migrating, Migration, Way};
use crate::installed::Installed;
use crate::objects::schema::ObjectSchema;
use crate::objects::{computed_at, keys_of, money};
use semver::Version;
use serde_json::Value;
use std::sync::Arc;
use store::{Object, StagedObject};
use workflow::Problem;
use workflow::expression::Moment;

/// A module before and after.
#[derive(Clone)]
pub(crate) struct Sides {
    /// The version that the data is of. Its package may be gone.
    pub(crate) old: Option<Arc<Installed>>,
    pub(crate) from: Version,
    pub(crate) new: Arc<Installed>,
    pub(crate) to: Version,
}

impl Sides {
    pub(crate) fn way(&self) -> Way {
        if self.to >= self.from { Way::Up } else { Way::Down }
    }

    /// The module that knows the migrations: the newer one.
    fn knowing(&self) -> Option<&Installed> {
        match self.way() {
            Way::Up => Some(&self.new),
            Way::Down => self.old.as_deref(),
        }
    }

    /// The migrations of a collection that lie between, in the order in which they are done.
    fn steps(&self, collection: &str) -> Vec<&Migration> {
        let (low, high) = if self.way() == Way::Up { (&self.from, &self.to) } else { (&self.to, &self.from) };
        let all = self.knowing().into_iter().flat_map(Installed::migrations);
        let between = all.filter(|one| one.collection == collection && one.version > *low && one.version <= *high);
        let mut steps: Vec<&Migration> = between.collect();
        if self.way() == Way::Down {
            steps.reverse();
        }
        steps
    }
}

/// What becomes of the objects of a collection.
pub(crate) struct Conversion {
    /// `travel/requests`
    pub(crate) kind: String,
    pub(crate) sides: Sides,
    collection: String,
}

impl Conversion {
    /// Nothing if both versions say the same of a collection, or the new one does not have it.
    pub(crate) fn of(sides: &Sides, collection: &str) -> Option<Self> {
        let new = sides.new.object_schema(collection)?;
        let old = sides.old.as_deref().and_then(|old| old.object_schema(collection));
        let is_same = old.is_some_and(|old| old.document == new.document) && sides.steps(collection).is_empty();
        let kind = format!("{}/{collection}", sides.new.manifest.name);
        (!is_same).then(|| Self { kind, sides: sides.clone(), collection: collection.to_owned() })
    }

    pub(super) fn schema(&self) -> Option<&ObjectSchema> {
        self.sides.new.object_schema(&self.collection)
    }

    pub(super) fn schema_before(&self) -> Option<&ObjectSchema> {
        self.sides.old.as_deref()?.object_schema(&self.collection)
    }

    pub(crate) fn steps(&self) -> Vec<&Migration> {
        self.sides.steps(&self.collection)
    }

    /// Why there is no way back, if that is where it goes.
    pub(crate) fn irreversible(&self) -> Option<&str> {
        if self.sides.way() == Way::Up {
            return None;
        }
        self.steps().into_iter().find_map(Migration::irreversible)
    }

    /// Whether code takes part, which may take longer than expressions.
    pub(crate) fn has_code(&self) -> bool {
        self.steps().into_iter().any(Migration::is_code)
    }

    /// What an object will be. `original` is what it was under this version, if it was never changed since.
    ///
    /// # Errors
    /// Everything in which it does not fit.
    pub(crate) fn convert(
        &self,
        object: &Object,
        original: Option<(u64, Value)>,
        moment: Moment,
    ) -> Result<StagedObject, Vec<Problem>> {
        let Sides { from, to, .. } = &self.sides;
        let gone = || vec![Problem::new("", "schema", "the schema of its collection is gone")];
        let keywords = &self.schema().ok_or_else(gone)?.keywords;
        if let Some((revision, data)) = original {
            let keys = keys_of(keywords, &data);
            return Ok(self.staged(object, Some(data), (mark("back", from, to), revision), keys));
        }
        let made = self.made(object, moment)?;
        self.check(object, &made)?;
        let is_other = !self.steps().is_empty() || made != object.data;
        let keys = keys_of(keywords, &made);
        let mark = mark(self.sides.way().word(), from, to);
        Ok(self.staged(object, is_other.then_some(made), (mark, object.revision), keys))
    }

    fn staged(
        &self,
        object: &Object,
        data: Option<Value>,
        (mark, made_of): (String, u64),
        keys: store::ObjectKeys,
    ) -> StagedObject {
        let (kind, id, revision) = (self.kind.clone(), object.id.clone(), object.revision);
        let is_other = data.is_some();
        let (migration, made_of) = (is_other.then_some(mark), is_other.then_some(made_of));
        StagedObject { kind, id, revision, data, migration, made_of, keys }
    }

    /// Through every migration, and then the fields that are computed.
    fn made(&self, object: &Object, moment: Moment) -> Result<Value, Vec<Problem>> {
        let steps = self.steps();
        let (mut data, mut from) = (object.data.clone(), self.sides.from.to_string());
        for (n, step) in steps.iter().enumerate() {
            let to = match self.sides.way() {
                Way::Up => step.version.to_string(),
                Way::Down => steps.get(n + 1).map_or(&self.sides.to, |next| &next.version).to_string(),
            };
            let (collection, way) = (self.collection.as_str(), self.sides.way());
            let migrating = Migrating { collection, from: &from, to: &to, way, data: &data };
            let Some(knowing) = self.sides.knowing() else { break };
            let failed = |why: String| {
                vec![Problem::new("", "migration", format!("the migration {} {}: {why}", way.word(), step.version))]
            };
            let made = step.make(knowing.module(), &migrating, moment).map_err(failed)?;
            (data, from) = (made, to);
        }
        match self.schema() {
            Some(schema) => computed_at(moment, &schema.keywords, &data),
            None => Ok(data),
        }
    }

    /// What nobody touches and did not fit before is no reason to refuse: it is no worse than it was.
    fn check(&self, object: &Object, made: &Value) -> Result<(), Vec<Problem>> {
        let Some(schema) = self.schema().filter(|_| !self.sides.new.module().checks(&self.collection)) else {
            return Ok(());
        };
        let mut problems = schema.problems(made);
        problems.extend(money::problems(&schema.keywords, made));
        let is_untouched = self.steps().is_empty() && *made == object.data;
        let was_unfit = || self.schema_before().is_some_and(|before| !before.problems(&object.data).is_empty());
        if problems.is_empty() || (is_untouched && was_unfit()) { Ok(()) } else { Err(problems) }
    }
}
