//! `/metrics`: what this node counts, as Prometheus reads it.

mod gather;
mod text;
mod traffic;

pub(crate) use traffic::Traffic;

use crate::operator::Operator;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Router;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

/// The text format 0.0.4, which every collector reads.
const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `/metrics`
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/metrics", get(tell))
}

/// A database that does not answer is told as one; everything else is of this node and is told all the same.
async fn tell(_: Operator, State(state): State<AppState>) -> Result<Response, ProblemDetails> {
    let text = gather::all(&state).await;
    Ok(([(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response())
}
