//! The limits of a module, kept at its door: every request under its paths passes here, once it is known who calls.
//!
//! Only requests of people of the company count: who has no token cannot use up what others are to have.

mod fields;

use crate::auth::{Authenticated, Known};
use crate::problem::{ModuleFailed, ProblemDetails};
use crate::state::AppState;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use modules::{Called, Limit, Meter, Quota};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After how many seconds whoever found no connection free may ask again.
const SOON_SECONDS: u64 = 1;

/// Counts a request of a path with `{module}`, and answers it within the limits of that module.
pub(crate) async fn enforce(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let meter = match meter(&mut parts, &state).await {
        Ok(Some(meter)) => meter,
        // Nobody has such a module, or has set it aside: the handler says so.
        Ok(None) => return next.run(Request::from_parts(parts, body)).await,
        Err(problem) => return problem.into_response(),
    };
    let quota = meter.request(state.store.now_ms());
    let mut response = match quota.retry_after_seconds {
        Some(seconds) => refused(&meter, &quota, seconds),
        None => {
            let is_read = matches!(parts.method, Method::GET | Method::HEAD);
            counted(&state, &meter, is_read, next.run(Request::from_parts(parts, body))).await
        }
    };
    fields::add(response.headers_mut(), &quota);
    response
}

/// The meter of the module that a path names, for a caller of the company; the caller is left for the handler.
async fn meter(parts: &mut Parts, state: &AppState) -> Result<Option<Arc<Meter>>, ProblemDetails> {
    let Authenticated(caller) = Authenticated::from_request_parts(parts, state).await?;
    let params = RawPathParams::from_request_parts(parts, state).await;
    let module = params.iter().flatten().find(|(name, _)| *name == "module").map(|(_, module)| module.to_owned());
    let catalogue = state.catalogue(&caller.company).await?;
    let installed = module.as_deref().and_then(|module| catalogue.module(module));
    let meter = installed.map(|installed| state.registry.watch().meter(&caller.company, installed));
    parts.extensions.insert(Known(caller));
    Ok(meter)
}

fn refused(meter: &Meter, quota: &Quota, seconds: u64) -> Response {
    let detail = format!(
        "the module {} answers {} requests a minute in this company; the next one in {seconds} s",
        meter.key.module, quota.limit
    );
    ProblemDetails::too_many(detail, seconds).into_response()
}

async fn counted(state: &AppState, meter: &Meter, is_read: bool, answer: impl Future<Output = Response>) -> Response {
    let begun = Instant::now();
    let response = if is_read { read(state, meter, answer).await } else { answer.await };
    meter.answered(how(&response), begun.elapsed(), state.store.now_ms());
    response
}

/// A read takes at most one connection, and is given up when its time is over. Writes have neither: all of them share the one
/// connection that writes, nobody could say of one that was given up whether it was done, and the work of their code is counted.
async fn read(state: &AppState, meter: &Meter, answer: impl Future<Output = Response>) -> Response {
    let module = &meter.key.module;
    let Some(_place) = meter.connection(state.store.now_ms()).await else {
        let detail = format!("the module {module} has as many reads under way as it may; ask again");
        return ProblemDetails::busy("module-busy", detail, SOON_SECONDS).into_response();
    };
    let limit = Duration::from_millis(u64::from(meter.limits.time_ms));
    match tokio::time::timeout(limit, answer).await {
        Ok(response) => response,
        Err(_) => {
            meter.hit(Limit::Time, state.store.now_ms());
            let detail = format!("the module {module} did not answer within {} ms; ask for less", limit.as_millis());
            let mut response = ProblemDetails::busy("module-slow", detail, SOON_SECONDS).into_response();
            response.extensions_mut().insert(ModuleFailed);
            response
        }
    }
}

/// A refusal is an answer. That the database is away, or that others have all places, is not the module's doing.
fn how(response: &Response) -> Called {
    let has_failed = response.extensions().get::<ModuleFailed>().is_some();
    match response.status() {
        _ if has_failed => Called::Badly,
        StatusCode::INTERNAL_SERVER_ERROR => Called::Badly,
        status if status.is_server_error() => Called::Neither,
        _ => Called::Well,
    }
}
