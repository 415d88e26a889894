//! Answers when something is not as it should be.

use super::notice;
use crate::pages::notice::{Notice, NoticePage};
use crate::pages::respond;
use crate::rest::request_id;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use std::fmt::Display;
use store::StoreError;

/// Why a link shows nothing of what is behind it.
#[derive(Debug)]
pub(super) enum Missed {
    /// Nobody knows it.
    Unknown,
    /// It is known, and this is all it says.
    Notice(Notice),
    /// The store did not answer.
    Store(StoreError),
}

impl From<StoreError> for Missed {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Too many unknown links.
pub(super) fn too_many(wait_seconds: u64) -> Response {
    let mut response = notice(Notice::TooManyAttempts { wait_seconds });
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait_seconds));
    response
}

/// A failure while reading: nothing can have been recorded.
pub(super) fn reading(error: &StoreError) -> Response {
    match error {
        StoreError::Unavailable(_) | StoreError::Crashed(_) => {
            tracing::error!(%error, "a page could not be read from the store");
            notice(Notice::Unavailable)
        }
        _ => trouble(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

/// A failure while writing: the decision may have been recorded, and the page says so.
pub(super) fn writing(error: &StoreError) -> Response {
    match error {
        StoreError::Unavailable(_) | StoreError::Crashed(_) | StoreError::Conflict => {
            trouble(StatusCode::SERVICE_UNAVAILABLE, error)
        }
        _ => trouble(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

/// A fault of ours. The page tells only the id of the request, which stands in the log too.
pub(super) fn trouble(status: StatusCode, error: &dyn Display) -> Response {
    let reference = request_id::current().unwrap_or_default();
    tracing::error!(%error, request_id = reference, "a request of a browser failed");
    respond(status, &NoticePage { company: String::new(), notice: Notice::Trouble { reference } })
}
