//! The steps of a change that read whole packages, which is too long for a commit.

use super::{convert, purge};
use crate::action::{Action, ActionError};
use crate::installed::Installed;
use crate::package::Package;
use crate::registry::Registry;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{ModuleState, StoreError};

pub(super) async fn act(registry: &Registry, action: &Action<'_>) -> Result<Value, ActionError> {
    match action.resource {
        "module.verify" => verify(action).await,
        "module.purge" => purge::act(action).await,
        "module.convert" => convert::act(registry, action).await,
        _ => health(registry, action).await,
    }
}

pub(super) fn unread(error: StoreError) -> ActionError {
    match error {
        StoreError::Missing { .. } | StoreError::Refused { .. } | StoreError::Corrupt(_) => {
            ActionError::give_up("Module.Missing", error)
        }
        other => ActionError::retry("Module.NotRead", other),
    }
}

/// Reads a package as if it had just been sent.
async fn verify(action: &Action<'_>) -> Result<Value, ActionError> {
    let Some(sha256) = action.arguments.get("sha256").and_then(Value::as_str) else {
        return Ok(json!({ "compiled_in": true }));
    };
    let mut reader = action.store.read().await.map_err(unread)?;
    let stored = reader.package(action.company, sha256).await.map_err(unread)?;
    drop(reader);
    let gone = || ActionError::give_up("Module.Missing", "the package is not there any more; send it again");
    let bytes = stored.ok_or_else(gone)?.bytes;
    let invalid = |error: String| ActionError::give_up("Module.Invalid", error);
    let read = move || Package::from_archive(&bytes).and_then(|package| package.manifest());
    let manifest = blocking(read).await?.map_err(|error| invalid(error.to_string()))?;
    Ok(json!({ "module": manifest.name, "version": manifest.version.to_string() }))
}

/// Opens everything of a list that another list has not.
async fn health(registry: &Registry, action: &Action<'_>) -> Result<Value, ActionError> {
    let number = |name: &str| action.arguments.get(name).and_then(Value::as_u64).unwrap_or_default();
    let mut reader = action.store.read().await.map_err(unread)?;
    let before = registry.list(&mut reader, action.company, number("from")).await.map_err(unread)?;
    let after = registry.list(&mut reader, action.company, number("to")).await.map_err(unread)?;
    let mut opened = Vec::new();
    for locked in after.iter().filter(|locked| !before.contains(locked) && locked.state != ModuleState::Disabled) {
        opened.push(registry.locked(&mut reader, action.company, locked).await.map_err(unread)?);
    }
    let catalogue = registry.read(&mut reader, action.company, number("to")).await.map_err(unread)?;
    drop(reader);
    let look = move || -> Vec<String> { opened.iter().flat_map(|installed| ailments(&catalogue, installed)).collect() };
    let ailments = blocking(look).await?;
    if ailments.is_empty() {
        return Ok(json!({ "healthy": true }));
    }
    Err(ActionError::give_up("Module.Unhealthy", ailments.join("; ")))
}

fn ailments(catalogue: &crate::Catalogue, installed: &Arc<Installed>) -> Vec<String> {
    if let Some(broken) = installed.broken() {
        return vec![broken.to_owned()];
    }
    let definitions = installed.workflows().iter();
    let problems = definitions.flat_map(|(name, document)| {
        let problems = catalogue.check_definition(document);
        problems.into_iter().map(move |problem| format!("{name}: {problem}"))
    });
    problems.collect()
}

/// Compiling schemas takes long enough to keep others of the same thread waiting.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ActionError> {
    let stopped = |error| ActionError::retry("Module.Stopped", error);
    tokio::task::spawn_blocking(work).await.map_err(stopped)
}
