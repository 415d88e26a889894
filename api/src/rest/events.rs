//! What modules publish, as CloudEvents 1.0, from any place in the log.

use super::moment::rfc3339;
use super::params::Params;
use crate::auth::{Authenticated, is_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use modules::{Caller, Catalogue};
use serde_json::{Value, json};
use store::PublishedEvent;

/// `GET /api/v1/{company}/events?after=&limit=`
///
/// `next` is the `after` of the next call, also when nothing new is there. Events that the caller may not see are left
/// out; `next` counts them nevertheless.
pub(crate) async fn list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let params = Params::read(&uri, &["after", "limit"])?;
    let after = params.after()?;
    let events = state.store.read().await?.published(&caller.company, after, params.limit()?).await?;
    let next = events.last().map_or(after, |last| last.seq);
    let source = format!("{}/api/v1/{}", state.settings.base_url, caller.company);
    let catalogue = state.catalogue(&caller.company).await?;
    let seen = events.iter().filter(|event| may_see(&catalogue, &caller, event));
    let items: Vec<Value> = seen.map(|event| cloud_event(&source, event)).collect();
    Ok(Json(json!({ "items": items, "next": next })))
}

/// Whoever may read the object that an event is about; admins read all.
fn may_see(catalogue: &Catalogue, caller: &Caller, event: &PublishedEvent) -> bool {
    let kind = event.subject.rsplit_once('/').and_then(|(kind, _)| catalogue.kind(kind));
    is_admin(caller) || kind.is_some_and(|(_, object_type)| catalogue.allows(&caller.person.roles, &object_type.read))
}

/// `sequence` is CloudEvents' own extension of that name: a text that sorts like the number.
fn cloud_event(source: &str, event: &PublishedEvent) -> Value {
    json!({
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": event.kind,
        "subject": event.subject,
        "time": rfc3339(event.at),
        "datacontenttype": "application/json",
        "sequence": format!("{:020}", event.seq),
        "data": event.data,
    })
}
