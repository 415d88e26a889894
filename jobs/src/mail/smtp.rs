//! Mail by SMTP (RFC 5321), through one server, with a pool of connections.

use super::message::message;
use super::{Mail, PostError, Postman, one_line};
use futures::FutureExt;
use futures::future::BoxFuture;
use lettre::transport::smtp::{Error as SmtpError, PoolConfig};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;
use thiserror::Error;

/// How long the server may take for each of its answers.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The most connections at a time.
const CONNECTIONS: u32 = 4;
/// Replies that say "not with this sign-in". The settings are wrong then, not the mail, and settings get mended.
const SIGN_IN: [&str; 3] = ["530", "534", "535"];

/// Sends mail through an SMTP server.
pub struct SmtpPostman {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

/// Why the URL of the mail server cannot be used. It does not repeat the URL, which holds a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "the mail server must be smtp://HOST:PORT, smtp+starttls://HOST:PORT or smtps://HOST:PORT, \
     with USER:PASSWORD@ before the host if it asks for a sign-in, both percent-encoded"
)]
pub struct SmtpUrlError;

impl SmtpPostman {
    /// Reads the URL of the server. The connection is made with the first mail.
    ///
    /// - `smtp://host:25` encrypts when the server offers it (STARTTLS). Whoever sits on the network can hide the offer,
    ///   so this is for a relay on the same machine or in the same rack.
    /// - `smtp+starttls://host:587` insists on STARTTLS.
    /// - `smtps://host:465` encrypts from the first byte (RFC 8314).
    ///
    /// The name in the server's certificate is checked in all three.
    pub fn new(url: &str) -> Result<Self, SmtpUrlError> {
        let (scheme, rest) = url.split_once("://").ok_or(SmtpUrlError)?;
        let rest = rest.trim_end_matches('/');
        if rest.is_empty() || rest.contains(['?', '#', '/']) {
            return Err(SmtpUrlError);
        }
        // The library's own default port for opportunistic TLS is that of submission.
        let ported = || if has_port(rest) { rest.to_owned() } else { format!("{rest}:25") };
        let url = match scheme {
            "smtp" => format!("smtp://{}?tls=opportunistic", ported()),
            "smtp+starttls" => format!("smtp://{rest}?tls=required"),
            "smtps" => format!("smtps://{rest}"),
            _ => return Err(SmtpUrlError),
        };
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url).map_err(|_| SmtpUrlError)?;
        let pool = PoolConfig::new().max_size(CONNECTIONS);
        Ok(Self { transport: builder.timeout(Some(TIMEOUT)).pool_config(pool).build() })
    }

    /// Connects and signs in without sending anything.
    ///
    /// # Errors
    /// What the server, or the network, said.
    pub async fn test(&self) -> Result<(), String> {
        match self.transport.test_connection().await {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server does not answer".to_owned()),
            Err(error) => Err(format!("the mail server cannot be used: {}", words(&error))),
        }
    }
}

fn has_port(rest: &str) -> bool {
    let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty() && port.bytes().all(|digit| digit.is_ascii_digit()))
}

impl Postman for SmtpPostman {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), PostError>> {
        async move {
            let message = message(mail)?;
            self.transport.send(message).await.map(|_| ()).map_err(|error| refused(&error, mail))
        }
        .boxed()
    }
}

/// What the failure means: 4xx and everything about the connection passes, 5xx does not (RFC 5321, 4.2.1).
fn refused(error: &SmtpError, mail: &Mail) -> PostError {
    let words = words(error);
    let Some(code) = error.status().map(|code| code.to_string()) else {
        let what = if error.is_timeout() {
            "the mail server did not answer in time"
        } else {
            "the mail server cannot be reached"
        };
        return PostError::Later(format!("{what}: {words}"));
    };
    if error.is_transient() {
        return PostError::Later(format!("the mail server asks to try again later: {code} {words}"));
    }
    if SIGN_IN.contains(&code.as_str()) {
        return PostError::Later(format!(
            "the mail server does not accept the sign-in of this service: {code} {words}"
        ));
    }
    PostError::Never(format!("the mail server refused the mail to {}: {code} {words}", mail.to.email()))
}

/// What the server, or the network below, said.
fn words(error: &SmtpError) -> String {
    let source = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    one_line(&source).chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_three_ways_to_a_server_are_known() {
        for url in [
            "smtp://localhost",
            "smtp://127.0.0.1:2525/",
            "smtp+starttls://mail.example",
            "smtps://a%40b:p%3Aw@mail.example:465",
        ] {
            assert!(SmtpPostman::new(url).is_ok(), "{url}");
        }
    }

    #[tokio::test]
    async fn a_wrong_url_is_refused_without_its_password() {
        for url in ["localhost:25", "http://mail.example", "smtp://", "smtps://u:secret@mail.example?tls=none"] {
            let error = SmtpPostman::new(url).err().unwrap().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_port_is_found_behind_a_password() {
        assert!(has_port("u:9@host:25") && has_port("[::1]:25") && !has_port("u:9@host") && !has_port("[::1]"));
    }
}
