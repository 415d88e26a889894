//! The JSONPath mode of Amazon States Language: paths, payload templates, intrinsic functions and the rules of `Choice`,
//! as pure functions on JSON values.
//!
//! - [`Path`] asks a document: `$.order.lines[0]`, `$$.Execution.Id`, `$limit`, `$.lines[?(@.price > 10)]`;
//! - [`ReferencePath`] names the one place where `ResultPath` puts a result;
//! - [`Source`] is a path or a call of an intrinsic function, [`Payload`] a JSON value with sources in it;
//! - [`Rule`] is a condition of `Choice`.
//!
//! What selects hands on the value that it found, so no number passes through a float. What computes is bounded by
//! counting work and not by looking at a clock, so the same [`View`] gives the same answer on every machine, at every
//! time: that is what makes a replay possible.

mod error;
mod intrinsic;
mod limits;
mod path;
mod payload;
mod reader;
mod reference;
mod rule;
mod run;
mod source;
#[cfg(test)]
mod tests;
mod values;

pub use error::{PathError, PathProblem};
pub use intrinsic::Call;
pub use path::Path;
pub use payload::Payload;
pub use reference::ReferencePath;
pub use rule::Rule;
pub use source::Source;

use crate::expression::{Moment, Variables};
use serde_json::Value;
use std::fmt;

/// What paths see.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// `$`.
    pub document: &'a Value,
    /// `$$`: the context object.
    pub context: &'a dyn Context,
    /// `$name`.
    pub variables: &'a dyn Variables,
    /// The time and the chance of the evaluation: where `States.UUID` and `States.MathRandom` start. Two fields that are
    /// evaluated with the same moment draw the same numbers, so each field gets its own seed.
    pub moment: Moment,
}

/// The context object. Few paths ask for it, so it need not be there before one does.
pub trait Context: fmt::Debug {
    /// The object.
    fn value(&self) -> &Value;
}

impl Context for Value {
    fn value(&self) -> &Value {
        self
    }
}
