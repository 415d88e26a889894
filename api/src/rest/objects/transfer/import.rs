//! `POST /api/v1/{company}/{module}/{collection}/import?format=csv|jsonl&mode=create|upsert&key=FIELD&preview=true&partial=true`

use super::super::guard;
use super::run::Run;
use super::wish::Wish;
use super::{MAX_BYTES, answer};
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::idempotency::request_key;
use crate::rest::params::At;
use crate::rest::post::Post;
use crate::state::AppState;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use modules::Operation;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Makes objects of the rows of a file, or changes those that are there.
pub(crate) async fn import(
    State(state): State<AppState>,
    At((_, module, collection)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    request: Request,
) -> Result<Response, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let found = guard(&catalogue, &caller, (&module, &collection), Operation::Create)?;
    let wish = Wish::read(request.uri())?;
    if wish.changes && found.object_type.permission(Operation::Update).is_none() {
        return Err(ProblemDetails::parameter("mode", "value", "must be create: nobody changes such objects"));
    }
    if wish.changes {
        guard(&catalogue, &caller, (&module, &collection), Operation::Update)?;
    }
    let mode = wish.mode(&found.schema.keywords)?;
    let permit = permit(&state)?;
    let is_followed = accepts_lines(request.headers());
    let post = Post::of_at_most(request, &state, MAX_BYTES).await?;
    Wish::refuse_other_types(&post.media_type())?;
    let key = if wish.preview { None } else { request_key(&caller, &post) };
    let text = post.text()?.to_owned();
    let run = Run { state, caller, catalogue, module, collection, mode, wish, key, text };
    Ok(answer::of(run, permit, is_followed).await)
}

/// Whether the client wants to hear how far it is.
fn accepts_lines(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|list| list.split(',')).any(|kind| kind.trim().starts_with("application/jsonl"))
}

/// Files are held in memory while they are imported, so there are few of them at once.
fn permit(state: &AppState) -> Result<OwnedSemaphorePermit, ProblemDetails> {
    let busy = |_| ProblemDetails::unavailable("other files are being imported; send this one when they are done");
    Arc::clone(&state.imports).try_acquire_owned().map_err(busy)
}
