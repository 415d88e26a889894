//! The body of a POST and its `Idempotency-Key`, read before anything is done.

use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use modules::strict;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// The largest body, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1_048_576;
/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest key.
const MAX_KEY_CHARS: usize = 255;
/// The header.
const KEY: &str = "idempotency-key";

/// A POST, with its body still as bytes.
#[derive(Debug)]
pub(crate) struct Post {
    /// The `Idempotency-Key`, if one was sent.
    pub(crate) key: Option<String>,
    /// SHA-256 of method, path and body: what "the same request" means.
    pub(crate) fingerprint: String,
    content_type: Option<String>,
    body: Bytes,
}

impl FromRequest<AppState> for Post {
    type Rejection = ProblemDetails;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, ProblemDetails> {
        Self::of_at_most(request, state, MAX_BODY_BYTES).await
    }
}

impl Post {
    /// Reads a body of at most so many bytes, which the route must let through.
    pub(crate) async fn of_at_most(request: Request, state: &AppState, most: usize) -> Result<Self, ProblemDetails> {
        let key = key(request.headers())?;
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        if announced(request.headers()).is_some_and(|bytes| bytes > most as u64) {
            return Err(too_large(most));
        }
        let address = format!("{} {}", request.method(), request.uri());
        let body = body(request, state, most).await?;
        Ok(Self { key, fingerprint: fingerprint(&address, &body), content_type, body })
    }

    /// The body as JSON: 415 if it is something else, 400 if it cannot be read.
    pub(crate) fn json(&self) -> Result<Value, ProblemDetails> {
        if !self.content_type.as_deref().is_some_and(is_json) {
            return Err(other_type("send JSON, with the header \"Content-Type: application/json\""));
        }
        self.parsed()
    }

    /// The body as a merge patch (RFC 7396): 415 if it is another kind of patch.
    pub(crate) fn merge_patch(&self) -> Result<Value, ProblemDetails> {
        let is_patch = |name: &str| is_json(name) && !name.to_ascii_lowercase().contains("json-patch");
        if !self.content_type.as_deref().is_some_and(is_patch) {
            let detail = "send a merge patch, with the header \"Content-Type: application/merge-patch+json\"";
            let accepted = HeaderValue::from_static("application/merge-patch+json, application/json");
            return Err(other_type(detail).with(HeaderName::from_static("accept-patch"), accepted));
        }
        self.parsed()
    }

    fn parsed(&self) -> Result<Value, ProblemDetails> {
        if self.body.is_empty() {
            return Err(ProblemDetails::bad_request("empty-body", "the body is empty; send a JSON document"));
        }
        strict::parse(self.text()?).map_err(|error| malformed(&error))
    }

    /// The kind of content without its parameters, in small letters; empty if it is not said.
    pub(crate) fn media_type(&self) -> String {
        let content_type = self.content_type.as_deref().unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// The body as it came.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.body
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<&str, ProblemDetails> {
        let not_text = |error: std::str::Utf8Error| {
            let detail = format!("the body is not UTF-8: byte {} does not fit", error.valid_up_to() + 1);
            ProblemDetails::bad_request("not-utf-8", detail)
        };
        std::str::from_utf8(&self.body).map_err(not_text)
    }

    /// Whether there is no body.
    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    /// The one file of a form (`multipart/form-data`, RFC 7578).
    pub(crate) async fn file(&self) -> Result<Vec<u8>, ProblemDetails> {
        let wrong = |detail: String| ProblemDetails::bad_request("form", detail);
        let content_type = self.content_type.clone().unwrap_or_default();
        let request = axum::http::Request::builder().header(header::CONTENT_TYPE, content_type);
        let request = request.body(axum::body::Body::from(self.body.clone()));
        let request = request.map_err(|error| wrong(error.to_string()))?;
        let mut form = Multipart::from_request(request, &()).await.map_err(|error| wrong(error.body_text()))?;
        let field = form.next_field().await.map_err(|error| wrong(error.body_text()))?;
        let field = field.ok_or_else(|| wrong("the form has no field; send the file in one".to_owned()))?;
        let bytes = field.bytes().await.map_err(|error| wrong(error.body_text()))?.to_vec();
        match form.next_field().await.map_err(|error| wrong(error.body_text()))? {
            None => Ok(bytes),
            Some(_) => Err(wrong("the form has several fields; send the file alone".to_owned())),
        }
    }

    /// 400 unless there is no body, or an empty object: nothing else is asked for here.
    pub(crate) fn nothing(&self) -> Result<(), ProblemDetails> {
        if self.body.is_empty() || self.json()? == json!({}) {
            return Ok(());
        }
        Err(ProblemDetails::bad_request("body", "nothing is read from the body here; leave it empty"))
    }
}

fn other_type(detail: &str) -> ProblemDetails {
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    ProblemDetails::new(status, "content-type", "Another kind of content is needed", detail)
}

fn malformed(error: &serde_json::Error) -> ProblemDetails {
    let (line, column) = (error.line(), error.column());
    let errors =
        vec![json!({ "pointer": "", "code": "json", "message": error.to_string(), "line": line, "column": column })];
    ProblemDetails { errors, ..ProblemDetails::bad_request("malformed-json", format!("the body is not JSON: {error}")) }
}

/// `application/json` or `application/...+json`; a charset other than UTF-8 is refused, because JSON has no other.
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(|part| part.trim().to_ascii_lowercase());
    let media_type = parts.next().unwrap_or_default();
    let json =
        media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"));
    let charset = |part: String| part.strip_prefix("charset=").map(|name| name.trim_matches('"').to_owned());
    json && parts.filter_map(charset).all(|name| name == "utf-8" || name == "utf8")
}

fn key(headers: &HeaderMap) -> Result<Option<String>, ProblemDetails> {
    let wrong = |detail: &str| ProblemDetails::bad_request("idempotency-key", detail.to_owned());
    let mut given = headers.get_all(KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(wrong("the header Idempotency-Key is given twice; give it once"));
    }
    let bytes = value.as_bytes();
    if !(1..=MAX_KEY_CHARS).contains(&bytes.len()) || !bytes.iter().all(u8::is_ascii_graphic) {
        return Err(wrong("the header Idempotency-Key must have 1 to 255 visible ASCII characters, such as a UUID"));
    }
    Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
}

/// What `Content-Length` says: a body that is too large is refused before it is read.
fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn body(request: Request, state: &AppState, most: usize) -> Result<Bytes, ProblemDetails> {
    let read = tokio::time::timeout(PATIENCE, Bytes::from_request(request, state)).await;
    let slow =
        || ProblemDetails::new(StatusCode::REQUEST_TIMEOUT, "timeout", "The body came too slowly", "send it again");
    read.map_err(|_| slow())?.map_err(|rejection| match rejection.into_response().status() {
        StatusCode::PAYLOAD_TOO_LARGE => too_large(most),
        _ => ProblemDetails::bad_request("body", "the body broke off; send it again"),
    })
}

fn too_large(most: usize) -> ProblemDetails {
    let detail = format!("the body is larger than {most} bytes, which is the most");
    ProblemDetails::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "The body is too large", detail)
}

fn fingerprint(address: &str, body: &[u8]) -> String {
    let mut hasher = Sha256::new();
    hasher.update(address.len().to_be_bytes());
    hasher.update(address);
    hasher.update(body);
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_comes_under_several_names() {
        for name in [
            "application/json",
            "Application/JSON; charset=UTF-8",
            "application/merge-patch+json",
            "application/json;charset=\"utf-8\"",
        ] {
            assert!(is_json(name), "{name}");
        }
        for name in ["", "text/plain", "application/json; charset=latin1", "application/jsonx", "text/json"] {
            assert!(!is_json(name), "{name}");
        }
    }
}
