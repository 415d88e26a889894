//! The body of a request that brings a file.

use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use std::time::Duration;

/// The largest file, in bytes.
pub(crate) const MAX_FILE_BYTES: usize = 10_485_760;
/// How long it may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
/// The longest name of a kind of files.
const MAX_TYPE_CHARS: usize = 100;

/// A file that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// What the sender says that it is.
    pub(crate) media_type: String,
    pub(crate) bytes: Bytes,
}

impl FromRequest<AppState> for Upload {
    type Rejection = ProblemDetails;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ProblemDetails> {
        let media_type = media_type(request.headers())?;
        if announced(request.headers()).is_some_and(|bytes| bytes > MAX_FILE_BYTES as u64) {
            return Err(too_large());
        }
        let read = tokio::time::timeout(PATIENCE, Bytes::from_request(request, state)).await;
        let slow =
            || ProblemDetails::new(StatusCode::REQUEST_TIMEOUT, "timeout", "The body came too slowly", "send it again");
        let bytes = read.map_err(|_| slow())?.map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => too_large(),
            _ => ProblemDetails::bad_request("body", "the body broke off; send it again"),
        })?;
        Ok(Self { media_type, bytes })
    }
}

/// `type/subtype` with parameters, in visible letters.
fn media_type(headers: &HeaderMap) -> Result<String, ProblemDetails> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok("application/octet-stream".to_owned()) };
    let text = value.to_str().unwrap_or_default();
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    let named = text.split(';').next().unwrap_or_default().trim();
    let fits = named.split_once('/').is_some_and(|(kind, part)| token(kind) && token(part));
    if fits && text.len() <= MAX_TYPE_CHARS {
        return Ok(text.to_owned());
    }
    let detail = "the header Content-Type says what the file is, such as application/pdf";
    Err(ProblemDetails::bad_request("content-type", detail))
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> ProblemDetails {
    let detail = format!("the file is larger than {MAX_FILE_BYTES} bytes, which is the most");
    ProblemDetails::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
}
