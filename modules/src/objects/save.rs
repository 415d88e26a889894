//! What every save has in common: what was sent is checked and completed, and what is complete is checked again.

use super::{Caller, Collection, MOST_PROBLEMS, compute, keys, money, named, unique};
use crate::module::Saving;
use crate::text::direction_problems;
use serde_json::Value;
use store::{Object, ObjectKeys, StoreError, Unit};
use workflow::Problem;

impl Collection<'_> {
    /// What was sent, checked and completed. `before` is the object as it is, if there is one.
    ///
    /// # Errors
    /// `Problems` with all that is wrong; `Refused` if a field is guarded against the caller.
    pub(crate) async fn completed(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        before: Option<&Object>,
        sent: &Value,
    ) -> Result<Value, StoreError> {
        let is_checked_by_code = self.installed.module().checks(&self.object_type.collection);
        if !is_checked_by_code {
            self.refuse(self.problems_of(caller, sent))?;
        }
        self.refuse_guarded(caller, before, sent)?;
        let data = compute::completed(unit, &self.schema.keywords, sent)?;
        let saving = Saving {
            company: &caller.company,
            collection: &self.object_type.collection,
            by: &caller.person.id,
            before,
            data: &data,
        };
        let made = self.installed.module().compute(unit, &saving).await?;
        let is_made_by_code = made != data;
        let data = self.accepted(&caller.person.roles, &data, made)?;
        let is_unchecked = self.schema.completes() || caller.is_module();
        if is_unchecked && !is_checked_by_code && !is_made_by_code {
            self.refuse(self.schema.problems(&data))?;
        }
        let saving = Saving { data: &data, ..saving };
        let mut problems = money::problems(&self.schema.keywords, &data);
        problems.extend(named::problems(unit, &caller.company, &self.schema.keywords, before, &data).await?);
        problems.extend(self.installed.module().validate(unit, &saving).await?);
        self.refuse(problems)?;
        Ok(data)
    }

    /// What code has made of an object, if it fits the schema, and if no field is another that is guarded against the caller.
    pub(super) fn accepted(&self, roles: &[String], given: &Value, made: Value) -> Result<Value, StoreError> {
        if made == *given || self.installed.module().checks(&self.object_type.collection) {
            return Ok(made);
        }
        let misfits = self.schema.problems(&made).into_iter();
        let guarded = self.guarded(roles, Some(given), &made).into_iter();
        let module = &self.installed.manifest.name;
        let told = |Problem { pointer, message, .. }: Problem| {
            let message =
                format!("the module {module} could not do its part: what its code made does not fit: {message}");
            Problem::new(pointer, "module-failed", message)
        };
        self.refuse(misfits.chain(guarded).map(told).collect())?;
        Ok(made)
    }

    /// A module may give what is made here, too; what is complete is checked later.
    fn problems_of(&self, caller: &Caller, sent: &Value) -> Vec<Problem> {
        let mut problems = if caller.is_module() { Vec::new() } else { self.schema.problems_of_sent(sent) };
        problems.extend(direction_problems(sent));
        problems
    }

    fn refuse(&self, mut problems: Vec<Problem>) -> Result<(), StoreError> {
        problems.truncate(MOST_PROBLEMS);
        if problems.is_empty() { Ok(()) } else { Err(StoreError::Problems(problems)) }
    }

    /// Refuses a change of a field that only others may make. Setting it on a new object is one.
    fn refuse_guarded(&self, caller: &Caller, before: Option<&Object>, sent: &Value) -> Result<(), StoreError> {
        let problems = self.guarded(&caller.person.roles, before.map(|before| &before.data), sent);
        if problems.is_empty() { Ok(()) } else { Err(StoreError::Guarded(problems)) }
    }

    /// The fields that differ and that nobody of these roles changes.
    fn guarded(&self, roles: &[String], before: Option<&Value>, after: &Value) -> Vec<Problem> {
        let guarded = self.schema.keywords.guarded.iter();
        let changed = guarded.filter(|(path, _)| before.and_then(|before| path.value(before)) != path.value(after));
        let refused = changed.filter(|(_, needed)| !self.catalogue.allows(roles, needed));
        let problem = |(path, needed): &(super::schema::FieldPath, String)| {
            Problem::new(path.pointer(), "guarded", format!("changing it needs the permission \"{needed}\""))
        };
        refused.map(problem).collect()
    }

    /// The keys of an object. `Problems` if another has one that must be its own.
    pub(super) async fn keys(
        &self,
        unit: &mut Unit,
        company: &str,
        id: Option<&str>,
        data: &Value,
    ) -> Result<ObjectKeys, StoreError> {
        let keys = keys::of(&self.schema.keywords, data);
        let problems = unique::problems(unit, company, &self.kind(), id, &self.schema.keywords, &keys).await?;
        self.refuse(problems)?;
        Ok(keys)
    }
}
