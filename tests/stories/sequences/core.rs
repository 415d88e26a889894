//! The pure core as a store of its own: instances in memory, moved by `step` alone.

use super::memory::Memory;
use super::{Happening, VOTERS, definition};
use anyhow::{Context, Result};
use serde_json::json;
use std::collections::VecDeque;
use workflow::{
    Actor, Candidate, Channel, Definition, Effect, Event, EventKind, FoundGroup, Instance, Rejected, WantedGroup, Why,
    next_due, step,
};

/// An instance with the work that waits to be done for it.
struct Held {
    instance: Instance,
    last_at: i64,
    work: VecDeque<u64>,
}

pub(super) struct Core {
    definition: Definition,
    held: Vec<Held>,
}

impl Core {
    pub(super) fn new() -> Result<Self> {
        let parsed = Definition::parse_text(&definition().to_string());
        Ok(Self { definition: parsed.map_err(|problems| anyhow::anyhow!("{problems:?}"))?, held: Vec::new() })
    }

    pub(super) fn instances(&self) -> impl Iterator<Item = &Instance> {
        self.held.iter().map(|held| &held.instance)
    }

    /// What it answers. Ids and secrets are chance, so they are taken from a store that has started the same instance.
    pub(super) async fn take(&mut self, happening: &Happening, store: &Memory) -> Result<String> {
        let now = store.now();
        Ok(match happening {
            Happening::Start => {
                let (instance, started) = store.last_started().await?;
                self.held.push(Held { instance, last_at: i64::MIN, work: VecDeque::new() });
                let n = self.held.len() - 1;
                answer(self.tell(n, now, Actor::System, started))
            }
            Happening::Pass { .. } => self.fire(now),
            Happening::Perform { fails } => self.perform(now, *fails),
            Happening::Restart => "restarted".to_owned(),
            other => match told(other) {
                Some((n, by, kind)) if n < self.held.len() => {
                    let kind = self.addressed(n, kind);
                    answer(self.tell(n, now, by, kind))
                }
                _ => "nobody there".to_owned(),
            },
        })
    }

    /// The event with the number of the open approval.
    fn addressed(&self, n: usize, kind: EventKind) -> EventKind {
        addressed(self.held.get(n).map(|held| &held.instance), kind)
    }

    fn tell(&mut self, n: usize, now: i64, by: Actor, kind: EventKind) -> Result<(), Rejected> {
        let Self { definition, held } = self;
        let Some(held) = held.get_mut(n) else { return Err(Rejected::NotDue) };
        let mut events = VecDeque::from([(by, kind)]);
        while let Some((by, kind)) = events.pop_front() {
            let at = now.max(held.last_at);
            let transition = step(definition, &held.instance, &Event { at, by, kind })?;
            (held.instance, held.last_at) = (transition.instance, at);
            for effect in transition.effects {
                match effect {
                    Effect::FindApprovers { activity, groups } => {
                        let groups = groups.iter().map(found).collect();
                        events.push_back((Actor::System, EventKind::ApproversFound { activity, groups }));
                    }
                    Effect::Perform { activity, .. } => held.work.push_back(activity),
                    Effect::Ask(_) | Effect::Release { .. } | Effect::CancelChild { .. } => {}
                }
            }
        }
        Ok(())
    }

    /// Tells of every deadline that has come.
    fn fire(&mut self, now: i64) -> String {
        let mut fired = 0;
        for n in 0..self.held.len() {
            while self.is_due(n, now) && self.tell(n, now, Actor::System, EventKind::DeadlineReached).is_ok() {
                fired += 1;
            }
        }
        format!("{fired} fired")
    }

    fn is_due(&self, n: usize, now: i64) -> bool {
        let due = self.held.get(n).and_then(|held| next_due(&self.definition, &held.instance));
        due.is_some_and(|due| due <= now)
    }

    fn perform(&mut self, now: i64, fails: u64) -> String {
        for n in 0..self.held.len() {
            let work = self.held.get_mut(n).map(|held| std::mem::take(&mut held.work)).unwrap_or_default();
            for activity in work {
                // Nobody may be waiting for it any more.
                let _ = self.tell(n, now, Actor::System, result(activity, fails));
            }
        }
        "performed".to_owned()
    }
}

/// What comes of the work of an activity.
pub(super) fn result(activity: u64, fails: u64) -> EventKind {
    match activity.is_multiple_of(fails + 1) {
        true => EventKind::TaskFailed { activity, error: "Work.Failed".to_owned(), cause: "by chance".to_owned() },
        false => EventKind::TaskSucceeded { activity, output: json!({ "of": activity }) },
    }
}

fn found(group: &WantedGroup) -> FoundGroup {
    FoundGroup {
        name: group.name.clone(),
        people: (0..VOTERS).map(|n| candidate(n, Why::Role("voter".to_owned()))).collect(),
    }
}

fn candidate(n: usize, why: Why) -> Candidate {
    Candidate { person: format!("p{n}"), name: format!("Person p{n}"), why }
}

/// What a happening tells which instance; `None` if it tells none.
pub(super) fn told(happening: &Happening) -> Option<(usize, Actor, EventKind)> {
    let person = |n: usize| Actor::Person { id: format!("p{n}"), through: Channel::Token };
    Some(match happening {
        Happening::Vote { instance, person: who, decision } => {
            let (voter, decision) = (format!("p{who}"), (*decision).to_owned());
            let vote = EventKind::Voted { activity: 0, person: voter, decision, form: None, comment: None };
            (*instance, person(*who), vote)
        }
        Happening::Reassign { instance, from, to } => {
            let (to, from) = (candidate(*to, Why::Named), format!("p{from}"));
            (*instance, Actor::System, EventKind::Reassigned { activity: 0, from, to, reason: "away".to_owned() })
        }
        Happening::Cancel { instance } => {
            (*instance, Actor::System, EventKind::Cancelled { reason: "not needed".to_owned() })
        }
        Happening::Signal { instance } => {
            let (name, data) = ("goods".to_owned(), json!({ "boxes": 3 }));
            (*instance, Actor::System, EventKind::Signalled { name, data })
        }
        Happening::Start | Happening::Pass { .. } | Happening::Perform { .. } | Happening::Restart => return None,
    })
}

/// The event with the number of the open approval, or of the last that was closed.
pub(super) fn addressed(instance: Option<&Instance>, mut kind: EventKind) -> EventKind {
    let open = instance.and_then(|instance| instance.open_approvals().next().map(|(_, open)| open.activity));
    let closed = instance.and_then(|instance| instance.closed.last().map(|closed| closed.approval.activity));
    if let EventKind::Voted { activity, .. } | EventKind::Reassigned { activity, .. } = &mut kind {
        *activity = open.or(closed).unwrap_or(1);
    }
    kind
}

fn answer(told: Result<(), Rejected>) -> String {
    told.map_or_else(|rejected| rejected.to_string(), |()| "taken".to_owned())
}

/// The first event of an instance as a store has it.
pub(super) fn started(event: Option<&Event>) -> Result<EventKind> {
    event.map(|event| event.kind.clone()).context("a first event")
}
