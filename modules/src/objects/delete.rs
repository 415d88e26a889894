//! Deleting an object: nobody finds it any more, its revisions stay.

use super::{Caller, Collection, Target, refuse_unless_seen};
use crate::manifest::ObjectChange;
use store::{StoreError, Unit};

impl Collection<'_> {
    /// Deletes an object.
    pub async fn delete(&self, unit: &mut Unit, caller: &Caller, target: &Target) -> Result<(), StoreError> {
        let company = caller.company.as_str();
        let object = unit.object(company, &self.kind(), &target.id).await?;
        refuse_unless_seen(&object, &target.seen)?;
        self.refuse_while_running(unit, company, &object).await?;
        self.installed.module().before_delete(unit, company, &object).await?;
        unit.delete_object(company, &object, &caller.person.id).await?;
        self.tell(unit, (company, &caller.person.id), ObjectChange::Deleted, None, &object).await
    }
}
