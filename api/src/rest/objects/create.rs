//! `POST /api/v1/{company}/{module}/{collection}`

use super::{guard, object_json, segment};
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::etag;
use crate::rest::idempotency::{Answer, once};
use crate::rest::params::{At, Params};
use crate::rest::post::Post;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::{Creating, Operation};
use serde_json::Value;

/// Makes an object, and starts its workflow.
pub(crate) async fn create(
    State(state): State<AppState>,
    At((_, module, collection)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Response, ProblemDetails> {
    Params::none(&uri)?;
    let catalogue = state.catalogue(&caller.company).await?;
    guard(&catalogue, &caller, (&module, &collection), Operation::Create)?;
    let creating = Creating { module, collection, data: post.json()? };
    let (registry, by) = (state.registry.clone(), caller.clone());
    let answered = once(&state, &caller, &post, move |unit| {
        let (registry, by, creating) = (registry.clone(), by.clone(), creating.clone());
        Box::pin(async move {
            let object = registry.create(unit, &by, &creating).await?;
            let body = object_json(unit, &by.company, &object).await?;
            Ok(Answer { status: StatusCode::CREATED, body })
        })
    });
    let answered = answered.await.map_err(taken)?;
    let headers = made_headers(&caller.company, answered.text());
    Ok((headers, answered).into_response())
}

/// What a conflict means where nothing is there yet.
fn taken(problem: ProblemDetails) -> ProblemDetails {
    match problem.code {
        "conflict" => ProblemDetails { detail: "there is one with this id or number already".to_owned(), ..problem },
        _ => problem,
    }
}

/// `Location` and `ETag`, from the document itself, so that a replayed answer has them too.
fn made_headers(company: &str, text: &str) -> HeaderMap {
    let made: Value = serde_json::from_str(text).unwrap_or_default();
    let part = |name: &str| made.get(name).and_then(Value::as_str).unwrap_or_default();
    let location = format!("/api/v1/{company}/{}/{}", part("kind"), segment(part("id")));
    let headers: [(HeaderName, String); 2] =
        [(header::LOCATION, location), (header::ETAG, etag::of_object(&made, text))];
    headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?))).collect()
}
