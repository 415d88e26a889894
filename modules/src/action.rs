//! Actions: the work of a module that is done by workers, outside any commit.

use serde_json::{Map, Value};
use store::Store;
use thiserror::Error;
use workflow::{ClosedApproval, Instance};

/// A task that a worker has taken up.
#[derive(Debug, Clone)]
pub struct Action<'a> {
    /// Where what it makes is kept.
    pub store: &'a Store,
    /// The company.
    pub company: &'a str,
    /// The instance that asks.
    pub instance: &'a str,
    /// `instance/version/n`: the same for every attempt.
    pub idempotency_key: &'a str,
    /// The name of the work: `purchasing.render_order`.
    pub resource: &'a str,
    /// What it is given.
    pub arguments: &'a Value,
}

/// Why an action did not succeed, by what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ActionError {
    /// Try again later: the cause may pass.
    #[error("{error}: {cause}")]
    Retry {
        /// The error's name, should it never pass.
        error: String,
        /// What happened, for people.
        cause: String,
    },
    /// Trying again will not help.
    #[error("{error}: {cause}")]
    GiveUp {
        /// The error's name: `Mail.Rejected`.
        error: String,
        /// What happened, for people.
        cause: String,
    },
}

impl ActionError {
    /// An error that may pass.
    pub fn retry(error: impl Into<String>, cause: impl ToString) -> Self {
        Self::Retry { error: error.into(), cause: cause.to_string() }
    }

    /// An error that will not pass.
    pub fn give_up(error: impl Into<String>, cause: impl ToString) -> Self {
        Self::GiveUp { error: error.into(), cause: cause.to_string() }
    }
}

/// The variables of a workflow that is under way: what it has found out about its object, such as the exchange rate of
/// this round. Empty once it is over.
#[must_use]
pub fn variables(instance: &Instance) -> Map<String, Value> {
    instance.running().map(|running| running.branch.variables.clone()).unwrap_or_default()
}

/// Somebody's decision, as documents show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The name.
    pub name: String,
    /// Why this person: `manager of Eva Berg`.
    pub why: String,
    /// The decision: `approve`.
    pub decision: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The reason.
    pub comment: Option<String>,
}

impl Approved {
    /// The decisions that still stand: those since the last rejection, oldest first.
    pub fn standing(instance: &Instance) -> Vec<Self> {
        let closed = &instance.closed;
        let from = closed.iter().rposition(|closed| closed.outcome == "rejected").map_or(0, |last| last + 1);
        let standing = closed.iter().skip(from).filter(|closed| closed.outcome == "approved");
        standing.flat_map(Self::of).collect()
    }

    /// The decisions of one approval.
    pub fn of(closed: &ClosedApproval) -> Vec<Self> {
        let votes = closed.approval.votes.iter();
        votes
            .map(|vote| Self {
                name: vote.name.clone(),
                why: vote.why.to_string(),
                decision: vote.decision.clone(),
                at: vote.at,
                comment: vote.comment.clone(),
            })
            .collect()
    }
}
