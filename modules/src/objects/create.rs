//! Making an object, and starting the workflow that decides on it.

use super::{Caller, Collection, compute};
use crate::manifest::ObjectChange;
use crate::module::{Draft, Prepared, Saved, Saving, Workflow};
use serde_json::{Value, json};
use store::{NewInstance, NewObject, Object, StoreError, Unit};
use workflow::{Problem, Subject};

/// What stands in paths where ids do.
const RESERVED: [&str; 2] = ["export", "import"];

impl Collection<'_> {
    /// Makes an object of what was sent, and starts its workflow.
    pub async fn create(&self, unit: &mut Unit, caller: &Caller, sent: &Value) -> Result<Object, StoreError> {
        let data = self.completed(unit, caller, None, sent).await?;
        let (company, collection) = (caller.company.as_str(), self.object_type.collection.as_str());
        let draft = Draft { company, collection, by: &caller.person.id, data: &data };
        let mut prepared = self.installed.module().prepare(unit, draft).await?;
        let saving = Saving { company, collection, by: &caller.person.id, before: None, data: &prepared.data };
        let made = self.installed.module().before_save(unit, &saving).await?;
        prepared.data = self.accepted(&caller.person.roles, &prepared.data, made)?;
        if let Some(id) = prepared.id.as_deref().filter(|id| RESERVED.contains(id)) {
            let message = format!("\"{id}\" is no id: a path of the API ends with it; choose another");
            return Err(StoreError::Problems(vec![Problem::new("", "reserved-id", message)]));
        }
        let keys = self.keys(unit, company, None, &prepared.data).await?;
        let (new, workflow) = self.new_object(unit, caller, prepared);
        let object = unit.insert_object(company, &new).await?;
        unit.add_object_keys(company, &object.kind, &object.id, &keys).await?;
        let saved = Saved { company, by: &caller.person.id, before: None, after: &object };
        self.installed.module().after_save(unit, &saved).await?;
        self.tell(unit, (company, &caller.person.id), ObjectChange::Created, None, &object).await?;
        self.start(unit, caller, object, workflow).await
    }

    fn new_object(&self, unit: &Unit, caller: &Caller, prepared: Prepared) -> (NewObject, Option<Workflow>) {
        let Prepared { id, data, mut status, number, workflow } = prepared;
        if let (None, Some(starts)) = (&workflow, &self.schema.keywords.workflow) {
            status.clone_from(&starts.status);
        }
        let id = id.unwrap_or_else(|| unit.new_id());
        (NewObject { kind: self.kind(), id, status, number, data, by: caller.person.id.clone() }, workflow)
    }

    /// Starts the workflow that the code asks for, else the one that the schema declares.
    async fn start(
        &self,
        unit: &mut Unit,
        caller: &Caller,
        object: Object,
        workflow: Option<Workflow>,
    ) -> Result<Object, StoreError> {
        let workflow = match (workflow, &self.schema.keywords.workflow) {
            (Some(workflow), _) => workflow,
            (None, Some(starts)) => {
                let input = compute::input(unit, starts, &object, &caller.person)?;
                Workflow { definition: starts.definition.clone(), input }
            }
            (None, None) => return Ok(object),
        };
        start(unit, caller, &object, workflow).await?;
        // The first steps of the workflow may have moved the object on.
        unit.object(&caller.company, &object.kind, &object.id).await
    }
}

async fn start(unit: &mut Unit, caller: &Caller, object: &Object, workflow: Workflow) -> Result<(), StoreError> {
    let mut input = workflow.input;
    if let Value::Object(fields) = &mut input {
        let named =
            json!({ "kind": object.kind, "id": object.id, "number": object.number, "revision": object.revision });
        fields.insert("object".to_owned(), named);
    }
    let new = NewInstance {
        company: caller.company.clone(),
        definition: workflow.definition,
        input,
        requester: (!caller.is_module()).then(|| caller.person.id.clone()),
        subject: Some(Subject { kind: object.kind.clone(), id: object.id.clone() }),
    };
    let instance = unit.start(caller.actor(), new).await?;
    unit.set_object_instance(&caller.company, &object.kind, &object.id, &instance.id).await
}
