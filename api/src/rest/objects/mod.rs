//! Business objects of every module: make, list, read, change and delete them, and look at what they were.

pub(crate) mod attachments;
mod change;
mod create;
mod fields;
mod guard;
mod list;
mod precondition;
mod query;
mod read;
mod revisions;
pub(crate) mod transfer;

pub(crate) use change::{delete, patch, replace};
pub(crate) use create::create;
pub(crate) use guard::guard;
pub(crate) use list::list;
pub(crate) use read::read;
pub(crate) use revisions::{list as list_revisions, read as read_revision};

use super::moment::rfc3339;
use serde_json::{Value, json};
use store::{Object, Session, StoreError};

/// An object as the API shows it.
pub(crate) async fn object_json(session: &mut Session, company: &str, object: &Object) -> Result<Value, StoreError> {
    let mut document = json!({
        "id": object.id,
        "kind": object.kind,
        "revision": object.revision,
        "status": object.status,
        "number": object.number,
        "instance": object.instance,
        "created_at": rfc3339(object.created_at),
        "created_by": object.created_by,
        "updated_at": rfc3339(object.updated_at),
        "data": object.data,
    });
    if let Some(instance) = &object.instance
        && let Some(approval) = approval(session, company, instance).await?
    {
        document["approval"] = approval;
    }
    Ok(document)
}

/// Where the workflow of an object stands and whom it waits for; nothing once it is over.
async fn approval(session: &mut Session, company: &str, instance: &str) -> Result<Option<Value>, StoreError> {
    let (instance, _) = session.instance(company, instance).await?;
    let Some(running) = instance.running() else { return Ok(None) };
    let since = instance.open_approvals().map(|(_, open)| open.opened_at).next().unwrap_or(running.branch.entered_at);
    let pending = instance.open_approvals().flat_map(|(_, open)| open.pending());
    let names: Vec<&str> = pending.map(|seat| seat.name.as_str()).collect();
    Ok(Some(json!({ "state": running.branch.state, "since": rfc3339(since), "waiting_for": names })))
}

/// A text as one segment of a path (RFC 3986): modules choose ids that may hold any letter.
fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let encoded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encoded).collect()
}
