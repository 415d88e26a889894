//! Rehearsals: a definition played on a virtual clock, with answers for everything that it would do outside.
//!
//! A wait of a month takes no time. What a task yields, who is behind a role and what people decide is said beforehand;
//! everything else is the same [`step`] that the service runs.

mod people;
mod scenario;

pub use people::People;
pub use scenario::{Expected, Failed, Scenario};

use crate::definition::{Definition, DefinitionRef};
use crate::effect::Effect;
use crate::event::{Actor, Channel, Event, EventKind, FoundGroup, WantedGroup};
use crate::history::Entry;
use crate::instance::{Instance, Status};
use crate::rejected::Rejected;
use crate::step::{next_due, step};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// The most events of a rehearsal: a definition may wait and go on for ever.
const MAX_EVENTS: u64 = 100_000;
/// When rehearsals start unless they say otherwise: 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;

/// What a task answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", untagged, deny_unknown_fields)]
pub enum Answer {
    /// It succeeds.
    #[serde(rename_all = "PascalCase")]
    Result {
        /// With this result.
        result: Value,
    },
    /// It fails.
    #[serde(rename_all = "PascalCase")]
    Error {
        /// The error's name.
        error: String,
        /// What happened.
        #[serde(default)]
        cause: String,
    },
}

/// What somebody decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Decided {
    /// In which state.
    pub state: String,
    /// Who.
    pub by: String,
    /// What.
    pub decision: String,
    /// Why.
    #[serde(default)]
    pub comment: Option<String>,
    /// The form that goes with it.
    #[serde(default)]
    pub form: Option<Value>,
}

/// A signal that arrives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// What it carries.
    #[serde(default)]
    pub data: Value,
}

/// What a rehearsal is played with.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    /// Who is who.
    pub people: People,
    /// What tasks answer, by state or by resource; the last answer of a list is given again and again.
    pub answers: BTreeMap<String, VecDeque<Answer>>,
    /// What people decide, each as soon as the person is asked.
    pub decisions: VecDeque<Decided>,
    /// Signals, each as soon as nothing else can happen.
    pub signals: VecDeque<Sent>,
}

/// Why a rehearsal came to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rest {
    /// The instance is over.
    Ended,
    /// It waits for something that the cast does not have.
    Waiting,
    /// It went on for too long.
    Endless,
}

/// A definition as it is played.
#[derive(Debug)]
pub struct Rehearsal<'d> {
    definition: &'d Definition,
    /// Where it stands.
    pub instance: Instance,
    /// The virtual time, in milliseconds since 1970.
    pub now: i64,
    /// Everything that happened.
    pub entries: Vec<Entry>,
    /// Who was asked, in order: the state and the person.
    pub asked: Vec<(String, String)>,
    cast: Cast,
    effects: VecDeque<Effect>,
}

impl<'d> Rehearsal<'d> {
    /// A rehearsal that has not started.
    pub fn new(definition: &'d Definition, cast: Cast) -> Self {
        let reference = DefinitionRef { name: "rehearsal".to_owned(), version: 1 };
        let instance = Instance::new("00000000-0000-7000-8000-000000000000", "rehearsal", reference);
        let (entries, asked, effects) = (Vec::new(), Vec::new(), VecDeque::new());
        Self { definition, instance, now: START_MS, entries, asked, cast, effects }
    }

    /// Plays it until it is over or nothing can happen any more.
    pub fn play(&mut self, input: Value, requester: Option<String>) -> Result<Rest, Rejected> {
        self.take(Actor::System, EventKind::started(input, requester))?;
        while self.instance.version < MAX_EVENTS {
            if self.instance.running().is_none() {
                return Ok(Rest::Ended);
            }
            if !self.go_on()? {
                return Ok(Rest::Waiting);
            }
        }
        Ok(Rest::Endless)
    }

    /// Lets the next thing happen: work that is due, a decision, a signal, a deadline. False if there is nothing.
    fn go_on(&mut self) -> Result<bool, Rejected> {
        if let Some(effect) = self.effects.pop_front() {
            return self.perform(effect).map(|()| true);
        }
        if self.decide()? {
            return Ok(true);
        }
        if let Some(Sent { name, data }) = self.cast.signals.pop_front() {
            return self.take(Actor::System, EventKind::Signalled { name, data }).map(|()| true);
        }
        let Some(due) = next_due(self.definition, &self.instance) else { return Ok(false) };
        self.now = self.now.max(due);
        self.take(Actor::System, EventKind::DeadlineReached).map(|()| true)
    }

    fn perform(&mut self, effect: Effect) -> Result<(), Rejected> {
        match effect {
            Effect::Perform { activity, resource, .. } => {
                let kind = self.answer(activity, &resource);
                match self.take(Actor::System, kind) {
                    Err(Rejected::Late { .. } | Rejected::NotRunning { .. }) => Ok(()),
                    taken => taken,
                }
            }
            Effect::FindApprovers { activity, groups } => {
                let groups = groups.iter().map(|group| self.found(group)).collect();
                self.take(Actor::System, EventKind::ApproversFound { activity, groups })
            }
            Effect::Ask(asking) => {
                let state = self.instance.open_approval(asking.activity).map(|(branch, _)| branch.state.clone());
                self.asked.extend(state.map(|state| (state, asking.person)));
                Ok(())
            }
            Effect::Release { .. } | Effect::CancelChild { .. } => Ok(()),
        }
    }

    fn found(&self, group: &WantedGroup) -> FoundGroup {
        let people = group.from.iter().flat_map(|source| self.cast.people.behind(source)).collect();
        FoundGroup { name: group.name.clone(), people }
    }

    fn answer(&mut self, activity: u64, resource: &str) -> EventKind {
        let waits = |branch: &&crate::instance::Branch| branch.activity.number() == Some(activity);
        let branches = self.instance.running().map(|running| running.branch.all()).unwrap_or_default();
        let state = branches.into_iter().find(waits).map(|branch| branch.state.clone()).unwrap_or_default();
        let key = if self.cast.answers.contains_key(&state) { state.as_str() } else { resource };
        let answer = self.cast.answers.get_mut(key).and_then(|answers| match answers.len() {
            0 | 1 => answers.front().cloned(),
            _ => answers.pop_front(),
        });
        match answer {
            Some(Answer::Result { result }) => EventKind::TaskSucceeded { activity, output: result },
            Some(Answer::Error { error, cause }) => EventKind::TaskFailed { activity, error, cause },
            None => {
                let cause = format!("nobody said what {resource} answers in {state}");
                EventKind::TaskFailed { activity, error: "Rehearsal.NoAnswer".to_owned(), cause }
            }
        }
    }

    /// Takes the first decision whose person is asked in its state.
    fn decide(&mut self) -> Result<bool, Rejected> {
        let asked = |decided: &Decided| {
            let mut open = self.instance.asked_of(&decided.by).filter(|(branch, _)| branch.state == decided.state);
            open.find(|(_, open)| open.vote_of(&decided.by).is_none()).map(|(_, open)| open.activity)
        };
        let next = self.cast.decisions.iter().enumerate().find_map(|(n, decided)| Some((n, asked(decided)?)));
        let Some((n, activity)) = next else { return Ok(false) };
        let Some(Decided { by: person, decision, comment, form, .. }) = self.cast.decisions.remove(n) else {
            return Ok(false);
        };
        let by = Actor::Person { id: person.clone(), through: Channel::Token };
        self.take(by, EventKind::Voted { activity, person, decision, form, comment })?;
        Ok(true)
    }

    fn take(&mut self, by: Actor, kind: EventKind) -> Result<(), Rejected> {
        let event = Event { at: self.now, by, kind };
        let taken = step(self.definition, &self.instance, &event)?;
        self.instance = taken.instance;
        self.entries.extend(taken.entries);
        self.effects.extend(taken.effects);
        Ok(())
    }

    /// The states that were entered, in order.
    pub fn path(&self) -> Vec<&str> {
        let entered = self.entries.iter().filter(|entry| entry.kind.ends_with("StateEntered"));
        entered.filter_map(|entry| entry.name.as_deref()).collect()
    }

    /// What nobody has answered, as sentences.
    pub fn waits_for(&self) -> Vec<String> {
        self.instance
            .running()
            .map(|running| running.branch.all())
            .unwrap_or_default()
            .into_iter()
            .filter_map(waits)
            .collect()
    }

    /// The output, if it ended well.
    pub fn output(&self) -> Option<&Value> {
        match &self.instance.status {
            Status::Succeeded { output, .. } => Some(output),
            _ => None,
        }
    }
}

fn waits(branch: &crate::instance::Branch) -> Option<String> {
    use crate::instance::Activity::{Decision, Signal, Task};
    let state = &branch.state;
    match &branch.activity {
        Decision(open) => {
            let names: Vec<&str> = open.pending().into_iter().map(|seat| seat.person.as_str()).collect();
            Some(format!("{state} waits for a decision of {}", names.join(", ")))
        }
        Signal { name, .. } => Some(format!("{state} waits for the signal {name}")),
        Task { .. } => Some(format!("{state} waits for its task")),
        _ => None,
    }
}
