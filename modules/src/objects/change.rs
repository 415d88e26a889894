//! Changing an object: another in its place, or a patch of what it is.

use super::schema::without_fields;
use super::{Caller, Collection, Target, merge_patch, refuse_unless_seen};
use crate::manifest::ObjectChange;
use crate::module::{Saved, Saving};
use serde_json::Value;
use store::{Object, StoreError, Unit};

/// What an object is to become.
#[derive(Debug, Clone)]
pub enum Changing {
    /// This.
    Replace(Value),
    /// What it is, changed by a merge patch (RFC 7396).
    Patch(Value),
}

impl Collection<'_> {
    /// Stores the next revision of an object. A change that changes nothing stores nothing.
    pub async fn change(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        target: &Target,
        changing: &Changing,
    ) -> Result<Object, StoreError> {
        let company = caller.company.as_str();
        let before = unit.object(company, &self.kind(), &target.id).await?;
        refuse_unless_seen(&before, &target.seen)?;
        self.refuse_while_running(unit, company, &before).await?;
        let sent = match changing {
            Changing::Replace(data) => data.clone(),
            Changing::Patch(patch) => merge_patch(&self.as_sent(&before), patch),
        };
        let data = self.completed(unit, caller, Some(&before), &sent).await?;
        if data == before.data {
            return Ok(before);
        }
        self.store(unit, (company, &caller.person.id, &caller.person.roles), &before, data).await
    }

    /// Stores what somebody, or a form, has made of an object, with what it is found by.
    pub(crate) async fn store(
        &self,
        unit: &mut Unit,
        (company, by, roles): (&str, &str, &[String]),
        before: &Object,
        data: Value,
    ) -> Result<Object, StoreError> {
        let saving =
            Saving { company, collection: &self.object_type.collection, by, before: Some(before), data: &data };
        let made = self.installed.module().before_save(unit, &saving).await?;
        let data = self.accepted(roles, &data, made)?;
        let keys = self.keys(unit, company, Some(&before.id), &data).await?;
        let after = unit.revise_object(company, &Object { data, ..before.clone() }, by).await?;
        unit.put_object_keys(company, &after.kind, &after.id, &keys).await?;
        let saved = Saved { company, by, before: Some(before), after: &after };
        self.installed.module().after_save(unit, &saved).await?;
        self.tell(unit, (company, by), ObjectChange::Updated, Some(before), &after).await?;
        Ok(after)
    }

    /// An object as it would be sent: without what is made here.
    pub(crate) fn as_sent(&self, object: &Object) -> Value {
        let data = self.installed.module().as_sent(&self.object_type.collection, &object.data);
        without_fields(&data, &self.schema.keywords.made_here)
    }
}
