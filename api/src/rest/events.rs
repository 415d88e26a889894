//! What modules publish, as CloudEvents 1.0, from any place in the log.

use super::params::Params;
use crate::auth::{Authenticated, is_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use modules::{Caller, Catalogue, cloud_event};
use serde_json::{Value, json};
use store::{EventTypes, PublishedEvent};

/// So far one request goes through the log when it wants events of some types only.
const FAR: u64 = 10_000;

/// `GET /api/v1/{company}/events?after=&limit=&type=`
///
/// `next` is the `after` of the next call, also when nothing new is there. Events that the caller may not see are left
/// out; `next` counts them nevertheless. With `type`, a page may have fewer events than there are: whoever follows `next`
/// until it stays gets them all.
pub(crate) async fn list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let params = Params::read(&uri, &["after", "limit", "type"])?;
    let (after, limit) = (params.after()?, params.limit()?);
    let types = EventTypes::read(params.text("type")?.unwrap_or("*"));
    let mut reader = state.store.read().await?;
    let end = reader.last_event(&caller.company).await?.min(after.saturating_add(FAR));
    let events = reader.published_of(&caller.company, &types, (after, end), limit).await?;
    drop(reader);
    let full = events.len() >= limit as usize;
    let next = if full { events.last().map_or(after, |last| last.seq) } else { end.max(after) };
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
