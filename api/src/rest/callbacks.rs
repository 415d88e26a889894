//! Answers to tasks that wait for a token: from whoever holds the token, without an account.

use super::body::Body;
use super::params::{At, Params};
use super::post::Post;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use serde_json::{Value, json};
use store::{StoreError, Unit};
use workflow::{Actor, EventKind, TaskToken};

/// The longest name of an error.
const MAX_ERROR_CHARS: usize = 256;

/// `POST /api/v1/{company}/callbacks/{token}/success`
pub(crate) async fn success(
    state: State<AppState>,
    at: At<(String, String)>,
    uri: Uri,
    post: Post,
) -> Result<Json<Value>, ProblemDetails> {
    let mut body = Body::of(post.json()?)?;
    let output = body.value("output").unwrap_or(Value::Null);
    body.finish()?;
    answer(state, at, &uri, move |activity| EventKind::TaskSucceeded { activity, output: output.clone() }).await
}

/// `POST /api/v1/{company}/callbacks/{token}/failure`
pub(crate) async fn failure(
    state: State<AppState>,
    at: At<(String, String)>,
    uri: Uri,
    post: Post,
) -> Result<Json<Value>, ProblemDetails> {
    let mut body = Body::of(post.json()?)?;
    let (error, cause) = (body.required("error"), body.text("cause").unwrap_or_default());
    body.finish()?;
    let error: String = error.chars().take(MAX_ERROR_CHARS).collect();
    let failed = move |activity| EventKind::TaskFailed { activity, error: error.clone(), cause: cause.clone() };
    answer(state, at, &uri, failed).await
}

/// `POST /api/v1/{company}/callbacks/{token}/heartbeat`
pub(crate) async fn heartbeat(
    state: State<AppState>,
    at: At<(String, String)>,
    uri: Uri,
    post: Post,
) -> Result<Json<Value>, ProblemDetails> {
    post.nothing()?;
    answer(state, at, &uri, |activity| EventKind::TaskHeartbeat { activity }).await
}

async fn answer(
    State(state): State<AppState>,
    At((company, token)): At<(String, String)>,
    uri: &Uri,
    kind: impl Fn(u64) -> EventKind + Send + Sync + 'static,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(uri)?;
    let token = TaskToken::parse(&token).ok_or_else(unknown)?;
    let kind = std::sync::Arc::new(kind);
    let taken = state.store.write(move |unit| {
        let (company, token, kind) = (company.clone(), token.clone(), kind.clone());
        Box::pin(async move { take(unit, &company, &token, kind(token.activity)).await })
    });
    if taken.await? { Ok(Json(json!({ "taken": true }))) } else { Err(unknown()) }
}

/// False if the token opens nothing: forged, used up, or of a task that nobody waits for any more.
async fn take(unit: &mut Unit, company: &str, token: &TaskToken, kind: EventKind) -> Result<bool, StoreError> {
    let instance = match unit.instance(company, &token.instance).await {
        Ok((instance, _)) => instance,
        Err(StoreError::Missing { .. }) => return Ok(false),
        Err(error) => return Err(error),
    };
    if !token.opens(&instance) {
        return Ok(false);
    }
    unit.advance(company, &token.instance, Actor::System, kind).await.map(|_| true)
}

/// One answer for all that is wrong with a token: whoever guesses learns nothing.
fn unknown() -> ProblemDetails {
    ProblemDetails::not_found("no task waits for this token: it was answered, has run out of time, or never was")
}
