//! Deleting for good what a module has left behind. There is no way back, so there are no undos: what was interrupted goes
//! on, and what has failed is asked for once more.

use super::change::Change;
use super::standing::Standing;
use super::worker::unread;
use crate::action::{Action, ActionError};
use futures::FutureExt;
use serde_json::{Value, json};
use store::{LeftBehind, Session, StoreError, Unit};

/// So many objects within one commit.
const AT_ONCE: u32 = 100;
/// So many commits each time the step is taken.
const COMMITS: usize = 20;

impl Standing {
    /// What would be deleted.
    ///
    /// # Errors
    /// `Refused` while the module is installed or workflows of it are under way; `Missing` if there is nothing of it.
    pub(super) async fn purged(
        &self,
        session: &mut Session,
        company: &str,
        change: &Change,
    ) -> Result<LeftBehind, StoreError> {
        let module = &change.module;
        if self.find(module).is_some() {
            let sentence =
                format!("{module} is installed; uninstall it first, which keeps its data until it is purged");
            return Err(StoreError::refused("installed", sentence));
        }
        if !session.running_of(company, module, "", 1).await?.is_empty() {
            let sentence = format!("workflows of {module} are under way; cancel them or wait for their end");
            return Err(StoreError::refused("workflows-running", sentence));
        }
        let left = session.left_behind(company, module).await?;
        if left == LeftBehind::default() {
            return Err(StoreError::Missing { what: "data of a module", id: module.clone() });
        }
        Ok(left)
    }
}

/// What somebody must agree to, a sentence each.
pub(super) fn sentences(module: &str, left: &LeftBehind) -> Vec<String> {
    let LeftBehind { objects, revisions, attachments, documents, configurations, packages } = left;
    let mut told = vec![format!(
        "{objects} objects of {module} are deleted for good, with {revisions} revisions, {attachments} attachments and \
         {documents} documents; what tells of them stays: workflows, events and the history of what was installed"
    )];
    if *configurations > 0 {
        told.push(format!("{configurations} versions of the configuration of {module} are deleted for good"));
    }
    if *packages > 0 {
        told.push(format!("{packages} packages of {module} are forgotten; send one again to install it"));
    }
    told
}

pub(super) async fn act(action: &Action<'_>) -> Result<Value, ActionError> {
    let text = |name: &str| action.arguments.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (module, by) = (text("module"), text("by"));
    let mut deleted = action.arguments.get("deleted").and_then(Value::as_u64).unwrap_or_default();
    for _ in 0..COMMITS {
        let (company, instance) = (action.company.to_owned(), action.instance.to_owned());
        let (module, by) = (module.clone(), by.clone());
        let work = action.store.write(move |unit| {
            let (company, instance, module, by) = (company.clone(), instance.clone(), module.clone(), by.clone());
            async move { next(unit, (&company, &module), (&instance, &by)).await }.boxed()
        });
        let count = work.await.map_err(unread)?;
        deleted += count;
        if count == 0 {
            return Ok(json!({ "deleted": deleted, "done": true }));
        }
    }
    Ok(json!({ "deleted": deleted, "done": false }))
}

/// The next objects. Only for the change that is under way, and only while the module is not installed: a worker that was
/// slow may come when it is over.
async fn next(
    unit: &mut Unit,
    (company, module): (&str, &str),
    (instance, by): (&str, &str),
) -> Result<u64, StoreError> {
    let last = unit.last_operation(company).await?;
    let (running, _) = unit.instance(company, instance).await?;
    if last.is_none_or(|last| last.instance != instance) || running.running().is_none() {
        return Err(StoreError::refused("over", "this change is over"));
    }
    unit.begin_purge(company, module, instance, by).await?;
    let count = unit.purge_objects(company, module, AT_ONCE).await?;
    if count == 0 {
        unit.forget_data_versions(company, module).await?;
    }
    Ok(count)
}
