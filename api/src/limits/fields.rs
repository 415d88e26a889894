//! `RateLimit-Policy` and `RateLimit`, as draft-ietf-httpapi-ratelimit-headers-10 has them: lists of structured fields (RFC 9651).

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use modules::Quota;

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// Says how the limit of requests stands.
pub(super) fn add(headers: &mut HeaderMap, quota: &Quota) {
    for (name, text) in told(quota) {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

fn told(quota: &Quota) -> [(HeaderName, String); 2] {
    let Quota { limit, remaining, full_in_seconds, .. } = quota;
    [
        (POLICY, format!("\"requests\";q={limit};w=60")),
        (LIMIT, format!("\"requests\";r={remaining};t={full_in_seconds}")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_written_as_the_draft_has_them() {
        let quota = Quota { limit: 600, remaining: 599, full_in_seconds: 1, retry_after_seconds: None };
        let [policy, limit] = told(&quota).map(|(_, text)| text);
        assert_eq!((policy.as_str(), limit.as_str()), ("\"requests\";q=600;w=60", "\"requests\";r=599;t=1"));
    }
}
