//! Definitions: Amazon States Language, in JSONata and JSONPath, plus the state type `Approval`.
//!
//! [`Definition::parse`] reads a JSON document, reports every problem with its place and a remedy, and yields a
//! value in which nothing is left to check: every `Next` names a state, every expression is compiled.

mod approval;
mod approval_reader;
mod check;
mod duplicates;
mod duration;
mod fields;
mod machine;
mod map;
mod parallel;
mod position;
mod problem;
mod retry;
mod scopes;
mod shape;
mod states;
mod warnings;

pub use approval::{
    Approval, ApproverSource, CommentRule, Decision, Escalation, EscalationAct, Exclusion, Group, OutcomeRoute, Quorum,
    RejectWhen, Reminder, Require, SubjectRule,
};
pub use duration::parse_duration;
pub use machine::{Definition, DefinitionRef, MAX_DEFINITION_BYTES, MAX_STATES};
pub use map::{Batch, ItemSource, MapState};
pub use parallel::Parallel;
pub use position::{Places, Position};
pub use problem::{Problem, below};
pub use retry::{CANCELLED, Catcher, Jitter, Retrier, matches_error};
pub use shape::{Computed, JsonPath, Jsonata, Language, Placed, Selected, Selector, Shape};
pub use states::{
    Choice, ChoiceRule, Condition, FOR_TOKEN, Fail, Next, Pass, State, StateKind, Succeed, Task, Told, Until, Wait,
    code_of,
};
pub(crate) use states::{MOST_SECONDS, parse_timestamp};
