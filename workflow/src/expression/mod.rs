//! Expressions: JSONata as Amazon States Language uses it, bounded, deterministic, and exact where money is concerned.
//!
//! The language is computed by the tree walker of `jsonata-core`. No type of that crate leaves this module, so it can be
//! replaced. What stands between a definition and the engine:
//!
//! - `rewrite` puts a guard wherever an expression can make something larger than its input, and replaces built-in
//!   functions that are unbounded, that read a clock or that draw random numbers;
//! - `budget` is what the guards charge: time, and the size of everything that an evaluation produces;
//! - `path` answers a bare path from the original document, so that no number ever passes through a float;
//! - `functions` holds what is added: decimal arithmetic on strings, and the functions that Step Functions adds.
//!
//! An evaluation is a pure function of expression and [`Scope`]. The same [`Moment`] gives the same `$now()`, `$millis()`,
//! `$random()`, `$shuffle()` and `$uuid()`, which is what makes a replay possible.

mod analyze;
mod budget;
mod compiled;
mod convert;
mod error;
mod evaluate;
mod functions;
mod limits;
mod path;
mod rewrite;
mod template;
#[cfg(test)]
mod tests;
mod walk;
mod warnings;

pub use compiled::Expression;
pub use error::ExpressionError;
pub(crate) use functions::{digest, random_bits, uuid_of};
pub use template::{Template, TemplateProblem};
pub(crate) use warnings::is_function;

use serde_json::{Map, Value};

/// What an expression may see. There is no input document: bare field names, `$` and `$$` are undefined at the top
/// level, as in Step Functions.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Bound as `$states`: an object with `input`, `context`, and `result` or `errorOutput` where there is one.
    pub states: &'a Value,
    /// Each bound as `$name`.
    pub variables: &'a Map<String, Value>,
    /// The time and the chance that the expression sees.
    pub moment: Moment,
}

impl<'a> Scope<'a> {
    /// The value of the free variable `name`.
    fn get(&self, name: &str) -> Option<&'a Value> {
        if name == "states" { Some(self.states) } else { self.variables.get(name) }
    }
}

/// Time and chance, given as arguments so that an evaluation can be repeated exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z: what `$millis()` answers and `$now()` prints.
    pub at_ms: i64,
    /// Where `$random()`, `$shuffle()` and `$uuid()` start.
    pub seed: u64,
}
