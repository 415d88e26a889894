//! The mailbox, and who may open it: browsers that were sent to this service by its own name.
//!
//! The mailbox needs no token, as it is only for this machine. A page from elsewhere could still read it if its own name
//! were made to lead here (DNS rebinding): the browser takes it for that page's site. The name in `Host` tells them apart.

use super::notice;
use crate::pages::notice::Notice;
use crate::state::AppState;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use axum::http::{Uri, header};
use axum::response::Response;
use std::net::IpAddr;

/// The service as one that has a mailbox and was asked by its own name. There is no other way to read mails.
pub(super) struct Mailbox(pub(super) AppState);

impl FromRequestParts<AppState> for Mailbox {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let base_url = &state.settings.base_url;
        if !state.settings.mailbox {
            return Err(notice(Notice::PageUnknown));
        }
        match asked_host(parts) {
            Some(host) if is_own(&host, base_url) => Ok(Self(state.clone())),
            _ => Err(notice(Notice::OtherHost { base_url: base_url.clone() })),
        }
    }
}

/// The name by which the service was asked, without the port: whoever owns the name chooses the port.
pub(crate) fn asked_host(parts: &Parts) -> Option<String> {
    let authority = match parts.uri.authority() {
        Some(authority) => authority.clone(),
        None => parts.headers.get(header::HOST)?.to_str().ok()?.parse::<Authority>().ok()?,
    };
    Some(authority.host().to_ascii_lowercase())
}

/// Names that nobody else can make lead here: those of this machine (RFC 6761, 6.3) and the one in links.
fn is_own(host: &str, base_url: &str) -> bool {
    let configured = base_url.parse::<Uri>().ok();
    let configured = configured.as_ref().and_then(Uri::host).is_some_and(|own| own.eq_ignore_ascii_case(host));
    configured || is_of_this_machine(host)
}

/// Names that lead to this machine for everybody.
pub(crate) fn is_of_this_machine(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || is_loopback(host)
}

fn is_loopback(host: &str) -> bool {
    host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn passes(host: &str, base_url: &str) -> bool {
        let request = Request::get("/mailbox").header("host", host).body(()).unwrap();
        asked_host(&request.into_parts().0).is_some_and(|host| is_own(&host, base_url))
    }

    #[test]
    fn the_names_of_this_machine_and_of_the_links_are_its_own() {
        let own = [
            "localhost",
            "LOCALHOST:8080",
            "demo.localhost:9000",
            "127.0.0.1:8080",
            "127.0.0.2",
            "[::1]:8080",
            "[::1]",
            "[::ffff:127.0.0.1]:80",
            "Approve.Example.com",
            "approve.example.com:8443",
        ];
        for host in own {
            assert!(passes(host, "https://approve.example.com"), "{host}");
        }
    }

    #[test]
    fn other_names_are_not() {
        let others = [
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "approve.example.com.evil.example",
            "evil-approve.example.com",
            "127.0.0.1.evil.example",
            "192.0.2.1:8080",
            "[2001:db8::1]",
            "",
            "a b",
        ];
        for host in others {
            assert!(!passes(host, "https://approve.example.com"), "{host}");
        }
    }
}
