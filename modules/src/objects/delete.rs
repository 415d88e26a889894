//! Deleting an object: nobody finds it any more, its revisions stay.

use super::{Caller, Collection, Target, refuse_unless_seen};
use crate::installed::Installed;
use crate::manifest::ObjectChange;
use store::{KeyOf, Object, StoreError, Unit, text_key};

/// So many that name an object are told.
const MOST_NAMING: usize = 3;

impl Collection<'_> {
    /// Deletes an object.
    pub async fn delete(&self, unit: &mut Unit, caller: &Caller, target: &Target) -> Result<(), StoreError> {
        let company = caller.company.as_str();
        let object = unit.object(company, &self.kind(), &target.id).await?;
        refuse_unless_seen(&object, &target.seen)?;
        self.refuse_while_running(unit, company, &object).await?;
        self.refuse_while_named(unit, company, &object).await?;
        self.installed.module().before_delete(unit, company, &object).await?;
        unit.delete_object(company, &object, &caller.person.id).await?;
        self.tell(unit, (company, &caller.person.id), ObjectChange::Deleted, None, &object).await
    }

    /// Refuses to delete what others name in a field by which they are found.
    async fn refuse_while_named(&self, unit: &mut Unit, company: &str, object: &Object) -> Result<(), StoreError> {
        let mut naming = Vec::new();
        for (kind, field) in self.naming_fields() {
            let key = KeyOf { value: text_key(&object.id), field };
            let limit = MOST_NAMING as u32 + 1;
            let found = unit.objects_by_key(company, &kind, &key, limit).await?;
            let others = found.into_iter().filter(|id| kind != object.kind || *id != object.id);
            naming.extend(others.map(|id| format!("{kind}/{id} ({})", key.field)));
            if naming.len() > MOST_NAMING {
                break;
            }
        }
        if naming.is_empty() {
            return Ok(());
        }
        let more = if naming.len() > MOST_NAMING { " and others" } else { "" };
        naming.truncate(MOST_NAMING);
        let sentence =
            format!("it is named by {}{more}; delete them first, or have them name another", naming.join(", "));
        Err(StoreError::refused("named-by-others", sentence))
    }

    /// The kinds that name objects of this one in a field by which they are found, with the field. Looked for in this
    /// module and in those that need it.
    fn naming_fields(&self) -> Vec<(String, String)> {
        let (kind, module) = (self.kind(), &self.installed.manifest.name);
        let needs = |other: &Installed| other.manifest.requires.modules.iter().any(|needed| needed.name == *module);
        let near = self.catalogue.modules().iter().filter(|other| other.manifest.name == *module || needs(other));
        let mut found = Vec::new();
        for other in near {
            for object in &other.manifest.objects {
                let Some(schema) = other.object_schema(&object.collection) else { continue };
                let naming = schema.keywords.references.iter().filter(|reference| reference.kind == kind);
                let indexed = naming.filter(|one| schema.keywords.indexes.iter().any(|index| index.path == one.path));
                let named = |path: String| (format!("{}/{}", other.manifest.name, object.collection), path);
                found.extend(indexed.map(|one| named(one.path.to_string())));
            }
        }
        found
    }
}
