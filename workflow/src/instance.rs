//! An instance: one execution of a definition. The fold of its events, and nothing else.

use crate::closed::{ClosedApproval, EarlierRounds};
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
    /// Approvals that are closed, oldest first. They outlive the execution, because their links do. Of a state that is
    /// closed again and again the last [`crate::KEPT_ROUNDS`] are here, so that an instance does not grow with its age.
    pub closed: Vec<ClosedApproval>,
    /// What is still known of those before. The whole of them is in the history.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<EarlierRounds>,
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
    /// Where it stands. `Parallel` and `Map` make this a tree.
    pub branch: Branch,
    /// What the tokens of its callbacks are made from: chance from outside. Empty: no callback can be answered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret: String,
    /// Signals that arrived before anything waited for them, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
    /// Why it is being cancelled, while it compensates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelling: Option<String>,
    /// Who waits for the end of this instance, if another instance does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
}

/// Something that others tell a running instance.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// What it carries.
    pub data: Value,
}

/// The task of another instance that waits for this one to end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The instance.
    pub instance: String,
    /// Its task.
    pub activity: u64,
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
        /// When silence ends it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        heartbeat: Option<Heartbeat>,
        /// The instance that it has started and whose end it waits for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        child: Option<String>,
    },
    /// A signal.
    Signal {
        /// Its place among the activities.
        activity: u64,
        /// The signal's name.
        name: String,
        /// When `TimeoutSeconds` ends the wait.
        deadline: Option<i64>,
    },
    /// The next attempt of a state that failed.
    Retry {
        /// When it is tried again.
        until: i64,
    },
    /// The names behind the sources of an approval; answered within the same commit.
    Approvers(OpenApproval),
    /// People.
    Decision(OpenApproval),
    /// The branches of a `Parallel`.
    Branches {
        /// One for each branch, in the order of the definition.
        lanes: Vec<Lane>,
    },
    /// The items of a `Map`.
    Items(Items),
}

/// How long a task may be silent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// `HeartbeatSeconds`, in milliseconds.
    pub every_ms: i64,
    /// When silence ends the task.
    pub due: i64,
}

/// One branch of a `Parallel`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "lane", rename_all = "snake_case")]
pub enum Lane {
    /// Under way.
    Open(Box<Branch>),
    /// Ended well.
    Done {
        /// Its output.
        output: Value,
    },
}

/// The items of a `Map`, and how far it has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Items {
    /// What there is to do: items, or batches of them.
    pub items: Vec<Value>,
    /// How many iterations have begun.
    pub begun: usize,
    /// The most iterations under way at once.
    pub concurrency: usize,
    /// So many may fail.
    pub tolerated: usize,
    /// How many have failed.
    pub failed: usize,
    /// Those under way.
    pub lanes: Vec<ItemLane>,
    /// What has come of those that ended well, in the order in which they ended.
    pub outputs: Vec<ItemOutput>,
}

/// An iteration under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemLane {
    /// The item's place, from 0.
    pub item: usize,
    /// Where it stands.
    pub branch: Branch,
}

/// What has come of an iteration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemOutput {
    /// The item's place, from 0.
    pub item: usize,
    /// Its output.
    pub output: Value,
}

/// An approval that is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenApproval {
    /// Named by votes and links.
    pub activity: u64,
    /// How often this state has been opened, counted from 1; for the items of a `Map`, each for itself.
    pub round: u32,
    /// The places of the items of `Map`s that it stands in, from the outermost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<usize>,
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

impl Instance {
    /// An instance to which nothing has happened.
    pub fn new(id: impl Into<String>, company: impl Into<String>, definition: DefinitionRef) -> Self {
        let (id, company, status) = (id.into(), company.into(), Status::New);
        Self { id, company, definition, version: 0, closed: Vec::new(), earlier: Vec::new(), status }
    }

    /// What is under way, if anything.
    pub fn running(&self) -> Option<&Running> {
        match &self.status {
            Status::Running(running) => Some(running),
            _ => None,
        }
    }

    /// Every open approval with the branch that waits for it, in the order of the tree.
    pub fn open_approvals(&self) -> impl Iterator<Item = (&Branch, &OpenApproval)> {
        let branches = self.running().map(|running| running.branch.all()).unwrap_or_default();
        branches.into_iter().filter_map(|branch| match &branch.activity {
            Activity::Decision(approval) => Some((branch, approval)),
            _ => None,
        })
    }

    /// The open approval of that number with its branch.
    pub fn open_approval(&self, activity: u64) -> Option<(&Branch, &OpenApproval)> {
        self.open_approvals().find(|(_, open)| open.activity == activity)
    }

    /// Whether something waits for the answer of that number.
    pub fn waits_for(&self, activity: u64) -> bool {
        let waits = |branch: &&Branch| branch.activity.number() == Some(activity);
        self.running().is_some_and(|running| running.branch.all().iter().any(waits))
    }

    /// The open approvals in which a person has a seat.
    pub fn asked_of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = (&'a Branch, &'a OpenApproval)> {
        self.open_approvals().filter(move |(_, open)| open.seats_of(person).next().is_some())
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
