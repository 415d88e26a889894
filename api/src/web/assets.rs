//! The style sheet and the icon, compiled in.

use crate::pages::{FAVICON, STYLE_SHEET};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

/// The address stays the same over releases, so browsers ask again after a day; the answer is then mostly 304.
const CACHE: &str = "public, max-age=86400";

static STYLE_TAG: LazyLock<String> = LazyLock::new(|| tag(STYLE_SHEET));
static ICON_TAG: LazyLock<String> = LazyLock::new(|| tag(FAVICON));

pub(super) async fn style_sheet(headers: HeaderMap) -> Response {
    file(&headers, &STYLE_TAG, "text/css; charset=utf-8", STYLE_SHEET)
}

pub(super) async fn favicon(headers: HeaderMap) -> Response {
    file(&headers, &ICON_TAG, "image/svg+xml", FAVICON)
}

/// A strong entity tag (RFC 9110, 8.8.3).
fn tag(content: &str) -> String {
    let hash = hex::encode(Sha256::digest(content));
    format!("\"{}\"", hash.get(..32).unwrap_or(&hash))
}

fn file(headers: &HeaderMap, tag: &str, kind: &'static str, content: &'static str) -> Response {
    let shared = [(header::ETAG, tag.to_owned()), (header::CACHE_CONTROL, CACHE.to_owned())];
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let mut tags = known.flat_map(|list| list.split(',')).map(|known| known.trim().trim_start_matches("W/"));
    if tags.any(|known| known == tag || known == "*") {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    (shared, [(header::CONTENT_TYPE, kind)], content).into_response()
}
