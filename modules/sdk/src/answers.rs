//! What code answers.

use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// What a hook ends with.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a hook gives nothing: a sentence for whoever caused the call, who is told it with 422. It undoes the commit that the
/// call belongs to, and is an answer as any other: code is not left alone for it, as it is for panics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure(pub String);

impl Failure {
    /// A failure with its sentence.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<String> for Failure {
    fn from(why: String) -> Self {
        Self(why)
    }
}

impl From<&str> for Failure {
    fn from(why: &str) -> Self {
        Self(why.to_owned())
    }
}

/// Something that is wrong with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where, as a JSON Pointer (RFC 6901): `/lines/0/price`. Empty for the whole object.
    pub pointer: String,
    /// A sentence for whoever sent the object, without the place.
    pub message: String,
}

impl Problem {
    /// Something that is wrong at a place.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into() }
    }
}

/// Why a task of a workflow failed, in the words of Amazon States Language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskError {
    /// The error's name, which `Retry` and `Catch` name: `Travel.NoSeat`.
    pub error: String,
    /// A sentence.
    pub cause: String,
    /// Whether it may pass by itself. A worker then tries it again.
    pub again: bool,
}

impl TaskError {
    /// An error that stays.
    pub fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into(), again: false }
    }

    /// An error that may pass by itself: somebody else's service is not there.
    pub fn again(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { again: true, ..Self::new(error, cause) }
    }
}

impl From<Failure> for TaskError {
    fn from(failure: Failure) -> Self {
        Self::new("States.TaskFailed", failure.0)
    }
}

impl From<serde_json::Error> for TaskError {
    fn from(error: serde_json::Error) -> Self {
        Failure::from(error).into()
    }
}

/// The answer of an endpoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Answer {
    /// The HTTP status: 200 to 299 with a document, or 400 to 599 with what is wrong. Any other is the module's failure
    /// (`module-failed`), because nothing leads elsewhere.
    pub status: u16,
    /// The document. Of a status of 400 and more it is the `detail` of a problem (RFC 9457), as text, or an object with
    /// `detail`, a text, and `errors`, a list. What else it has is not told.
    pub body: Value,
}

impl Answer {
    /// 200 with a document.
    pub fn ok(body: impl Into<Value>) -> Self {
        Self::status(200, body)
    }

    /// A status with a document.
    pub fn status(status: u16, body: impl Into<Value>) -> Self {
        Self { status, body: body.into() }
    }

    /// A problem: 404 and a sentence.
    pub fn problem(status: u16, detail: impl Into<String>) -> Self {
        Self::status(status, Value::String(detail.into()))
    }
}

/// How a module is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Health {
    /// All is well.
    Ok,
    /// It works, and somebody should look.
    Degraded {
        /// Why, in a sentence.
        detail: String,
    },
    /// It does not work.
    Failing {
        /// Why, in a sentence.
        detail: String,
    },
}
