//! `GET /api/v1/{company}/{module}/{collection}`

use super::query::Listing;
use super::{guard, object_json};
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::params::At;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use modules::Operation;
use serde_json::{Value, json};

/// A page of objects.
pub(crate) async fn list(
    State(state): State<AppState>,
    At((_, module, collection)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let found = guard(&catalogue, &caller, (&module, &collection), Operation::Read)?;
    let (kind, listing) = (found.kind(), Listing::read(&uri, &found.schema.keywords)?);
    let mut reader = state.store.read().await?;
    let mut objects = reader.find_objects(&caller.company, &kind, &listing.search).await?;
    // One more than is shown was looked for, which tells whether there is a next page.
    let more = objects.len() > listing.limit;
    objects.truncate(listing.limit);
    let next = objects.last().filter(|_| more).map(|last| listing.cursor(&last.place));
    let mut items = Vec::with_capacity(objects.len());
    for found in &objects {
        items.push(listing.fields.of(object_json(&mut reader, &caller.company, &found.object).await?));
    }
    Ok(Json(json!({ "items": items, "next": next })))
}
