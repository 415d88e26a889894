//! `ETag` and `If-None-Match` (RFC 9110).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The tag of a document about an object: its revision, which `If-Match` names, and a hash, because status and approval
/// change between revisions.
pub(crate) fn of_object(document: &Value, body: &str) -> String {
    let revision = document.get("revision").and_then(Value::as_u64).unwrap_or_default();
    let hash = hex::encode(Sha256::digest(body));
    format!("\"{revision}-{}\"", hash.get(..16).unwrap_or_default())
}

/// The tag of bytes by their hash.
pub(crate) fn strong(sha256: &str) -> String {
    format!("\"{sha256}\"")
}

/// The answer with its tag, or 304 if the client has it already.
pub(crate) fn tagged(headers: &HeaderMap, etag: &str, answer: impl FnOnce() -> Response) -> Response {
    let mut response = if matches(headers, etag) { StatusCode::NOT_MODIFIED.into_response() } else { answer() };
    if let Ok(value) = HeaderValue::from_str(etag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}

/// Compared weakly, as RFC 9110, section 13.1.2 asks.
fn matches(headers: &HeaderMap, etag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let given = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|list| list.split(',')).any(|tag| tag.trim() == "*" || opaque(tag) == opaque(etag))
}
