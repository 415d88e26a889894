//! Problems with their place in a file, in a form that editors and terminals lead to.

use serde::Serialize;
use workflow::Problem;
use workflow::definition::{Places, Position};

/// A problem, and where in the text it is.
#[derive(Debug, Serialize)]
pub(super) struct Placed {
    #[serde(flatten)]
    problem: Problem,
    /// Nothing if there is no text.
    #[serde(flatten)]
    position: Option<Position>,
}

/// The problems of a text.
pub(super) fn placed(text: &str, problems: Vec<Problem>) -> Vec<Placed> {
    let places = Places::of(text);
    let position = |problem: &Problem| Some(places.find(&problem.pointer));
    problems.into_iter().map(|problem| Placed { position: position(&problem), problem }).collect()
}

impl Placed {
    /// A problem without a text.
    pub(super) fn nowhere(problem: Problem) -> Self {
        Self { problem, position: None }
    }

    /// `  12:7 /States/Gate/Next: ...`, line and column before the pointer.
    pub(super) fn line(&self, kind: &str) -> String {
        match self.position {
            Some(Position { line, column }) => format!("  {line}:{column} {kind}{}", self.problem),
            None => format!("  {kind}{}", self.problem),
        }
    }
}
