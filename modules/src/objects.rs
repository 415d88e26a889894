//! Making business objects: checked, completed, numbered, stored and handed to their workflow in one unit of work.

use crate::module::{Draft, Prepared, Workflow};
use crate::registry::Registry;
use crate::text::direction_problems;
use serde_json::{Value, json};
use store::{NewInstance, NewObject, Object, Person, StoreError, Unit};
use workflow::{Actor, Channel, Subject};

/// Who calls, and how that is known.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The company.
    pub company: String,
    /// The person.
    pub person: Person,
    /// How the person was recognised.
    pub through: Channel,
}

impl Caller {
    /// The caller as the history names it.
    pub fn actor(&self) -> Actor {
        Actor::Person { id: self.person.id.clone(), through: self.through }
    }
}

/// An object to be made.
#[derive(Debug, Clone)]
pub struct Creating {
    /// The module.
    pub module: String,
    /// The collection.
    pub collection: String,
    /// What was sent.
    pub data: Value,
}

impl Registry {
    /// Makes an object, and starts the workflow that decides on it.
    pub async fn create(&self, unit: &mut Unit, caller: &Caller, creating: &Creating) -> Result<Object, StoreError> {
        let Creating { module, collection, data } = creating;
        let missing = || StoreError::Missing { what: "collection", id: format!("{module}/{collection}") };
        let catalogue = self.of(unit, &caller.company).await?;
        if let Some(sentence) = catalogue.refuses_new(module) {
            return Err(StoreError::refused("module-disabled", sentence));
        }
        let (installed, _) = catalogue.object_type(module, collection).ok_or_else(missing)?;
        if !installed.module().checks(collection) {
            let mut problems = installed.problems(collection, data);
            problems.extend(direction_problems(data));
            if !problems.is_empty() {
                return Err(StoreError::Problems(problems));
            }
        }
        let draft = Draft { company: &caller.company, collection, by: &caller.person.id, data };
        let prepared = installed.module().prepare(unit, draft).await?;
        store(unit, caller, format!("{module}/{collection}"), prepared).await
    }
}

async fn store(unit: &mut Unit, caller: &Caller, kind: String, prepared: Prepared) -> Result<Object, StoreError> {
    let Prepared { id, data, status, number, workflow } = prepared;
    let id = id.unwrap_or_else(|| unit.new_id());
    let new = NewObject { kind, id, status, number, data, by: caller.person.id.clone() };
    let object = unit.insert_object(&caller.company, &new).await?;
    match workflow {
        None => Ok(object),
        Some(workflow) => start(unit, caller, object, workflow).await,
    }
}

async fn start(unit: &mut Unit, caller: &Caller, object: Object, workflow: Workflow) -> Result<Object, StoreError> {
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
        requester: Some(caller.person.id.clone()),
        subject: Some(Subject { kind: object.kind.clone(), id: object.id.clone() }),
    };
    let instance = unit.start(caller.actor(), new).await?;
    unit.set_object_instance(&caller.company, &object.kind, &object.id, &instance.id).await?;
    // The first steps of the workflow may have moved the object on.
    unit.object(&caller.company, &object.kind, &object.id).await
}
