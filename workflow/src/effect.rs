//! What must happen now that something has happened. Committed with its cause, performed afterwards.

use crate::event::WantedGroup;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something to be done. Its id is `instance/version/n`, which is its idempotency key too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Effect {
    /// Have code of the registry do the work of a task.
    Perform {
        /// To be named in the answer.
        activity: u64,
        /// The code.
        resource: String,
        /// What it is given.
        arguments: Value,
        /// The id that the instance gets which the task starts, if it starts one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        child: Option<String>,
    },
    /// End an instance that a task has started and that nobody waits for any more. Done within the same commit.
    CancelChild {
        /// The instance.
        instance: String,
        /// Why, for people.
        reason: String,
    },
    /// Look up the people behind the sources of an approval. Answered within the same commit.
    FindApprovers {
        /// To be named in the answer.
        activity: u64,
        /// The people wanted.
        groups: Vec<WantedGroup>,
    },
    /// Ask a person to decide.
    Ask(Asking),
    /// Tell a person who was asked that nothing is left to decide.
    Release {
        /// Which approval.
        activity: u64,
        /// Whom to tell.
        person: String,
        /// Why: an outcome, or `reassigned`.
        because: String,
        /// Who decided, by name, if somebody did.
        by: Option<String>,
    },
}

/// A request to one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Asking {
    /// Which approval.
    pub activity: u64,
    /// Who is asked.
    pub person: String,
    /// Why the mail goes out.
    pub occasion: Occasion,
}

/// Why a request is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    /// The approval opened, or the seat was given to this person.
    Opened,
    /// No answer yet; the n-th time.
    Reminder(u32),
    /// Others did not answer.
    Escalation,
}
