//! The id of the request that is being answered: in its header, in its problem and in the log.

use axum::http::HeaderMap;
use rand::RngCore;
use std::future::Future;

/// The header, in requests and answers.
pub(crate) const HEADER: &str = "x-request-id";
/// The longest id that is taken from a request.
const MAX_CHARS: usize = 64;

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request that this task answers.
pub(crate) fn current() -> Option<String> {
    CURRENT.try_with(Clone::clone).ok()
}

/// Runs the rest of a request under its id.
pub(crate) async fn scope<F: Future>(id: String, rest: F) -> F::Output {
    CURRENT.scope(id, rest).await
}

/// The id that the client chose, if it is harmless in a log, else a new one.
pub(crate) fn of(headers: &HeaderMap) -> String {
    let given = headers.get(HEADER).and_then(|value| value.to_str().ok());
    given.filter(|id| sane(id)).map_or_else(random, str::to_owned)
}

fn sane(id: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_CHARS).contains(&id.len()) && id.bytes().all(letter)
}

fn random() -> String {
    let mut chance = [0_u8; 16];
    rand::rng().fill_bytes(&mut chance);
    hex::encode(chance)
}
