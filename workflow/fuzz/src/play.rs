//! An instance under way, looked at after each event.

use serde_json::Value;
use workflow::{
    Actor, Definition, DefinitionRef, Effect, Entry, Event, EventKind, Instance, Rejected, next_due, replay, step,
};

/// 2026-01-01T00:00:00Z.
const START_MS: i64 = 1_767_225_600_000;

/// An instance and what has happened to it.
pub(crate) struct Play<'d> {
    definition: &'d Definition,
    pub(crate) instance: Instance,
    pub(crate) now: i64,
    events: Vec<(Event, Vec<Entry>)>,
    /// Activities that somebody waits for an answer of.
    pub(crate) wanted: Vec<Effect>,
}

impl<'d> Play<'d> {
    pub(crate) fn new(definition: &'d Definition) -> Self {
        let reference = DefinitionRef { name: "fuzz/fuzz".into(), version: 1 };
        let instance = Instance::new("00000000-0000-7000-8000-000000000000", "fuzz", reference);
        Self { definition, instance, now: START_MS, events: Vec::new(), wanted: Vec::new() }
    }

    /// Takes an event, if the core does.
    pub(crate) fn take(&mut self, kind: EventKind) -> bool {
        let event = Event { at: self.now, by: Actor::System, kind };
        match step(self.definition, &self.instance, &event) {
            Ok(taken) => {
                assert_eq!(taken.instance.version, self.instance.version + 1, "an event is one version");
                self.instance = taken.instance;
                self.check();
                self.wanted.extend(taken.effects);
                self.events.push((event, taken.entries));
                true
            }
            Err(rejected) => {
                assert!(!rejected.to_string().is_empty(), "rejected without a word");
                false
            }
        }
    }

    /// Lets the next deadline come.
    pub(crate) fn deadline(&mut self) -> bool {
        let Some(due) = next_due(self.definition, &self.instance) else { return false };
        self.now = self.now.max(due);
        assert!(self.take(EventKind::DeadlineReached), "due, but not taken");
        true
    }

    fn check(&self) {
        let text = serde_json::to_string(&self.instance).expect("an instance is JSON");
        let back: Instance = serde_json::from_str(&text).expect("an instance is read back");
        assert_eq!(back, self.instance, "an instance does not survive its JSON");
        if self.instance.running().is_none() {
            assert_eq!(next_due(self.definition, &self.instance), None, "over, and due");
            return;
        }
        if let Some(due) = next_due(self.definition, &self.instance).filter(|due| *due > self.now) {
            let early = Event { at: due - 1, by: Actor::System, kind: EventKind::DeadlineReached };
            assert_eq!(step(self.definition, &self.instance, &early), Err(Rejected::NotDue), "taken before it is due");
        }
    }

    /// The instance is what its stored events make of it.
    pub(crate) fn finish(self) {
        let text = serde_json::to_string(&self.events).expect("events are JSON");
        let stored: Vec<(Event, Vec<Entry>)> = serde_json::from_str(&text).expect("events are read back");
        replay(self.definition, &self.instance, &stored).expect("the instance is the fold of its events");
    }
}

/// A JSON text within the depth that is ever read.
pub(crate) fn json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
