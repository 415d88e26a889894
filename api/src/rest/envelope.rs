//! What every answer of the process has: a request id, no way into a cache, a line in the log, and no panic behind it.

use super::request_id;
use crate::metrics::Traffic;
use crate::pages;
use crate::pages::notice::{Notice, NoticePage};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;
use tower_http::catch_panic::CatchPanicLayer;

/// Completes a router: answers for unknown routes and methods, and the envelope of every answer. For the router of the
/// whole process, after everything is merged; what went through it before is not wrapped twice.
pub fn finish(router: Router<AppState>, state: &AppState) -> Router<AppState> {
    router
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.traffic.clone(), envelope))
}

/// 404: a page for browsers, a problem for programs.
async fn unknown(uri: Uri, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains("text/html") && !uri.path().starts_with("/api/") {
        let page = NoticePage { company: String::new(), notice: Notice::PageUnknown };
        return pages::respond(page.notice.status(), &page);
    }
    ProblemDetails::not_found("there is nothing at this address; the paths are listed at /openapi").into_response()
}

/// 405; the router adds `Allow`.
async fn wrong_method(method: Method) -> ProblemDetails {
    let detail = format!("{method} is not possible here; the header Allow says what is");
    ProblemDetails::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Another method is needed", detail)
}

/// What a panic says may hold anything of the request, so only the log gets it.
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    tracing::error!(request_id = request_id::current(), said, "a handler panicked");
    ProblemDetails::internal().into_response()
}

async fn envelope(State(traffic): State<Arc<Traffic>>, request: Request, next: Next) -> Response {
    if request_id::current().is_some() {
        return next.run(request).await;
    }
    let begun = Instant::now();
    let id = request_id::of(request.headers());
    let method = request.method().clone();
    // Never the raw path: it may hold the token of a link.
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned());
    let mut response = request_id::scope(id.clone(), next.run(request)).await;
    dress(response.headers_mut(), &id);
    let took = begun.elapsed();
    traffic.answered(&method, &route, response.status().as_u16(), took);
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status = response.status().as_u16(), duration_ms, request_id = id, "answered");
    response
}

fn dress(headers: &mut HeaderMap, id: &str) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static(request_id::HEADER), id);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
}
