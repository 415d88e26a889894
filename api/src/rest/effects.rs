//! Effects that gave up: which, why, and once more.

use super::idempotency::{Answer, Answered, once};
use super::moment::rfc3339;
use super::params::{At, Params};
use super::post::Post;
use super::waiting::retry_path;
use crate::auth::{Authenticated, require_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};
use store::{DeadEffect, EffectKey};

/// `GET /api/v1/{company}/effects?status=dead`
pub(crate) async fn list(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    require_admin(&caller)?;
    let params = Params::read(&uri, &["status", "limit"])?;
    if params.text("status")?.is_some_and(|status| status != "dead") {
        return Err(ProblemDetails::parameter(
            "status",
            "value",
            "must be \"dead\": those that gave up are listed, the others go on by themselves",
        ));
    }
    let dead = state.store.read().await?.dead_effects(&caller.company, params.limit()?).await?;
    Ok(Json(json!({ "items": dead.iter().map(item).collect::<Vec<_>>() })))
}

fn item(dead: &DeadEffect) -> Value {
    json!({
        "id": dead.key.to_string(),
        "instance": dead.key.instance,
        "version": dead.key.version,
        "n": dead.key.n,
        "status": "dead",
        "effect": dead.effect,
        "error": dead.error,
        "attempts": dead.attempts,
        "gave_up_at": rfc3339(dead.ended_at),
        "retry": { "method": "POST", "href": retry_path(&dead.key) },
    })
}

/// `POST /api/v1/{company}/effects/{instance}/{version}/{n}/retry`
pub(crate) async fn retry(
    State(state): State<AppState>,
    At((_, instance, version, n)): At<(String, String, u64, u64)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    require_admin(&caller)?;
    Params::none(&uri)?;
    post.nothing()?;
    let key = EffectKey { company: caller.company.clone(), instance, version: storable(version)?, n: storable(n)? };
    let answered = once(&state, &caller, &post, move |unit| {
        let key = key.clone();
        Box::pin(async move {
            unit.revive_effect(&key).await?;
            Ok(Answer { status: StatusCode::OK, body: json!({ "id": key.to_string(), "status": "ready" }) })
        })
    });
    answered.await
}

/// Numbers beyond the databases' 64 bits with a sign name nothing.
fn storable(number: u64) -> Result<u64, ProblemDetails> {
    let unknown = |_| ProblemDetails::not_found("there is no failed effect of that number");
    i64::try_from(number).map(|_| number).map_err(unknown)
}
