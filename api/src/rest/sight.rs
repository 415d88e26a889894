//! Which instances somebody may see, and what is known of an instance from its first event on.

use crate::auth::{is_admin, require};
use crate::problem::ProblemDetails;
use modules::{Caller, Catalogue, Registry};
use serde_json::Value;
use std::sync::Arc;
use store::{Session, StoredTransition};
use workflow::{Definition, EventKind, Instance, Subject};

/// An instance that the caller may see, with everything that happened to it.
pub(crate) struct Seen {
    /// The instance.
    pub(crate) instance: Instance,
    /// The version of the definition that it keeps.
    pub(crate) definition: Arc<Definition>,
    /// What happened, in order.
    pub(crate) transitions: Vec<StoredTransition>,
    /// On whose behalf it runs.
    pub(crate) requester: Option<String>,
    /// The object that it is about.
    pub(crate) subject: Option<Subject>,
}

impl Seen {
    /// Reads an instance for somebody.
    ///
    /// # Errors
    /// 404 if the company has none of that id; 403 without the permission to read the object that it is about. An
    /// instance that is about nothing is seen by its requester. Admins see all.
    pub(crate) async fn read(
        session: &mut Session,
        registry: &Registry,
        caller: &Caller,
        id: &str,
    ) -> Result<Self, ProblemDetails> {
        let (instance, definition) = session.instance(&caller.company, id).await?;
        let transitions = session.transitions(&caller.company, id).await?;
        let (requester, subject) = beginning(&transitions);
        let seen = Self { instance, definition, transitions, requester, subject };
        let catalogue = registry.of(session, &caller.company).await?;
        seen.check(&catalogue, caller)?;
        Ok(seen)
    }

    fn check(&self, catalogue: &Catalogue, caller: &Caller) -> Result<(), ProblemDetails> {
        let object_type = self.subject.as_ref().and_then(|subject| catalogue.kind(&subject.kind));
        match object_type {
            _ if is_admin(caller) => Ok(()),
            Some((_, object_type)) => require(catalogue, caller, &object_type.read),
            None if self.requester.as_ref() == Some(&caller.person.id) => Ok(()),
            None => Err(ProblemDetails::forbidden("this workflow is seen by its requester and by the role \"admin\"")),
        }
    }
}

/// Requester and subject as the first event names them. They outlive the execution, whose own state forgets them.
fn beginning(transitions: &[StoredTransition]) -> (Option<String>, Option<Subject>) {
    match transitions.first().map(|first| &first.event.kind) {
        Some(EventKind::Started { input, requester, .. }) => (requester.clone(), subject(input)),
        _ => (None, None),
    }
}

/// The object that started the workflow: `input.object`, as making an object writes it.
fn subject(input: &Value) -> Option<Subject> {
    let part = |name: &str| input.pointer(name).and_then(Value::as_str).map(str::to_owned);
    Some(Subject { kind: part("/object/kind")?, id: part("/object/id")? })
}
