//! What can go wrong when a path is read, and when it is followed.

use super::limits;
use std::fmt;
use thiserror::Error;

/// Why a text is not a path or not a call.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct PathProblem {
    /// What is wrong, as a sentence that names the text.
    pub message: String,
}

impl PathProblem {
    /// The sentence for what a reader found: `what` is a clause with its place.
    pub(super) fn unreadable(kind: &str, source: &str, what: &str) -> Self {
        Self { message: format!("The {kind} '{}' cannot be read: {what}.", shown(source)) }
    }
}

/// Why an evaluation has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The name that `Catch` and `Retry` see (Step Functions "Error names").
    pub error: String,
    /// What happened, as a sentence.
    pub cause: String,
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.cause)
    }
}

impl std::error::Error for PathError {}

impl PathError {
    /// What no retry mends: a path that leads nowhere.
    pub(super) fn runtime(cause: impl Into<String>) -> Self {
        Self { error: "States.Runtime".to_owned(), cause: cause.into() }
    }

    /// An intrinsic function refuses its arguments.
    pub(super) fn intrinsic(cause: impl Into<String>) -> Self {
        Self { error: "States.IntrinsicFailure".to_owned(), cause: cause.into() }
    }

    /// A result does not fit into the input.
    pub(super) fn result_path(cause: impl Into<String>) -> Self {
        Self { error: "States.ResultPathMatchFailure".to_owned(), cause: cause.into() }
    }

    /// A value is larger or deeper than this service takes.
    pub(super) fn limit(cause: impl Into<String>) -> Self {
        Self { error: "States.DataLimitExceeded".to_owned(), cause: cause.into() }
    }

    pub(super) fn too_deep() -> Self {
        Self::limit(format!("A value is nested more than {} levels deep.", limits::VALUE_DEPTH))
    }

    pub(super) fn too_large() -> Self {
        Self::limit(format!("The result is longer than {} bytes of JSON.", limits::PAYLOAD_BYTES))
    }

    /// The same error, with the call named in which it happened.
    pub(super) fn inside(self, call: &str) -> Self {
        let cause = format!("The function '{}' had the following error: {}", shown(call), self.cause);
        Self { cause, ..self }
    }
}

/// A text as sentences show it: on one line, at most 200 characters.
pub(super) fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let mut line: String = text.chars().take(MOST).map(|char| if char.is_control() { ' ' } else { char }).collect();
    if text.chars().nth(MOST).is_some() {
        line.push_str("...");
    }
    line
}

/// A document as sentences show it. Only as much is written as is shown.
pub(super) fn shown_value(value: &serde_json::Value) -> String {
    let mut head = Head(Vec::new());
    // The error is the end of the head, which is what is wanted.
    let _full = serde_json::to_writer(&mut head, value);
    shown(&String::from_utf8_lossy(&head.0))
}

struct Head(Vec<u8>);

impl std::io::Write for Head {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        const MOST: usize = 1_000;
        if self.0.len() > MOST {
            return Err(std::io::Error::from(std::io::ErrorKind::FileTooLarge));
        }
        self.0.extend_from_slice(bytes.get(..MOST).unwrap_or(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sentences_stay_short_whatever_they_quote() {
        assert_eq!(shown("a\nb"), "a b");
        assert_eq!(shown(&"x".repeat(201)), format!("{}...", "x".repeat(200)));
        assert_eq!(shown_value(&json!({"a": [1, "ä"]})), "{\"a\":[1,\"ä\"]}");
        assert!(shown_value(&json!("x".repeat(1_000_000))).len() < 300);
        assert!(shown_value(&json!(vec![1; 100_000])).len() < 300);
    }
}
