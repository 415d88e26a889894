//! Plays a case event by event and looks at the instance after each: it survives its own JSON, it is never due in the past,
//! and in the end it is the fold of its events.

use crate::generator::Case;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Debug;
use workflow::rehearsal::{Answer, START_MS};
use workflow::{Actor, Definition, DefinitionRef, Effect, Entry, Event, EventKind, Instance, next_due, replay, step};

/// A case under way.
pub(crate) struct Player<'c> {
    definition: &'c Definition,
    pub(crate) instance: Instance,
    now: i64,
    events: Vec<(Event, Vec<Entry>)>,
    effects: VecDeque<Effect>,
    answers: BTreeMap<String, VecDeque<Answer>>,
}

impl<'c> Player<'c> {
    /// Plays the case to its end.
    pub(crate) fn play(definition: &'c Definition, case: &Case) -> Self {
        let reference = DefinitionRef { name: "test/random".into(), version: 1 };
        let answers = case.answers.iter().map(|(name, answers)| (name.clone(), answers.clone().into())).collect();
        let instance = Instance::new("instance-1", "acme", reference);
        let (events, effects) = (Vec::new(), VecDeque::new());
        let mut player = Self { definition, instance, now: START_MS, events, effects, answers };
        player.take(EventKind::started(case.input.clone(), None));
        while player.instance.running().is_some() {
            player.go_on();
        }
        replay(definition, &player.instance, &player.events).unwrap();
        player
    }

    fn go_on(&mut self) {
        match self.effects.pop_front() {
            Some(Effect::Perform { activity, .. }) if self.instance.waits_for(activity) => {
                let answer = self.answer(activity);
                self.take(answer);
            }
            Some(_) => {}
            None => {
                let due = next_due(self.definition, &self.instance).expect("it waits for nothing");
                assert!(due >= self.now, "due in the past");
                self.now = due;
                self.take(EventKind::DeadlineReached);
            }
        }
    }

    fn answer(&mut self, activity: u64) -> EventKind {
        let running = self.instance.running().unwrap();
        let waits = |branch: &&workflow::Branch| matches!(branch.activity, workflow::Activity::Task { activity: open, .. } if open == activity);
        let state = running.branch.all().into_iter().find(waits).unwrap().state.clone();
        let answers = self.answers.get_mut(&state).unwrap();
        let answer = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        match answer.unwrap() {
            Answer::Result(result) => EventKind::TaskSucceeded { activity, output: result },
            Answer::Error { error, cause } => EventKind::TaskFailed { activity, error, cause },
        }
    }

    fn take(&mut self, kind: EventKind) {
        let event = Event { at: self.now, by: Actor::System, kind };
        let taken = step(self.definition, &self.instance, &event).unwrap();
        same_from_json(&taken.instance);
        same_from_json(&event);
        taken.entries.iter().for_each(same_from_json);
        self.instance = taken.instance;
        self.effects.extend(taken.effects);
        self.events.push((event, taken.entries));
    }
}

fn same_from_json<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(*value, serde_json::from_str(&text).unwrap(), "{text}");
}
