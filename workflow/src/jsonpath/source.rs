//! Where a value comes from: a path or a call of an intrinsic function.

use super::error::shown;
use super::intrinsic::Call;
use super::path::Path;
use super::run::{Run, bounded};
use super::{PathError, PathProblem, View};
use serde_json::Value;

/// What stands in a field whose name ends in `.$`, and in `ErrorPath`, `CausePath`, `SecondsPath` and their like.
#[derive(Debug, Clone)]
pub enum Source {
    /// `$.order.total`
    Path(Path),
    /// `States.Format('{} of {}', $.done, $.all)`
    Call(Call),
}

impl Source {
    /// Reads a path or a call.
    ///
    /// # Errors
    /// A sentence that names the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, PathProblem> {
        if text.starts_with('$') {
            return Path::parse(text).map(Self::Path);
        }
        if text.starts_with("States.") {
            return Call::parse(text).map(Self::Call);
        }
        let what =
            "it starts neither with $ nor with States.; for a fixed value, remove the .$ from the name of the field";
        Err(PathProblem::unreadable("path", text, what))
    }

    /// What the path finds, or the function gives.
    ///
    /// # Errors
    /// As [`Path::evaluate`]; `States.IntrinsicFailure` when a function refuses its arguments.
    pub fn evaluate(&self, view: &View<'_>) -> Result<Value, PathError> {
        match self {
            Self::Path(path) => path.evaluate(view),
            Self::Call(call) => bounded(call.evaluate(&Run::new(view))?),
        }
    }

    /// The text that was read.
    pub fn source(&self) -> &str {
        match self {
            Self::Path(path) => path.source(),
            Self::Call(call) => call.source(),
        }
    }

    /// The names of the variables that are read, in the order of the text.
    pub fn variables(&self) -> Vec<&str> {
        match self {
            Self::Path(path) => path.variables(),
            Self::Call(call) => call.variables(),
        }
    }

    /// As [`Source::evaluate`], within an evaluation of more. `field` is what the error of a path names.
    pub(super) fn value(&self, run: &Run<'_>, field: &str) -> Result<Value, PathError> {
        match self {
            Self::Call(call) => call.evaluate(run),
            Self::Path(path) => path.copy(run)?.ok_or_else(|| {
                let place = format!(" specified for the field '{}'", shown(field));
                path.missing(run, "JSONPath", &place)
            }),
        }
    }
}
