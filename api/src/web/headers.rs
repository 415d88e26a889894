//! Headers that every answer to a browser has, and the check that a form was sent from here.

use crate::pages::PAGE_POLICY;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::response::Response;

/// What is added where an answer does not say otherwise.
const DEFAULTS: [(HeaderName, &str); 8] = [
    (header::CONTENT_SECURITY_POLICY, PAGE_POLICY),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Adds the headers that an answer lacks.
pub(super) async fn shield(mut response: Response) -> Response {
    for (name, value) in DEFAULTS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Whether another site made the browser send this form.
///
/// `Sec-Fetch-Site` decides where the browser sends it. `Origin` decides otherwise, but `null` says nothing: our own
/// pages forbid referrers, and then browsers send `null` with their forms too (Fetch, "append a request `Origin`
/// header"). What passes here still needs the nonce.
pub(super) fn is_cross_site(headers: &HeaderMap, base_url: &str) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    match text("origin") {
        None | Some("null") => false,
        Some(origin) => {
            let own = authority(base_url);
            let from = authority(origin);
            from.is_none() || (from != own && from.as_deref() != text("host"))
        }
    }
}

fn authority(url: &str) -> Option<String> {
    url.parse::<Uri>().ok()?.authority().map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cross(pairs: &[(&'static str, &'static str)]) -> bool {
        let headers =
            pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        is_cross_site(&headers.collect(), "https://approve.example.com")
    }

    #[test]
    fn forms_of_other_sites_are_told_apart() {
        assert!(cross(&[("sec-fetch-site", "cross-site")]));
        assert!(cross(&[("sec-fetch-site", "same-site"), ("origin", "https://approve.example.com")]));
        assert!(cross(&[("origin", "https://evil.example")]));
        assert!(cross(&[("origin", "garbage with blanks")]));
        assert!(cross(&[("origin", "https://approve.example.com.evil.example"), ("host", "approve.example.com")]));
    }

    #[test]
    fn own_forms_pass_although_their_origin_is_hidden() {
        assert!(!cross(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!cross(&[("origin", "null")]));
        assert!(!cross(&[]));
        assert!(!cross(&[("origin", "https://approve.example.com")]));
        assert!(!cross(&[("origin", "http://127.0.0.1:8080"), ("host", "127.0.0.1:8080")]));
    }
}
