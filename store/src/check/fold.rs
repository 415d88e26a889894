//! The effects that are stored are those that the events caused, and what was answered is not done again.

use super::deep::{Case, Wrong};
use super::{COMPARE, REPORT};
use std::collections::HashSet;
use workflow::definition::FOR_TOKEN;
use workflow::{Effect, EventKind, Instance, step_again};

/// An effect as it is stored.
pub(super) struct StoredEffect {
    pub(super) version: u64,
    pub(super) n: u64,
    pub(super) status: String,
    /// Nothing if it cannot be read.
    pub(super) effect: Option<Effect>,
}

impl StoredEffect {
    pub(super) fn key(&self, instance: &Instance) -> String {
        format!("{}/{}/{}", instance.id, self.version, self.n)
    }

    /// The task whose work it is.
    pub(super) fn task(&self) -> Option<u64> {
        match self.effect {
            Some(Effect::Perform { activity, .. }) => Some(activity),
            _ => None,
        }
    }
}

pub(super) fn wrong(case: &Case<'_>) -> Vec<Wrong> {
    let unread = case.effects.iter().filter(|stored| stored.effect.is_none());
    let mut wrong: Vec<Wrong> = unread
        .map(|stored| (format!("effect {} of event {} cannot be read", stored.n, stored.version), COMPARE))
        .collect();
    wrong.extend(in_fold(case));
    wrong.extend(answered_and_open(case));
    wrong
}

/// Steps through the history again and compares what each event causes with what is stored for it.
fn in_fold(case: &Case<'_>) -> Vec<Wrong> {
    let (Case { instance, definition, .. }, mut wrong) = (case, Vec::new());
    let mut now = Instance::new(&instance.id, &instance.company, instance.definition.clone());
    for (version, (event, entries)) in (1..).zip(&case.history) {
        // An event that is refused is told of by the replay.
        let Ok(transition) = step_again(definition, now, event, entries) else { return wrong };
        let stored = case.effects.iter().filter(|stored| stored.version == version);
        wrong.extend(compared(version, &transition.effects, stored.filter_map(|stored| stored.effect.as_ref())));
        now = transition.instance;
    }
    wrong
}

/// The stored effects are some of those that were caused, in their order; requests and releases are all of them.
fn compared<'a>(version: u64, caused: &[Effect], stored: impl Iterator<Item = &'a Effect>) -> Vec<Wrong> {
    let (mut wrong, mut left) = (Vec::new(), caused);
    for stored in stored {
        match left.iter().position(|caused| caused == stored) {
            Some(place) => {
                let (before, after) = left.split_at(place);
                wrong.extend(missing(version, before));
                left = after.get(1..).unwrap_or_default();
            }
            None => wrong.push((format!("event {version} did not cause {}, which is stored", told(stored)), COMPARE)),
        }
    }
    wrong.extend(missing(version, left));
    wrong
}

/// Work may have been done within the commit, which leaves no effect.
fn missing(version: u64, effects: &[Effect]) -> Vec<Wrong> {
    let outside = effects.iter().filter(|effect| matches!(effect, Effect::Ask(_) | Effect::Release { .. }));
    outside.map(|effect| (format!("event {version} caused {}, which is not stored", told(effect)), COMPARE)).collect()
}

fn told(effect: &Effect) -> String {
    match effect {
        Effect::Perform { resource, .. } => format!("the work of {resource}"),
        Effect::Ask(asking) => format!("a request to {}", asking.person),
        Effect::Release { person, .. } => format!("a release of {person}"),
        Effect::FindApprovers { .. } => "a search for approvers".to_owned(),
        Effect::CancelChild { instance, .. } => format!("the end of instance {instance}"),
    }
}

/// A task whose answer is in the history must not be in anybody's hands: its work would be done a second time.
/// A callback or a child may answer before the effect that asked for it is written off.
fn answered_and_open(case: &Case<'_>) -> Vec<Wrong> {
    let answers = case.history.iter().filter_map(|(event, _)| match event.kind {
        EventKind::TaskSucceeded { activity, .. } | EventKind::TaskFailed { activity, .. } => Some(activity),
        _ => None,
    });
    let answered: HashSet<u64> = answers.collect();
    let open = case.effects.iter().filter(|stored| stored.status == "ready" && !answers_elsewhere(stored));
    let twice = open.filter_map(|stored| Some((stored, stored.task().filter(|task| answered.contains(task))?)));
    let sentence = |stored: &StoredEffect, task: u64| {
        format!("activity {task} was answered, and its effect {}/{} is still to be done", stored.version, stored.n)
    };
    twice.map(|(stored, task)| (sentence(stored, task), REPORT)).collect()
}

fn answers_elsewhere(stored: &StoredEffect) -> bool {
    match &stored.effect {
        Some(Effect::Perform { resource, child, .. }) => child.is_some() || resource.ends_with(FOR_TOKEN),
        _ => false,
    }
}
