//! An instance: one execution of a definition. The fold of its events, and nothing else.

use crate::definition::DefinitionRef;
use crate::event::Why;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// One execution of a definition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instance {
    /// A time-ordered UUID.
    pub id: String,
    /// The company it belongs to.
    pub company: String,
    /// The version of the definition that it keeps.
    pub definition: DefinitionRef,
    /// The number of events so far.
    pub version: u64,
    /// Approvals that are closed, oldest first. They outlive the execution, because their links do.
    pub closed: Vec<ClosedApproval>,
    /// Where it stands.
    pub status: Status,
}

/// Where an instance stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly every instance in memory is running")]
pub enum Status {
    /// Nothing has happened yet.
    New,
    /// Under way.
    Running(Running),
    /// Ended well.
    Succeeded {
        /// When.
        at: i64,
        /// The output of the execution.
        output: Value,
    },
    /// Ended with an error.
    Failed {
        /// When.
        at: i64,
        /// The state it stood in.
        state: String,
        /// The error's name.
        error: String,
        /// What happened, for people.
        cause: String,
    },
    /// Ended from outside.
    Cancelled {
        /// When.
        at: i64,
        /// Why.
        reason: String,
    },
}

/// An instance under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Running {
    /// When it started.
    pub started_at: i64,
    /// What it started with; `$states.context.Execution.Input`.
    pub input: Value,
    /// On whose behalf.
    pub requester: Option<String>,
    /// The number that the next activity gets.
    pub next_activity: u64,
    /// When the definition's `TimeoutSeconds` ends it.
    pub deadline: Option<i64>,
    /// Where it stands. `Parallel` and `Map` will make this a tree.
    pub branch: Branch,
}

/// One place in the definition, with its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Branch {
    /// The state.
    pub state: String,
    /// When it was entered.
    pub entered_at: i64,
    /// Its input.
    pub input: Value,
    /// The variables.
    pub variables: Map<String, Value>,
    /// How often each rule of `Retry` has been used since the state was entered.
    pub retries: Vec<u64>,
    /// What it waits for.
    pub activity: Activity,
}

/// What a branch waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "waits_for", rename_all = "snake_case")]
pub enum Activity {
    /// Nothing: it moves on within this step.
    Moving,
    /// A time.
    Time {
        /// When it goes on.
        until: i64,
    },
    /// A task.
    Task {
        /// Named by the task's answer.
        activity: u64,
        /// When `TimeoutSeconds` ends it.
        deadline: Option<i64>,
    },
    /// The next attempt of a task.
    Retry {
        /// When it is tried again.
        until: i64,
    },
    /// The names behind the sources of an approval; answered within the same commit.
    Approvers(OpenApproval),
    /// People.
    Decision(OpenApproval),
}

/// An approval that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenApproval {
    /// Named by votes and links.
    pub activity: u64,
    /// How often this state has been opened, counted from 1.
    pub round: u32,
    /// When it was opened.
    pub opened_at: i64,
    /// One line for inbox and mail.
    pub title: String,
    /// More words.
    pub details: Option<String>,
    /// The object that is decided on.
    pub subject: Option<Subject>,
    /// Who must not decide, and why.
    pub excluded: Vec<Excluded>,
    /// Who is asked.
    pub groups: Vec<OpenGroup>,
    /// Who has decided.
    pub votes: Vec<Vote>,
    /// How often each reminder has been sent.
    pub reminded: Vec<u32>,
    /// How many escalations have been carried out.
    pub escalated: usize,
}

/// The object that is decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// `purchasing/orders`.
    pub kind: String,
    /// Its id.
    pub id: String,
}

/// Somebody who must not decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// The person's id.
    pub person: String,
    /// Why, as a sentence's end: `made the request`.
    pub because: String,
}

/// A group that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenGroup {
    /// Its name.
    pub name: String,
    /// The people with a seat.
    pub seats: Vec<Seat>,
    /// How many votes it needs.
    pub quorum: usize,
}

/// The place of one person in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seat {
    /// The person's id.
    pub person: String,
    /// The name at that time.
    pub name: String,
    /// Why this person.
    pub why: Why,
    /// Since when.
    pub since: i64,
    /// Who gave the seat away, in order, by person id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gave: Vec<String>,
}

/// A decision of one person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// The person's id.
    pub who: String,
    /// The name at that time.
    pub name: String,
    /// The groups in which it counts.
    pub groups: Vec<String>,
    /// The decision.
    pub decision: String,
    /// When.
    pub at: i64,
    /// The reason.
    pub comment: Option<String>,
    /// The form.
    pub form: Option<Value>,
    /// Why the person was asked.
    pub why: Why,
}

/// An approval that is closed: what it was and how it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClosedApproval {
    /// Its state.
    pub state: String,
    /// When it was closed.
    pub closed_at: i64,
    /// The outcome.
    pub outcome: String,
    /// Whether no vote ended it: an escalation, `OnNobody` or an error did.
    pub by_escalation: bool,
    /// The approval as it was.
    pub approval: OpenApproval,
}

impl Instance {
    /// An instance to which nothing has happened.
    pub fn new(id: impl Into<String>, company: impl Into<String>, definition: DefinitionRef) -> Self {
        Self { id: id.into(), company: company.into(), definition, version: 0, closed: Vec::new(), status: Status::New }
    }

    /// What is under way, if anything.
    pub fn running(&self) -> Option<&Running> {
        match &self.status {
            Status::Running(running) => Some(running),
            _ => None,
        }
    }

    /// The open approval, if people are being asked.
    pub fn open_approval(&self) -> Option<&OpenApproval> {
        match &self.running()?.branch.activity {
            Activity::Decision(approval) => Some(approval),
            _ => None,
        }
    }

    /// One word for lists: `running`, `succeeded`, `failed`, `cancelled`, `new`.
    pub fn status_name(&self) -> &'static str {
        match self.status {
            Status::New => "new",
            Status::Running(_) => "running",
            Status::Succeeded { .. } => "succeeded",
            Status::Failed { .. } => "failed",
            Status::Cancelled { .. } => "cancelled",
        }
    }
}

impl Instance {
    /// The closed approval of that number.
    pub fn closed_approval(&self, activity: u64) -> Option<&ClosedApproval> {
        self.closed.iter().find(|closed| closed.approval.activity == activity)
    }
}

impl OpenApproval {
    /// Whether this person has decided.
    pub fn vote_of(&self, person: &str) -> Option<&Vote> {
        self.votes.iter().find(|vote| vote.who == person)
    }

    /// Every seat of a person.
    pub fn seats_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = (&'a OpenGroup, &'a Seat)> {
        self.groups.iter().flat_map(move |group| {
            group.seats.iter().filter(move |seat| seat.person == person).map(move |seat| (group, seat))
        })
    }

    /// The people who can still decide, each once, in the order in which they were asked.
    pub fn pending(&self) -> Vec<&Seat> {
        let mut found: Vec<&Seat> = Vec::new();
        for seat in self.groups.iter().flat_map(|group| &group.seats) {
            if self.vote_of(&seat.person).is_none() && found.iter().all(|known| known.person != seat.person) {
                found.push(seat);
            }
        }
        found
    }
}
