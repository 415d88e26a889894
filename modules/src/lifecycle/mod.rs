//! Changing what a company has installed, by workflows of our own: `definitions/lifecycle/`.
//!
//! A change is planned first ([`Plan`]), and the plan can be shown before anything is done. Then an instance does it, one
//! a company at a time, whose tasks are in here. Those that only touch the store are part of the commit in which they
//! are reached; those that read whole packages are done by a worker. Each step has an undo, so that wherever the service
//! is stopped, what is installed is the old or the new when it is over.

mod begin;
mod change;
mod convert;
mod data;
mod differences;
mod plan;
mod purge;
mod signers;
mod standing;
mod takeover;
mod tasks;
mod tryout;
mod versions;
mod worker;

pub use begin::{Beginning, Begun};
pub use change::{Change, ChangeKind, Offered, RunningWorkflows};
pub use data::{CollectionChange, DataChange};
pub use plan::{Changed, Plan};

use crate::action::{Action, ActionError};
use crate::registry::Registry;
use serde_json::Value;
use store::{Call, StoreError, TaskError, Unit};

/// The first part of the definitions' names.
pub(crate) const DEFINITIONS: &str = "lifecycle";
/// Done within the commit.
const INLINE: [&str; 8] = [
    "module.resolve",
    "module.stage",
    "module.migrate",
    "module.activate",
    "module.running",
    "module.drain",
    "module.cancel",
    "module.undo",
];
/// Done by a worker.
const ACTIONS: [&str; 4] = ["module.verify", "module.convert", "module.health", "module.purge"];

/// Whether a definition of that name changes what a company has installed.
pub fn is_change(definition: &str) -> bool {
    definition.split_once('/').is_some_and(|(module, _)| module == DEFINITIONS)
}

/// Whether it is a task of these workflows that is done within the commit.
pub(crate) fn is_inline(resource: &str) -> bool {
    INLINE.contains(&resource)
}

/// Whether it is a task of these workflows that a worker does.
pub fn is_lifecycle_action(resource: &str) -> bool {
    ACTIONS.contains(&resource)
}

/// Does a task within the commit.
pub(crate) async fn call(
    registry: &Registry,
    unit: &mut Unit,
    call: Call,
) -> Result<Result<Value, TaskError>, StoreError> {
    if let Some(stranger) = stranger(unit, &call.company, &call.instance).await? {
        return Ok(Err(TaskError::new("Module.Refused", stranger)));
    }
    match tasks::call(registry, unit, &call).await {
        Err(StoreError::Refused { sentence, .. }) => Ok(Err(TaskError::new("Module.Refused", sentence))),
        Err(StoreError::Missing { what, id }) => {
            Ok(Err(TaskError::new("Module.Missing", format!("there is no {what} \"{id}\""))))
        }
        other => other.map(Ok),
    }
}

/// Does a task in a worker.
pub async fn act_on_lifecycle(registry: &Registry, action: Action<'_>) -> Result<Value, ActionError> {
    worker::act(registry, &action).await
}

/// Why this instance may not: these tasks are for the one that was begun as a change, whoever else names them.
async fn stranger(unit: &mut Unit, company: &str, instance: &str) -> Result<Option<String>, StoreError> {
    let begun = unit.last_operation(company).await?;
    let is_it = begun.is_some_and(|operation| operation.instance == instance);
    Ok((!is_it).then(|| "this is done only by the change of modules that is under way".to_owned()))
}
