//! What can go wrong with an expression. Every sentence names the expression, because the reader is looking at a
//! definition with many of them.

use super::limits;
use thiserror::Error;

/// Why an expression has no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ExpressionError {
    /// The source is not an expression, or uses something that is not available.
    #[error("The JSONata expression '{expression}' cannot be read: {message}.")]
    Parse {
        /// The source, shortened.
        expression: String,
        /// What is wrong with it.
        message: String,
        /// The byte of the source where it went wrong, where that is known.
        position: Option<usize>,
    },
    /// The evaluation failed.
    #[error("The JSONata expression '{expression}' failed: {message}.")]
    Evaluate {
        /// The source, shortened.
        expression: String,
        /// What failed.
        message: String,
    },
    /// The result is "nothing" where a value is needed. The sentence is the one of Step Functions.
    #[error("The JSONata expression '{expression}' specified for the field '{field}' returned nothing (undefined).")]
    Undefined {
        /// The source, shortened.
        expression: String,
        /// The field that holds the expression: a JSON pointer (RFC 6901) relative to the template, or a name.
        field: String,
    },
    /// A condition that is neither true nor false.
    #[error("The JSONata expression '{expression}' must be true or false, but it is {found}.")]
    NotBoolean {
        /// The source, shortened.
        expression: String,
        /// What it is instead, with its article: `a string`.
        found: &'static str,
    },
    /// The result is something that JSON cannot hold.
    #[error("The JSONata expression '{expression}' returned {found}, which JSON cannot hold.")]
    NotJson {
        /// The source, shortened.
        expression: String,
        /// What it is, with its article: `a function`.
        found: &'static str,
    },
    /// The evaluation took too long.
    #[error("The JSONata expression '{expression}' took longer than {} ms and was stopped.", limits::TIME_MS)]
    TimedOut {
        /// The source, shortened.
        expression: String,
    },
    /// The evaluation is too much work.
    #[error("The JSONata expression '{expression}' takes too long: its loops pass through more than {most} parts.")]
    TooLong {
        /// The source, shortened.
        expression: String,
        /// How many there may be: fewer where other expressions of the same step have worked before.
        most: usize,
    },
    /// The recursion, or a value, is too deep.
    #[error("The JSONata expression '{expression}' is too deep: {limit}.")]
    TooDeep {
        /// The source, shortened.
        expression: String,
        /// The limit that was met.
        limit: String,
    },
    /// The evaluation produced too much.
    #[error("The JSONata expression '{expression}' produces too much: {limit}.")]
    TooLarge {
        /// The source, shortened.
        expression: String,
        /// The limit that was met.
        limit: String,
    },
}

impl ExpressionError {
    /// The name that `Catch` and `Retry` see (states-language.net, appendix A; Step Functions "Error names").
    pub fn error_name(&self) -> &'static str {
        "States.QueryEvaluationError"
    }
}

/// The source as error sentences show it: on one line, at most 200 characters.
pub(super) fn shown(source: &str) -> String {
    const MOST: usize = 200;
    let line = source.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}
