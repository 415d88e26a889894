//! `PUT`, `PATCH` and `DELETE` of `/api/v1/{company}/{module}/{collection}/{id}`

use super::precondition::seen;
use super::{guard, object_json};
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::etag;
use crate::rest::idempotency::{Answer, once};
use crate::rest::params::{At, Params};
use crate::rest::post::Post;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::{Caller, Changing, Operation, Target};
use serde_json::{Value, json};

type Place = At<(String, String, String, String)>;

/// Puts another in its place.
pub(crate) async fn replace(
    State(state): State<AppState>,
    place: Place,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
    post: Post,
) -> Result<Response, ProblemDetails> {
    let target = target(&state, place, &caller, &uri, &headers, Operation::Update).await?;
    let changing = Changing::Replace(post.json()?);
    change(&state, &caller, post, target, changing).await
}

/// Changes some of it by a merge patch (RFC 7396).
pub(crate) async fn patch(
    State(state): State<AppState>,
    place: Place,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
    post: Post,
) -> Result<Response, ProblemDetails> {
    let target = target(&state, place, &caller, &uri, &headers, Operation::Update).await?;
    let changing = Changing::Patch(post.merge_patch()?);
    change(&state, &caller, post, target, changing).await
}

/// Deletes it. Its revisions stay.
pub(crate) async fn delete(
    State(state): State<AppState>,
    place: Place,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
    post: Post,
) -> Result<Response, ProblemDetails> {
    let target = target(&state, place, &caller, &uri, &headers, Operation::Delete).await?;
    post.nothing()?;
    let (registry, by) = (state.registry.clone(), caller.clone());
    let answered = once(&state, &caller, &post, move |unit| {
        let (registry, by, target) = (registry.clone(), by.clone(), target.clone());
        Box::pin(async move {
            registry.delete(unit, &by, &target).await?;
            Ok(Answer { status: StatusCode::NO_CONTENT, body: json!({}) })
        })
    });
    Ok(answered.await?.into_response())
}

/// The object that is meant, once it is clear that the caller may do this to it and has said what was seen of it.
async fn target(
    state: &AppState,
    At((_, module, collection, id)): Place,
    caller: &Caller,
    uri: &Uri,
    headers: &HeaderMap,
    operation: Operation,
) -> Result<Target, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    guard(&catalogue, caller, (&module, &collection), operation)?;
    Params::none(uri)?;
    Ok(Target { module, collection, id, seen: seen(headers)? })
}

async fn change(
    state: &AppState,
    caller: &Caller,
    post: Post,
    target: Target,
    changing: Changing,
) -> Result<Response, ProblemDetails> {
    let (registry, by) = (state.registry.clone(), caller.clone());
    let answered = once(state, caller, &post, move |unit| {
        let (registry, by, target, changing) = (registry.clone(), by.clone(), target.clone(), changing.clone());
        Box::pin(async move {
            let object = registry.change(unit, &by, &target, &changing).await?;
            let body = object_json(unit, &by.company, &object).await?;
            Ok(Answer { status: StatusCode::OK, body })
        })
    });
    let answered = answered.await?;
    let made: Value = serde_json::from_str(answered.text()).unwrap_or_default();
    let etag = etag::of_object(&made, answered.text());
    let mut response = answered.into_response();
    if let Ok(value) = HeaderValue::from_str(&etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    Ok(response)
}
