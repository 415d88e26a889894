//! Business objects of every module: make one, list them, read one.

use super::etag;
use super::idempotency::{Answer, once};
use super::moment::rfc3339;
use super::params::{At, Params, cursor};
use super::post::Post;
use crate::auth::{Authenticated, require, require_sight};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::{Catalogue, Creating, ObjectType};
use serde_json::{Value, json};
use store::{ListQuery, Object, Session, StoreError};

/// `POST /api/v1/{company}/{module}/{collection}`
pub(crate) async fn create(
    State(state): State<AppState>,
    At((_, module, collection)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Response, ProblemDetails> {
    Params::none(&uri)?;
    let catalogue = state.catalogue(&caller.company).await?;
    require(&catalogue, &caller, &object_type(&catalogue, &module, &collection)?.create)?;
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
    let revision = made.get("revision").and_then(Value::as_u64).unwrap_or_default();
    let headers: [(HeaderName, String); 2] = [(header::LOCATION, location), (header::ETAG, etag::weak(revision, text))];
    headers.into_iter().filter_map(|(name, value)| Some((name, HeaderValue::from_str(&value).ok()?))).collect()
}

/// A text as one segment of a path (RFC 3986): modules choose ids that may hold any letter.
fn segment(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    let encoded = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(encoded).collect()
}

/// `GET /api/v1/{company}/{module}/{collection}`
pub(crate) async fn list(
    State(state): State<AppState>,
    At((_, module, collection)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    require_sight(&catalogue, &caller, &object_type(&catalogue, &module, &collection)?.read)?;
    let params = Params::read(&uri, &["status", "limit", "cursor"])?;
    let (limit, status) = (params.limit()?, params.text("status")?.map(str::to_owned));
    // One more than is shown tells whether there is a next page.
    let query = ListQuery { status, before: params.cursor()?, limit: limit + 1 };
    let mut reader = state.store.read().await?;
    let mut objects = reader.objects(&caller.company, &format!("{module}/{collection}"), &query).await?;
    let more = objects.len() > limit as usize;
    objects.truncate(limit as usize);
    let next = objects.last().filter(|_| more).map(|last| cursor(&last.id));
    let mut items = Vec::with_capacity(objects.len());
    for object in &objects {
        items.push(object_json(&mut reader, &caller.company, object).await?);
    }
    Ok(Json(json!({ "items": items, "next": next })))
}

/// `GET /api/v1/{company}/{module}/{collection}/{id}`
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, module, collection, id)): At<(String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    require_sight(&catalogue, &caller, &object_type(&catalogue, &module, &collection)?.read)?;
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    let object = reader.object(&caller.company, &format!("{module}/{collection}"), &id).await?;
    let body = object_json(&mut reader, &caller.company, &object).await?.to_string();
    let etag = etag::weak(object.revision, &body);
    Ok(etag::tagged(&headers, &etag, || ([(header::CONTENT_TYPE, "application/json")], body).into_response()))
}

/// The object type of a path. 404 if no module has it.
pub(crate) fn object_type<'a>(
    catalogue: &'a Catalogue,
    module: &str,
    collection: &str,
) -> Result<&'a ObjectType, ProblemDetails> {
    if let Some(sentence) = catalogue.set_aside(module) {
        return Err(StoreError::refused("module-disabled", sentence).into());
    }
    let missing =
        || ProblemDetails::not_found(format!("there is no collection \"{module}/{collection}\"; see /openapi"));
    catalogue.object_type(module, collection).map(|(_, found)| found).ok_or_else(missing)
}

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
