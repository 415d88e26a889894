//! What happened: the only thing that moves an instance. Stored for ever, so names never change.

use crate::definition::ApproverSource;
use crate::instance::Parent;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Something that happened, when, and through whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Milliseconds since 1970, UTC.
    pub at: i64,
    /// Who made it happen.
    pub by: Actor,
    /// What happened.
    pub kind: EventKind,
}

/// Who made something happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The service itself: a timer, a worker.
    System,
    /// A person, by id, and how the person was recognised.
    Person {
        /// The person's id.
        id: String,
        /// How it was known who it is.
        through: Channel,
    },
}

/// How it was known who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A link in a mail.
    Link,
    /// A bearer token.
    Token,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// The instance was started.
    Started {
        /// The input of the first state.
        input: Value,
        /// On whose behalf; excluded from deciding unless the definition says otherwise.
        requester: Option<String>,
        /// Chance from outside, from which the tokens of callbacks are made. Empty: none can be answered.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        secret: String,
        /// The task that waits for the end, if another instance started this one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        parent: Option<Parent>,
    },
    /// A deadline of the instance has come.
    DeadlineReached,
    /// A task ended well.
    TaskSucceeded {
        /// Which one.
        activity: u64,
        /// Its result.
        output: Value,
    },
    /// A task failed for good.
    TaskFailed {
        /// Which one.
        activity: u64,
        /// The error's name: `Mail.Rejected`.
        error: String,
        /// What happened, for people.
        cause: String,
    },
    /// A task is still at work.
    TaskHeartbeat {
        /// Which one.
        activity: u64,
    },
    /// Somebody told the instance something.
    Signalled {
        /// The signal's name.
        name: String,
        /// What it carries.
        data: Value,
    },
    /// The people behind the sources of an approval were looked up.
    ApproversFound {
        /// Which approval.
        activity: u64,
        /// One entry for each group that was asked for.
        groups: Vec<FoundGroup>,
    },
    /// Somebody decided.
    Voted {
        /// Which approval.
        activity: u64,
        /// Who.
        person: String,
        /// The decision's name.
        decision: String,
        /// The filled-in form of the decision.
        form: Option<Value>,
        /// The reason.
        comment: Option<String>,
    },
    /// The seat of an approver was given to somebody else.
    Reassigned {
        /// Which approval.
        activity: u64,
        /// Who gives.
        from: String,
        /// Who takes.
        to: Candidate,
        /// Why.
        reason: String,
    },
    /// The instance was ended from outside.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// The people found for a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundGroup {
    /// The group.
    pub name: String,
    /// Its people, each once.
    pub people: Vec<Candidate>,
}

/// Somebody who may be asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The person's id.
    pub person: String,
    /// The name at that time.
    pub name: String,
    /// Why this person.
    pub why: Why,
}

/// Why a person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Named in the definition.
    Named,
    /// Has the role.
    Role(String),
    /// Manages the person (a name).
    ManagerOf(String),
    /// Heads the department (a name).
    HeadOf(String),
    /// The authority table names this role for the step.
    Authority {
        /// The step of the table.
        step: String,
        /// The role it names.
        role: String,
    },
    /// Took the seat of somebody (a name).
    InsteadOf(String),
}

impl EventKind {
    /// The start of an instance that stands alone and answers no callbacks.
    pub fn started(input: Value, requester: Option<String>) -> Self {
        Self::Started { input, requester, secret: String::new(), parent: None }
    }
}

impl std::fmt::Display for Why {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Named => f.write_str("named in the workflow"),
            Self::Role(role) => write!(f, "has the role {}", spoken(role)),
            Self::ManagerOf(name) => write!(f, "manager of {name}"),
            Self::HeadOf(name) => write!(f, "head of {name}"),
            Self::Authority { role, .. } => write!(f, "{} by the authority table", spoken(role)),
            Self::InsteadOf(name) => write!(f, "asked instead of {name}"),
        }
    }
}

impl Why {
    /// The reason as a sentence to the person who is asked.
    pub fn to_you(&self) -> String {
        match self {
            Self::Named => "You are named in the workflow.".to_owned(),
            Self::Role(role) => format!("You have the role {}.", spoken(role)),
            Self::ManagerOf(name) => format!("You are the manager of {name}."),
            Self::HeadOf(name) => format!("You are the head of {name}."),
            Self::Authority { role, .. } => format!("The authority table names your role, {}.", spoken(role)),
            Self::InsteadOf(name) => format!("You are asked instead of {name}."),
        }
    }
}

/// A role as people say it: `finance approver`.
fn spoken(role: &str) -> String {
    role.replace('_', " ")
}

/// People to look up, group by group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WantedGroup {
    /// The group.
    pub name: String,
    /// Where its people come from.
    pub from: Vec<ApproverSource<String>>,
}
