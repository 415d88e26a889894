//! Expressions: JSONata as Amazon States Language uses it, bounded, deterministic, and exact where money is concerned.
//!
//! The language is computed by the tree walker of `jsonata-core`. No type of that crate leaves this module, so it can be
//! replaced. What stands between a definition and the engine:
//!
//! - `rewrite` puts a guard wherever an expression can make something larger than its input, and replaces built-in
//!   functions that are unbounded, that read a clock or that draw random numbers;
//! - `count` puts a guard into every loop that stands in another, so that work is counted and not timed;
//! - `budget` is what the guards charge: passes of loops, and the size of everything that an evaluation produces;
//! - `path` answers a bare path from the original document, so that no number ever passes through a float;
//! - `functions` holds what is added: decimal arithmetic on strings, and the functions that Step Functions adds.
//!
//! An evaluation is a pure function of expression and [`Scope`]. The same [`Moment`] gives the same `$now()`, `$millis()`,
//! `$random()`, `$shuffle()` and `$uuid()`, which is what makes a replay possible.

mod analyze;
mod budget;
mod compiled;
mod convert;
mod count;
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
pub(crate) use limits::STEP_NODES;
pub use template::{Template, TemplateProblem};
pub(crate) use warnings::is_function;

use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// What an expression may see. There is no input document: bare field names, `$` and `$$` are undefined at the top
/// level, as in Step Functions.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// Bound as `$states`.
    states: &'a dyn States,
    /// Each bound as `$name`.
    variables: &'a dyn Variables,
    /// The time and the chance that the expression sees.
    moment: Moment,
    /// How long the machine may take.
    patience: Patience,
    /// What is left of the work that all evaluations of a step may do together.
    left: Option<&'a Cell<usize>>,
}

/// How long the machine may take for an evaluation. It is not what bounds an expression, which is counted: see `budget`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// As long as an answer is waited for.
    Usual,
    /// As long as it takes: it is known that it ended.
    Replay,
}

/// `$states`: an object with `input`, `context`, and `result` or `errorOutput` where there is one. Its parts stay where they
/// are until an expression asks for one, because most ask for little of it.
pub trait States: fmt::Debug {
    /// One of its fields.
    fn field(&self, name: &str) -> Option<&Value>;
    /// The whole of it.
    fn whole(&self) -> &Value;
}

/// The variables of a state, those of the states around it included.
pub trait Variables: fmt::Debug {
    /// The value of a variable.
    fn get(&self, name: &str) -> Option<&Value>;
}

impl States for Value {
    fn field(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }

    fn whole(&self) -> &Value {
        self
    }
}

impl Variables for Map<String, Value> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.get(name)
    }
}

impl<'a> Scope<'a> {
    /// What is seen of `$states` and the variables, at a moment.
    pub fn new(states: &'a dyn States, variables: &'a dyn Variables, moment: Moment) -> Self {
        Self { states, variables, moment, patience: Patience::Usual, left: None }
    }

    /// The same for an evaluation of a step.
    pub(crate) fn in_step(self, patience: Patience, left: &'a Cell<usize>) -> Self {
        Self { patience, left: Some(left), ..self }
    }

    /// The value of the free variable `name`.
    fn get(&self, name: &str) -> Option<&'a Value> {
        if name == STATES { Some(self.states.whole()) } else { self.variables.get(name) }
    }
}

/// The variable that holds what a state is given.
const STATES: &str = "states";

/// Time and chance, given as arguments so that an evaluation can be repeated exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since 1970-01-01T00:00:00Z: what `$millis()` answers and `$now()` prints.
    pub at_ms: i64,
    /// Where `$random()`, `$shuffle()` and `$uuid()` start.
    pub seed: u64,
}
