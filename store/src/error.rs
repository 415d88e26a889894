//! What can go wrong with a unit of work, by who must act.

use thiserror::Error;
use workflow::{Problem, Rejected};

/// What went wrong. Nothing of the unit of work is stored, except where `Unavailable` says otherwise.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The event is not taken: the user must do something else.
    #[error(transparent)]
    Rejected(#[from] Rejected),
    /// The input has problems: the user must mend them.
    #[error("{}", first(.0))]
    Problems(Vec<Problem>),
    /// There is no such thing.
    #[error("there is no {what} \"{id}\"")]
    Missing {
        /// What was looked for.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// It cannot be done as things stand. The sentence says why, and what would help.
    #[error("{sentence}")]
    Refused {
        /// For programs: `module-needed`.
        code: &'static str,
        /// For people.
        sentence: String,
    },
    /// It cannot be done now, and can be later: the caller may try again.
    #[error("{sentence}")]
    Busy {
        /// For programs: `module-isolated`.
        code: &'static str,
        /// For people.
        sentence: String,
        /// In so many seconds.
        after_seconds: u64,
    },
    /// The key was used with another request.
    #[error("this Idempotency-Key was used with another request")]
    KeyReused,
    /// Somebody else was faster: try again.
    #[error("somebody else changed this at the same moment")]
    Conflict,
    /// It is not what the caller has seen any more: the caller must look again.
    #[error("{0}")]
    Outdated(String),
    /// Some parts may be changed by others only.
    #[error("{}", first(.0))]
    Guarded(Vec<Problem>),
    /// The database does not answer; it is unknown whether the unit was stored. The operator must look.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A row that cannot be read, or code that panicked. Nothing is stored; the operator must look.
    #[error("stored data cannot be read: {0}")]
    Corrupt(String),
    /// A test has stopped the service here.
    #[error("stopped at the crash point {0}")]
    Crashed(&'static str),
}

fn first(problems: &[Problem]) -> String {
    match problems {
        [] => "the input has problems".to_owned(),
        [only] => only.to_string(),
        [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
    }
}

impl StoreError {
    /// Whether whoever asked can do something about it; everything else is for the operator, or for another try.
    pub fn is_of_caller(&self) -> bool {
        match self {
            Self::Rejected(_)
            | Self::Problems(_)
            | Self::Missing { .. }
            | Self::Refused { .. }
            | Self::KeyReused
            | Self::Outdated(_)
            | Self::Guarded(_) => true,
            Self::Conflict | Self::Busy { .. } | Self::Unavailable(_) | Self::Corrupt(_) | Self::Crashed(_) => false,
        }
    }

    /// What cannot be done as things stand.
    pub fn refused(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::Refused { code, sentence: sentence.into() }
    }

    /// A row whose JSON does not fit.
    pub(crate) fn corrupt(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Corrupt(format!("{what}: {error}"))
    }
}
