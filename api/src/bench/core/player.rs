//! Plays a definition: tasks give back what they are given, one person may do everything and agrees.

use anyhow::Result;
use serde_json::json;
use std::collections::VecDeque;
use workflow::{
    Actor, Candidate, Definition, DefinitionRef, Effect, Event, EventKind, FoundGroup, Instance, WantedGroup, Why,
    step_from,
};

const BOSS: &str = "boss";

/// A step that was made.
pub(super) struct Step {
    pub(super) before: Instance,
    pub(super) event: Event,
    pub(super) after: Instance,
}

/// An instance under way.
pub(super) struct Play<'d> {
    definition: &'d Definition,
    instance: Instance,
    effects: VecDeque<Effect>,
    at: i64,
}

impl<'d> Play<'d> {
    pub(super) fn of(definition: &'d Definition) -> Self {
        let reference = DefinitionRef { name: "bench/core".to_owned(), version: 1 };
        let instance = Instance::new("0193a7c0-0000-7000-8000-000000000000", "bench", reference);
        Self { definition, instance, effects: VecDeque::new(), at: 1_764_288_000_000 }
    }

    /// Every step up to the end.
    pub(super) fn whole(mut self) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        Ok(steps)
    }

    /// The next step, if there is one.
    pub(super) fn step(&mut self) -> Result<Option<Step>> {
        let Some(kind) = self.next() else { return Ok(None) };
        self.at += 1_000;
        let event = Event { at: self.at, by: Actor::System, kind };
        let before = self.instance.clone();
        let transition = step_from(self.definition, before.clone(), &event)?;
        self.effects.extend(transition.effects);
        self.instance = transition.instance;
        Ok(Some(Step { before, event, after: self.instance.clone() }))
    }

    fn next(&mut self) -> Option<EventKind> {
        if self.instance.version == 0 {
            return Some(EventKind::started(json!({ "n": 17 }), None));
        }
        while let Some(effect) = self.effects.pop_front() {
            match effect {
                Effect::Perform { activity, arguments, .. } => {
                    return Some(EventKind::TaskSucceeded { activity, output: arguments });
                }
                Effect::FindApprovers { activity, groups } => {
                    return Some(EventKind::ApproversFound {
                        activity,
                        groups: groups.into_iter().map(found).collect(),
                    });
                }
                Effect::Ask(_) | Effect::Release { .. } | Effect::CancelChild { .. } => {}
            }
        }
        let (_, open) = self.instance.open_approvals().next()?;
        let (person, decision) = (BOSS.to_owned(), "approve".to_owned());
        Some(EventKind::Voted { activity: open.activity, person, decision, form: None, comment: None })
    }
}

fn found(group: WantedGroup) -> FoundGroup {
    let boss = Candidate { person: BOSS.to_owned(), name: "Boss".to_owned(), why: Why::Named };
    FoundGroup { name: group.name, people: vec![boss] }
}
