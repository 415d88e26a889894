//! Who runs the installation: metrics, services and the page of modules tell of all companies, and no person's token is of all.
//!
//! With an operator token in the configuration, whoever brings it. Without one, whoever asks from this machine, as long as
//! the service is not published under another name: behind a proxy everybody comes from this machine.

use crate::problem::ProblemDetails;
use crate::state::AppState;
use crate::web::host;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::fmt;
use std::net::SocketAddr;

/// What proxies add to what they pass on.
const OF_PROXIES: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// The operator's token, as a hash: it is never printed, and comparing it tells nothing by how long it takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OperatorToken([u8; 32]);

impl OperatorToken {
    /// Of its text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text).into())
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The operator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operator;

impl FromRequestParts<AppState> for Operator {
    type Rejection = ProblemDetails;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ProblemDetails> {
        match state.operator {
            Some(token) if sent(&parts.headers).is_some_and(|sent| OperatorToken::of(&sent) == token) => Ok(Self),
            Some(_) => Err(unauthorized()),
            None if is_of_this_machine(parts, &state.settings.base_url) => Ok(Self),
            None => Err(ProblemDetails::forbidden(
                "this is told on the machine itself only; set operator_token to have it told elsewhere",
            )),
        }
    }
}

fn unauthorized() -> ProblemDetails {
    let detail = "send the operator token as \"Authorization: Bearer <token>\", or as the password of a browser";
    ProblemDetails::new(StatusCode::UNAUTHORIZED, "unauthorized", "Who are you?", detail)
        .with(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"countersign\", charset=\"UTF-8\""))
}

/// The token of `Bearer` (RFC 6750), or the password of `Basic` (RFC 7617), which browsers ask for.
fn sent(headers: &HeaderMap) -> Option<String> {
    let (scheme, rest) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().to_owned());
    }
    let decoded = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(rest.trim()).ok())??;
    Some(String::from_utf8(decoded).ok()?.split_once(':')?.1.to_owned())
}

fn is_of_this_machine(parts: &Parts, base_url: &str) -> bool {
    let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    let is_passed_on = OF_PROXIES.iter().any(|name| parts.headers.contains_key(*name));
    let published = base_url.parse::<Uri>().ok().and_then(|url| url.host().map(host::is_of_this_machine));
    let asked = host::asked_host(parts).is_some_and(|asked| host::is_of_this_machine(&asked));
    peer.is_some_and(|peer| peer.is_loopback()) && !is_passed_on && published == Some(true) && asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn is_local(peer: &str, host: &str, base_url: &str, more: Option<&str>) -> bool {
        let mut request = Request::get("/metrics").header("host", host);
        if let Some(name) = more {
            request = request.header(name, "192.0.2.7");
        }
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        is_of_this_machine(&parts, base_url)
    }

    #[test]
    fn without_a_token_only_this_machine_is_told() {
        let (here, own) = ("127.0.0.1", "http://127.0.0.1:8080");
        assert!(is_local(here, "127.0.0.1:8080", own, None) && is_local("::1", "localhost:8080", own, None));
        assert!(!is_local("192.0.2.7", "127.0.0.1:8080", own, None), "from elsewhere");
        assert!(!is_local(here, "evil.example", own, None), "a page of another site");
        assert!(!is_local(here, "127.0.0.1:8080", "https://approve.example", None), "behind a proxy");
        assert!(!is_local(here, "127.0.0.1:8080", own, Some("x-forwarded-for")), "behind a proxy that says so");
    }

    #[test]
    fn a_token_comes_as_bearer_or_as_a_password() {
        let said = |value: &str| {
            let headers = HeaderMap::from_iter([(header::AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
            sent(&headers)
        };
        assert_eq!(said("Bearer abc"), Some("abc".to_owned()));
        assert_eq!(said(&format!("Basic {}", STANDARD.encode("me:a:b"))), Some("a:b".to_owned()));
        assert_eq!(said("Digest abc"), None);
        assert_eq!(said("Basic !"), None);
        assert_eq!(format!("{:?}", OperatorToken::of("secret")), "***");
    }
}
