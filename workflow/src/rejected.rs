//! Why an event is not taken. Each variant is a sentence for the person or program that caused it.

use thiserror::Error;

/// Why an event is not taken. Nothing has changed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Rejected {
    /// The instance was started before.
    #[error("this workflow has already started")]
    AlreadyStarted,
    /// The instance is over, or has not begun.
    #[error("this workflow is {status}, so nothing can be done with it any more")]
    NotRunning {
        /// `succeeded`, `failed`, `cancelled` or `new`.
        status: &'static str,
    },
    /// No deadline has come.
    #[error("no deadline of this workflow has come")]
    NotDue,
    /// The answer of a task that nobody waits for any more.
    #[error("activity {activity} is not waiting for an answer")]
    Late {
        /// The activity that was named.
        activity: u64,
    },
    /// More signals than anything waits for.
    #[error("{} signals are waiting to be taken by this workflow, which is the most", crate::MAX_SIGNALS)]
    TooManySignals,
    /// More than a state may hand on.
    #[error("{what} is larger than {} bytes, which is the most", crate::limits::PAYLOAD_BYTES)]
    TooLarge {
        /// `the input`, `the form`.
        what: &'static str,
    },
    /// Somebody else, or time, was first.
    #[error("already decided: {outcome}{}", by_whom(by.as_deref()))]
    AlreadyDecided {
        /// The outcome.
        outcome: String,
        /// Who decided, by name.
        by: Option<String>,
        /// When, in milliseconds since 1970.
        at: i64,
    },
    /// The same person, the same decision, once more. To be answered like the first time.
    #[error("you have already decided: {decision}")]
    Repeated {
        /// The decision.
        decision: String,
        /// When it was made.
        at: i64,
    },
    /// The same person has decided otherwise.
    #[error("you have already decided: {decision}. A decision cannot be changed")]
    Decided {
        /// The first decision.
        decision: String,
        /// When it was made.
        at: i64,
    },
    /// The same person, the same decision, but another comment or another form. Nothing of it is recorded.
    #[error("{name} has already decided: {decision}{}. That stands; a decision cannot be changed", with_comment(comment.as_deref()))]
    Stands {
        /// Who decided, by name.
        name: String,
        /// The first decision.
        decision: String,
        /// When it was made.
        at: i64,
        /// Its comment.
        comment: Option<String>,
    },
    /// Somebody who was not asked.
    #[error("you are not among the people who are asked to decide this")]
    NotAsked,
    /// Somebody who gave the seat away.
    #[error("this request was given to {to}")]
    GivenAway {
        /// Who has it now, by name.
        to: String,
    },
    /// Somebody who must not decide.
    #[error("{name} must not decide this. The reason: {because}")]
    Excluded {
        /// The person.
        name: String,
        /// `made the request`, `already decided in ...`.
        because: String,
    },
    /// The new approver has a seat already.
    #[error("{name} is already asked to decide this")]
    AlreadyAsked {
        /// The person.
        name: String,
    },
    /// Not one of the buttons.
    #[error("there is no decision \"{decision}\" here; choose one of: {known}")]
    UnknownDecision {
        /// What was sent.
        decision: String,
        /// What there is.
        known: String,
    },
    /// A reason is missing.
    #[error("please give a reason: \"{decision}\" needs a comment")]
    CommentRequired {
        /// The decision.
        decision: String,
    },
    /// The form is missing.
    #[error("please fill in the form that goes with \"{decision}\"")]
    FormRequired {
        /// The decision.
        decision: String,
    },
    /// A comment of unreasonable length.
    #[error("the comment has {length} characters; the most is {}", crate::MAX_COMMENT_CHARS)]
    CommentTooLong {
        /// Its length.
        length: usize,
    },
}

fn with_comment(comment: Option<&str>) -> String {
    comment.map_or_else(
        || ", without a comment".to_owned(),
        |comment| format!(", with the comment \u{201c}{comment}\u{201d}"),
    )
}

fn by_whom(name: Option<&str>) -> String {
    name.map(|name| format!(" by {name}")).unwrap_or_default()
}
