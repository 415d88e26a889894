//! Whether the process is up, and whether it can do its work.

use crate::state::AppState;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Value, json};
use std::future::Future;
use std::time::{Duration, Instant};
use store::{Store, StoreError};

/// A check that takes longer has failed: whoever asks would rather go elsewhere.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/livez` and `/readyz`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// 200 if a read and the writer answer in time, 503 otherwise, with every check.
async fn ready(State(store): State<Store>) -> Response {
    let (read, write) = tokio::join!(check(read(&store)), check(store.write(|_| Box::pin(async { Ok(()) }))));
    let ready = read.is_ok() && write.is_ok();
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = if ready { "ok" } else { "unavailable" };
    (status, Json(json!({ "status": word, "checks": { "read": told(read), "write": told(write) } }))).into_response()
}

async fn read(store: &Store) -> Result<(), StoreError> {
    store.read().await?.earliest_deadline().await.map(|_| ())
}

/// How long it took, or why it failed. What the database says goes into the log only: this answer needs no token.
async fn check(work: impl Future<Output = Result<(), StoreError>>) -> Result<Duration, &'static str> {
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(())) => Ok(begun.elapsed()),
        Ok(Err(error)) => {
            tracing::error!(%error, "a readiness check has failed");
            Err("failed")
        }
        Err(_) => Err("no answer within 2 seconds"),
    }
}

fn told(check: Result<Duration, &'static str>) -> Value {
    match check {
        Ok(took) => json!({ "status": "ok", "took_ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX) }),
        Err(why) => json!({ "status": "failed", "why": why }),
    }
}
