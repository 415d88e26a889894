//! Rehearsals: a definition played on a virtual clock, with answers for everything that it would do outside.
//!
//! A wait of a month takes no time. What a task yields, who is behind a role and what people decide is said beforehand;
//! everything else is the same [`step`] that the service runs.

mod answer;
mod cast;
mod coming;
mod expected;
mod people;
mod scenario;
mod waits;

pub use answer::{Answer, Answers};
pub use cast::{ANY_TASK, Cast, Decided, Delay, Ending, Sent};
pub use expected::{Difference, Expected};
pub use people::People;
pub use scenario::{Scenario, extend};
pub use waits::Waiting;

use crate::definition::{Definition, DefinitionRef, FOR_TOKEN};
use crate::effect::{Asking, Effect, Occasion};
use crate::event::{Actor, Event, EventKind, FoundGroup, WantedGroup};
use crate::history::Entry;
use crate::instance::{Branch, Instance, Status};
use crate::rejected::Rejected;
use crate::step::step;
use coming::Coming;
use serde::Serialize;
use serde_json::Value;
use std::collections::VecDeque;

/// The longest history of a rehearsal, as in Step Functions: a definition may wait and go on for ever.
pub const MAX_ENTRIES: usize = 25_000;
/// When rehearsals start: 2026-01-01T00:00:00Z.
pub const START_MS: i64 = 1_767_225_600_000;

/// Why a rehearsal came to rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// The instance is over.
    Ended,
    /// It waits for something that the cast does not have.
    Waiting,
    /// It went on for too long.
    Endless,
}

/// That somebody was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// In which state.
    pub state: String,
    /// The person's id.
    pub person: String,
    /// Why this person: `manager of eva`.
    pub why: String,
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
    /// When each of the entries was written.
    pub times: Vec<i64>,
    /// Who was asked, in order; reminders are not counted.
    pub asked: Vec<Asked>,
    cast: Cast,
    effects: VecDeque<Effect>,
    /// The tasks that nobody has answers for.
    unanswered: Vec<u64>,
}

impl<'d> Rehearsal<'d> {
    /// A rehearsal that has not started.
    pub fn new(definition: &'d Definition, cast: Cast) -> Self {
        let reference = DefinitionRef { name: "rehearsal".to_owned(), version: 1 };
        let instance = Instance::new("00000000-0000-7000-8000-000000000000", "rehearsal", reference);
        Self {
            definition,
            instance,
            now: START_MS,
            entries: Vec::new(),
            times: Vec::new(),
            asked: Vec::new(),
            cast,
            effects: VecDeque::new(),
            unanswered: Vec::new(),
        }
    }

    /// Plays it until it is over or nothing can happen any more.
    pub fn play(&mut self, input: Value, requester: Option<String>) -> Result<Rest, Rejected> {
        self.start(input, requester)?;
        loop {
            if let Some(rest) = self.go_on()? {
                return Ok(rest);
            }
        }
    }

    /// Starts it.
    pub fn start(&mut self, input: Value, requester: Option<String>) -> Result<(), Rejected> {
        self.take(Actor::System, EventKind::started(input, requester))
    }

    /// Lets the next thing happen: work that is due, a decision, a signal, a deadline. Why it rests if there is nothing.
    pub fn go_on(&mut self) -> Result<Option<Rest>, Rejected> {
        if self.instance.running().is_none() {
            return Ok(Some(Rest::Ended));
        }
        if self.entries.len() >= MAX_ENTRIES {
            return Ok(Some(Rest::Endless));
        }
        if let Some(effect) = self.effects.pop_front() {
            return self.perform(effect).map(|()| None);
        }
        let Some((at, coming)) = self.coming() else { return Ok(Some(Rest::Waiting)) };
        let until = self.cast.patience_ms.map(|most| START_MS.saturating_add(most));
        match until.filter(|until| at > *until) {
            Some(until) => {
                self.now = until;
                Ok(Some(Rest::Waiting))
            }
            None => self.happen(at, coming).map(|()| None),
        }
    }

    fn happen(&mut self, at: i64, coming: Coming) -> Result<(), Rejected> {
        self.now = self.now.max(at);
        let (by, kind) = self.event_of(coming);
        self.take(by, kind)
    }

    fn perform(&mut self, effect: Effect) -> Result<(), Rejected> {
        match effect {
            Effect::Perform { activity, resource, .. } => self.answer(activity, &resource),
            Effect::FindApprovers { activity, groups } => {
                let groups = groups.iter().map(|group| self.found(group)).collect();
                self.take(Actor::System, EventKind::ApproversFound { activity, groups })
            }
            Effect::Ask(asking) if !matches!(asking.occasion, Occasion::Reminder(_)) => {
                self.asked.extend(self.seat_of(asking));
                Ok(())
            }
            Effect::Ask(_) | Effect::Release { .. } | Effect::CancelChild { .. } => Ok(()),
        }
    }

    fn seat_of(&self, asking: Asking) -> Option<Asked> {
        let (branch, open) = self.instance.open_approval(asking.activity)?;
        let (_, seat) = open.seats_of(&asking.person).next()?;
        Some(Asked { state: branch.state.clone(), why: seat.why.to_string(), person: asking.person })
    }

    fn found(&self, group: &WantedGroup) -> FoundGroup {
        let people = group.from.iter().flat_map(|source| self.cast.people.behind(source)).collect();
        FoundGroup { name: group.name.clone(), people }
    }

    /// A task that was stopped meanwhile gets no answer; one that answers from outside may be given time.
    fn answer(&mut self, activity: u64, resource: &str) -> Result<(), Rejected> {
        let waits = |branch: &&Branch| branch.activity.number() == Some(activity);
        let Some(state) = self.branches().into_iter().find(waits).map(|branch| branch.state.clone()) else {
            return Ok(());
        };
        let kind = match self.cast.answer(&state, resource) {
            Some(Answer::Result(result)) => EventKind::TaskSucceeded { activity, output: result },
            Some(Answer::Error { error, cause }) => EventKind::TaskFailed { activity, error, cause },
            None if resource.ends_with(FOR_TOKEN) => return Ok(()),
            None => {
                self.unanswered.push(activity);
                return Ok(());
            }
        };
        self.take(Actor::System, kind)
    }

    fn take(&mut self, by: Actor, kind: EventKind) -> Result<(), Rejected> {
        let event = Event { at: self.now, by, kind };
        let taken = step(self.definition, &self.instance, &event)?;
        self.instance = taken.instance;
        self.times.extend(taken.entries.iter().map(|_| self.now));
        self.entries.extend(taken.entries);
        self.effects.extend(taken.effects);
        Ok(())
    }

    fn branches(&self) -> Vec<&Branch> {
        self.instance.running().map(|running| running.branch.all()).unwrap_or_default()
    }

    /// The states that were entered, in order.
    pub fn path(&self) -> Vec<&str> {
        let entered = self.entries.iter().filter(|entry| entry.kind.ends_with("StateEntered"));
        entered.filter_map(|entry| entry.name.as_deref()).collect()
    }

    /// The output, if it ended well.
    pub fn output(&self) -> Option<&Value> {
        match &self.instance.status {
            Status::Succeeded { output, .. } => Some(output),
            _ => None,
        }
    }

    /// One word for how it stands: `succeeded`, `failed`, `cancelled`, `waiting`, `endless`.
    pub fn status(&self, rest: Rest) -> &'static str {
        match rest {
            Rest::Ended => self.instance.status_name(),
            Rest::Waiting => "waiting",
            Rest::Endless => "endless",
        }
    }

    /// The decisions of the cast that nobody made, because the person was not asked in that state.
    pub fn unused_decisions(&self) -> &[Decided] {
        &self.cast.decisions
    }
}
