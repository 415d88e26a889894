//! What every save has in common: what was sent is checked and completed, and what is complete is checked again.

use super::{Caller, Collection, compute, keys, money, named, unique};
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
    pub(super) async fn completed(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        before: Option<&Object>,
        sent: &Value,
    ) -> Result<Value, StoreError> {
        let is_checked_by_code = self.installed.module().checks(&self.object_type.collection);
        if !is_checked_by_code {
            self.refuse(self.problems_of_sent(sent))?;
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
        let data = self.installed.module().compute(&saving).map_err(StoreError::Problems)?;
        if self.schema.completes() && !is_checked_by_code {
            self.refuse(self.schema.problems(&data))?;
        }
        let saving = Saving { data: &data, ..saving };
        let mut problems = money::problems(&self.schema.keywords, &data);
        problems.extend(named::problems(unit, &caller.company, &self.schema.keywords, before, &data).await?);
        problems.extend(self.installed.module().validate(unit, &saving).await?);
        self.refuse(problems)?;
        Ok(data)
    }

    fn problems_of_sent(&self, sent: &Value) -> Vec<Problem> {
        let mut problems = self.schema.problems_of_sent(sent);
        problems.extend(direction_problems(sent));
        problems
    }

    fn refuse(&self, problems: Vec<Problem>) -> Result<(), StoreError> {
        if problems.is_empty() { Ok(()) } else { Err(StoreError::Problems(problems)) }
    }

    /// Refuses a change of a field that only others may make. Setting it on a new object is one.
    fn refuse_guarded(&self, caller: &Caller, before: Option<&Object>, sent: &Value) -> Result<(), StoreError> {
        let guarded = self.schema.keywords.guarded.iter();
        let changed =
            guarded.filter(|(path, _)| before.and_then(|before| path.value(&before.data)) != path.value(sent));
        let refused = changed.filter(|(_, needed)| !self.catalogue.allows(&caller.person.roles, needed));
        let problem = |(path, needed): &(_, String)| {
            let path: &super::schema::FieldPath = path;
            Problem::new(path.pointer(), "guarded", format!("changing it needs the permission \"{needed}\""))
        };
        let problems: Vec<Problem> = refused.map(problem).collect();
        if problems.is_empty() { Ok(()) } else { Err(StoreError::Guarded(problems)) }
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
