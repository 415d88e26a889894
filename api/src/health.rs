//! Whether the process is up, and whether it can do its work.

use crate::state::AppState;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use modules::Status;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use store::{Store, StoreError, Waiting};

/// A check that takes longer has failed: whoever asks would rather go elsewhere.
const PATIENCE: Duration = Duration::from_secs(2);

/// `/livez` and `/readyz`.
pub fn routes() -> Router<AppState> {
    Router::new().route("/livez", get(live)).route("/readyz", get(ready))
}

async fn live() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// 503 while the node drains, so that a balancer sends requests elsewhere; it still answers those that come. Otherwise 200 if a read and the writer answer in time and the database's file is the one that was opened, 503 otherwise, with
/// every check.
async fn ready(State(state): State<AppState>) -> Response {
    let write = state.store.write(|_| Box::pin(async { Ok(()) }));
    let (read, write, file) = tokio::join!(check(read(&state.store)), check(write), file(&state));
    let stays = state.draining.load(Ordering::SeqCst).then_some(Err("the node is about to stop"));
    let checks = [("read", Some(read)), ("write", Some(write)), ("file", file), ("draining", stays)];
    let checks: Vec<_> = checks.into_iter().filter_map(|(name, check)| Some((name, check?))).collect();
    let (status, word) = match checks.iter().all(|(_, check)| check.is_ok()) {
        true => (StatusCode::OK, "ok"),
        false => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
    };
    let checks: Map<String, Value> = checks.into_iter().map(|(name, check)| (name.to_owned(), told(check))).collect();
    let modules = modules(&state).await;
    (status, Json(json!({ "status": word, "checks": checks, "modules": modules }))).into_response()
}

/// How each module does on this node, the worst of all companies: a module that fails is no reason to send anybody elsewhere,
/// and names of companies are told to nobody without a token.
async fn modules(state: &AppState) -> Map<String, Value> {
    let waiting = tokio::time::timeout(PATIENCE, waiting(&state.store)).await;
    let waiting = waiting.ok().and_then(Result::ok).unwrap_or_default();
    let now_ms = state.store.now_ms();
    let mut worst: BTreeMap<String, Status> = BTreeMap::new();
    for meter in state.registry.watch().all() {
        let own = waiting.iter().find(|own| own.company == meter.key.company && own.module == meter.key.module);
        let status = meter.report(own.map(|own| now_ms.saturating_sub(own.oldest_at)), now_ms).status;
        let of_module = worst.entry(meter.key.module.clone()).or_insert(status);
        *of_module = status.max(*of_module);
    }
    worst.into_iter().map(|(module, status)| (module, json!({ "status": status }))).collect()
}

async fn waiting(store: &Store) -> Result<Vec<Waiting>, StoreError> {
    store.read().await?.waiting_tasks().await
}

/// Nothing where the database is no file.
async fn file(state: &AppState) -> Option<Result<Duration, &'static str>> {
    let file = state.file.as_ref()?;
    Some(check(file.still_there()).await)
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
