//! The core: definitions, expressions, instances, events and the pure transition function.
//!
//! Nothing in here does I/O, reads a clock or draws a random number. [`step`] takes a definition, an instance and an
//! event and says what the instance becomes, what goes into its history and what must be done. [`replay`] folds events
//! again and must arrive at the same instance: that is how the stored rows are checked.

mod closed;
pub mod definition;
pub mod diagram;
mod effect;
mod event;
pub mod expression;
mod history;
mod instance;
pub mod jsonpath;
mod limits;
mod may;
mod near;
mod plain;
pub mod rehearsal;
mod rejected;
mod replay;
mod size;
mod step;
mod token;
mod tree;

pub use closed::{ClosedApproval, EarlierRounds, KEPT_ROUNDS};
pub use definition::{Definition, DefinitionRef, Problem};
pub use effect::{Asking, Effect, Occasion};
pub use event::{Actor, Candidate, Channel, Event, EventKind, FoundGroup, WantedGroup, Why};
pub use history::Entry;
pub use instance::{
    Activity, Branch, Excluded, Heartbeat, Instance, ItemLane, ItemOutput, Items, Lane, OpenApproval, OpenGroup,
    Parent, Running, Seat, Signal, Status, Subject, Vote,
};
pub use may::{may_decide, open_approval};
pub use near::nearest;
pub use plain::{APPROVAL_RESOURCE, plain};
pub use rejected::Rejected;
pub use replay::{Difference, replay};
pub use step::{Transition, next_due, step, step_again, step_from};
pub use token::TaskToken;

/// The most signals that an instance keeps until something waits for them.
pub const MAX_SIGNALS: usize = 100;
/// The longest comment on a decision.
pub const MAX_COMMENT_CHARS: usize = 4_000;
