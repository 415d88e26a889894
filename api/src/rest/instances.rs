//! Instances: where one stands, whom or what it waits for, and how it came to this.

use super::history::history;
use super::moment::rfc3339;
use super::params::{At, Params};
use super::sight::Seen;
use super::waiting::{open, votes, waiting_for};
use crate::auth::{Authenticated, is_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};
use store::Session;
use workflow::{ClosedApproval, Instance, Status, next_due};

/// `GET /api/v1/{company}/instances/{id}`
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, id)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    let seen = Seen::read(&mut reader, &state.registry, &caller, &id).await?;
    Ok(Json(document(&mut reader, &seen, is_admin(&caller)).await?))
}

/// `GET /api/v1/{company}/instances/{id}/history`
pub(crate) async fn read_history(
    State(state): State<AppState>,
    At((_, id)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let params = Params::read(&uri, &["after", "limit"])?;
    let (after, limit) = (params.after()?, params.limit()?);
    let mut reader = state.store.read().await?;
    let seen = Seen::read(&mut reader, &state.registry, &caller, &id).await?;
    let all = history(&mut reader, &caller.company, &seen.transitions, is_admin(&caller)).await?;
    let (from, end) = (usize::try_from(after).unwrap_or(usize::MAX).min(all.len()), all.len());
    let until = from.saturating_add(limit as usize).min(end);
    let items = all.get(from..until).unwrap_or_default();
    Ok(Json(json!({ "items": items, "next": (until < end).then_some(until) })))
}

async fn document(session: &mut Session, seen: &Seen, is_admin: bool) -> Result<Value, ProblemDetails> {
    let Seen { instance, definition, transitions, requester, subject } = seen;
    let dead = session.dead_effects_of(&instance.company, &instance.id).await?;
    let history = history(session, &instance.company, transitions, is_admin).await?;
    let approvals = open(definition, instance);
    let mut document = json!({
        "id": instance.id,
        "definition": instance.definition,
        "version": instance.version,
        "status": instance.status_name(),
        "state": state(instance),
        "since": since(instance).map(rfc3339),
        "started_at": transitions.first().map(|first| rfc3339(first.event.at)),
        "requester": requester,
        "subject": subject,
        "next_due": next_due(definition, instance).map(rfc3339),
        "waiting_for": waiting_for(definition, instance, &dead),
        "approval": approvals.first(),
        "approvals": approvals,
        "closed": instance.closed.iter().map(closed).collect::<Vec<_>>(),
    });
    ending(instance, &mut document);
    if let Some(running) = instance.running().filter(|_| is_admin) {
        document["variables"] = json!(running.branch.variables);
    }
    document["history"] = json!(history);
    Ok(document)
}

/// The state it stands in, or in which it failed.
pub(crate) fn state(instance: &Instance) -> Option<&str> {
    match &instance.status {
        Status::Running(running) => Some(&running.branch.state),
        Status::Failed { state, .. } => Some(state),
        _ => None,
    }
}

/// Since when it stands there.
fn since(instance: &Instance) -> Option<i64> {
    match &instance.status {
        Status::New => None,
        Status::Running(running) => {
            let opened = instance.open_approvals().map(|(_, open)| open.opened_at).next();
            Some(opened.unwrap_or(running.branch.entered_at))
        }
        Status::Succeeded { at, .. } | Status::Failed { at, .. } | Status::Cancelled { at, .. } => Some(*at),
    }
}

/// How it ended.
fn ending(instance: &Instance, document: &mut Value) {
    match &instance.status {
        Status::New | Status::Running(_) => {}
        Status::Succeeded { output, .. } => document["output"] = output.clone(),
        Status::Failed { error, cause, .. } => document["error"] = json!({ "error": error, "cause": cause }),
        Status::Cancelled { reason, .. } => document["reason"] = json!(reason),
    }
}

fn closed(closed: &ClosedApproval) -> Value {
    json!({
        "state": closed.state,
        "activity": closed.approval.activity,
        "round": closed.approval.round,
        "title": closed.approval.title,
        "outcome": closed.outcome,
        "by_escalation": closed.by_escalation,
        "opened_at": rfc3339(closed.approval.opened_at),
        "closed_at": rfc3339(closed.closed_at),
        "votes": votes(&closed.approval),
    })
}
