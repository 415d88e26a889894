//! `GET .../{id}/revisions` and `GET .../{id}/revisions/{revision}`: what an object was, and who made it so.

use super::guard;
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::moment::rfc3339;
use crate::rest::params::{At, Params, cursor};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use modules::Operation;
use serde_json::{Value, json};
use store::Revision;

/// The revisions of an object, the latest first. Those of one that was deleted are still there.
pub(crate) async fn list(
    State(state): State<AppState>,
    At((_, module, collection, id)): At<(String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let kind = guard(&catalogue, &caller, (&module, &collection), Operation::Read)?.kind();
    let params = Params::read(&uri, &["limit", "cursor"])?;
    let limit = params.limit()?;
    let wrong =
        || ProblemDetails::parameter("cursor", "cursor", "is not the \"next\" of a page; leave it out to begin anew");
    let before = params.cursor()?.map(|text| text.parse().map_err(|_| wrong())).transpose()?;
    let mut reader = state.store.read().await?;
    // One more than is shown tells whether there is a next page.
    let mut found = reader.revisions(&caller.company, &kind, &id, before, limit + 1).await?;
    if found.is_empty() && before.is_none() {
        return Err(ProblemDetails::not_found(format!("there is no object \"{id}\"")));
    }
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|last| cursor(&last.revision.to_string()));
    let items: Vec<Value> = found.iter().map(shown).collect();
    Ok(Json(json!({ "items": items, "next": next })))
}

/// A revision.
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, module, collection, id, revision)): At<(String, String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let kind = guard(&catalogue, &caller, (&module, &collection), Operation::Read)?.kind();
    Params::none(&uri)?;
    let missing = || ProblemDetails::not_found(format!("there is no revision \"{revision}\" of \"{id}\""));
    let number: u64 = revision.parse().ok().filter(|number| i64::try_from(*number).is_ok()).ok_or_else(missing)?;
    let found = state.store.read().await?.revision(&caller.company, &kind, &id, number).await?;
    Ok(Json(shown(&found)))
}

fn shown(revision: &Revision) -> Value {
    let Revision { revision, at, by, data, deleted } = revision;
    json!({ "revision": revision, "at": rfc3339(*at), "by": by, "deleted": deleted, "data": data })
}
