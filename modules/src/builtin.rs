//! The resources that every module has.

use crate::catalogue::Catalogue;
use crate::objects::own_task;
use serde_json::{Value, json};
use store::{Call, StoreError, TaskError, Unit};

/// Done within the commit.
pub(crate) const INLINE: [&str; 6] =
    ["event.publish", "object.create", "object.find", "object.set_status", "object.update", "task.echo"];
/// Done by the core and the store themselves.
pub(crate) const CORE: [&str; 3] = ["signal.wait", "workflow.run", "workflow.start"];
/// Done by a worker.
pub(crate) const ACTIONS: [&str; 1] = ["mail.send"];

/// Whether every module may name this resource.
pub(crate) fn has(resource: &str) -> bool {
    INLINE.iter().chain(&CORE).chain(&ACTIONS).any(|known| *known == resource)
}

pub(crate) async fn call(
    catalogue: &Catalogue,
    unit: &mut Unit,
    call: Call,
) -> Result<Result<Value, TaskError>, StoreError> {
    match call.resource.as_str() {
        "event.publish" => publish(catalogue, unit, &call).await,
        "object.create" | "object.find" | "object.update" => own_task(unit, &call).await,
        "object.set_status" => set_status(unit, &call).await,
        // A task that does nothing: what it is given is its result.
        "task.echo" => Ok(Ok(call.arguments)),
        other => Ok(Err(TaskError::new("States.TaskFailed", format!("there is no code for {other}")))),
    }
}

/// `{type, subject, data}`.
async fn publish(catalogue: &Catalogue, unit: &mut Unit, call: &Call) -> Result<Result<Value, TaskError>, StoreError> {
    let (Some(kind), Some(subject)) = (text(call, "type"), text(call, "subject")) else {
        return Ok(Err(TaskError::new("Event.Invalid", "event.publish needs the texts type and subject")));
    };
    if let Some(why) = unpublishable(catalogue, call, (kind, subject)) {
        return Ok(Err(TaskError::new("Event.Invalid", why)));
    }
    let data = call.arguments.get("data").cloned().unwrap_or(Value::Null);
    if let Some(misfit) = catalogue.event_misfit(kind, &data) {
        return Ok(Err(TaskError::new("Event.Invalid", misfit)));
    }
    unit.publish(&call.company, kind, subject, &data).await?;
    Ok(Ok(json!({ "published": kind })))
}

/// Why a workflow does not publish events of this type, or about this subject. A type that an expression makes is seen here
/// first. Workflows of no module are the company's own.
fn unpublishable(catalogue: &Catalogue, call: &Call, (kind, subject): (&str, &str)) -> Option<String> {
    // Databases differ in what they make of control characters.
    for (name, text) in [("type", kind), ("subject", subject)] {
        if text.chars().any(char::is_control) {
            return Some(format!("event.publish: the {name} has a control character; leave it out"));
        }
    }
    let module = call.definition.split_once('/')?.0;
    let (installed, _) = catalogue.all().into_iter().find(|(installed, _)| installed.manifest.name == module)?;
    if installed.manifest.event_types().any(|known| known == kind) {
        return None;
    }
    Some(format!("the manifest of {module} does not say that it publishes {kind}; add it under publishes"))
}

/// `{kind, id, status}`.
async fn set_status(unit: &mut Unit, call: &Call) -> Result<Result<Value, TaskError>, StoreError> {
    let (Some(kind), Some(id), Some(status)) = (text(call, "kind"), text(call, "id"), text(call, "status")) else {
        return Ok(Err(TaskError::new("Object.Invalid", "object.set_status needs the texts kind, id and status")));
    };
    match unit.set_object_status(&call.company, kind, id, status).await {
        Ok(()) => Ok(Ok(json!({ "status": status }))),
        Err(StoreError::Missing { .. }) => {
            Ok(Err(TaskError::new("Object.Missing", format!("there is no {kind} {id}"))))
        }
        Err(error) => Err(error),
    }
}

fn text<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    call.arguments.get(name).and_then(Value::as_str)
}
