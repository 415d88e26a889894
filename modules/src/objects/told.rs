//! The events that tell of objects: `travel.trip.created`, `.updated`, `.deleted`, as far as the manifest wants them.

use super::Collection;
use crate::manifest::ObjectChange;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use store::{Object, StoreError, Unit};
use workflow::Problem;
use workflow::definition::below;

impl Collection<'_> {
    /// Publishes an event about an object, with its data as it is; that of a deletion says only what it was.
    pub(super) async fn tell(
        &self,
        unit: &mut Unit,
        (company, by): (&str, &str),
        change: ObjectChange,
        before: Option<&Object>,
        object: &Object,
    ) -> Result<(), StoreError> {
        let Some(kind) = self.object_type.event(&self.installed.manifest.name, change) else { return Ok(()) };
        let subject = format!("{}/{}", object.kind, object.id);
        let data = said(by, change, before, object);
        if let Some(misfit) = self.catalogue.event_misfit(&kind, &data) {
            let message = format!("the module {} could not do its part: {misfit}", self.installed.manifest.name);
            return Err(StoreError::Problems(vec![Problem::new("", "module-failed", message)]));
        }
        unit.publish(company, &kind, &subject, &data).await
    }
}

fn said(by: &str, change: ObjectChange, before: Option<&Object>, object: &Object) -> Value {
    let Object { id, number, revision, status, data, .. } = object;
    let revision = if change == ObjectChange::Deleted { revision + 1 } else { *revision };
    let mut said = json!({ "id": id, "number": number, "revision": revision, "status": status, "by": by });
    if change != ObjectChange::Deleted {
        said["data"] = data.clone();
    }
    if let Some(before) = before {
        said["changed"] = json!(changed(&before.data, data));
    }
    said
}

/// The fields of the object itself that differ, as JSON pointers.
fn changed(before: &Value, after: &Value) -> Vec<String> {
    let none = Map::new();
    let (before, after) = (before.as_object().unwrap_or(&none), after.as_object().unwrap_or(&none));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != after.get(*name)).map(|name| below("", name)).collect()
}
