//! What can only be seen in the whole: names that lead nowhere, states that nothing reaches, outcomes that are left open.

use super::approval::{Approval, Exclusion};
use super::fields::Problems;
use super::machine::Definition;
use super::problem::below;
use super::states::{State, StateKind};
use serde_json::Value;
use std::collections::HashSet;

pub(super) fn check(definition: &Definition, document: &Value, problems: &Problems) {
    let written = written_states(document);
    if written.is_empty() {
        problems.add("/States", "empty", "has no state; add the one that StartAt names");
        return;
    }
    if !written.contains(definition.start_at.as_str()) {
        problems.add("/StartAt", "unknown-state", unknown(&definition.start_at, &written));
    }
    for state in definition.states() {
        let at = below("/States", &state.name);
        for (place, target) in state.targets().into_iter().filter(|(_, target)| !written.contains(target)) {
            problems.add(format!("{at}{place}"), "unknown-state", unknown(target, &written));
        }
        if let StateKind::Approval(approval) = &state.kind {
            check_approval(approval, &at, &written, problems);
        }
    }
    let all_read = definition.states().count() == written.len();
    if all_read {
        check_reachable(definition, problems);
    }
}

fn written_states(document: &Value) -> HashSet<&str> {
    let states = document.get("States").and_then(Value::as_object);
    states.into_iter().flat_map(|states| states.keys().map(String::as_str)).collect()
}

fn unknown(name: &str, written: &HashSet<&str>) -> String {
    let near = written.iter().find(|known| known.eq_ignore_ascii_case(name.trim()));
    match near {
        Some(near) => format!("there is no state \"{name}\"; did you mean \"{near}\"?"),
        None => format!("there is no state \"{name}\"; add it to States or name another"),
    }
}

fn check_approval(approval: &Approval, at: &str, written: &HashSet<&str>, problems: &Problems) {
    let possible = approval.possible_outcomes();
    for outcome in possible.iter().filter(|outcome| approval.route(outcome).is_none()) {
        let message =
            format!("the outcome {outcome} can occur but leads nowhere; add \"{outcome}\": {{\"Next\": ...}}");
        problems.add(format!("{at}/Outcomes"), "outcome-open", message);
    }
    for (name, _) in approval.outcomes.iter().filter(|(name, _)| !possible.contains(&name.as_str())) {
        let message =
            format!("the outcome {name} cannot occur; remove it, or add the decision or ExpireAfter that leads to it");
        problems.add(below(&format!("{at}/Outcomes"), name), "outcome-impossible", message);
    }
    let excluded = approval.exclude.iter().flatten();
    for state in excluded.filter_map(|rule| match rule {
        Exclusion::DecidedIn(states) => Some(states),
        Exclusion::People(_) => None,
    }) {
        for name in state.iter().filter(|name| !written.contains(name.as_str())) {
            problems.add(format!("{at}/Exclude"), "unknown-state", unknown(name, written));
        }
    }
}

fn check_reachable(definition: &Definition, problems: &Problems) {
    let mut reached = HashSet::new();
    let mut open = vec![definition.start_at.as_str()];
    while let Some(state) = open.pop().and_then(|name| definition.state(name)) {
        if reached.insert(state.name.as_str()) {
            open.extend(
                state.targets().into_iter().map(|(_, target)| target).filter(|name| definition.state(name).is_some()),
            );
        }
    }
    let lost = |state: &&State| !reached.contains(state.name.as_str());
    for state in definition.states().filter(lost) {
        let message = "no state leads here; remove it, or name it in a Next";
        problems.add(below("/States", &state.name), "unreachable", message);
    }
    if !definition.states().any(|state| reached.contains(state.name.as_str()) && ends(state)) {
        problems.add("/States", "endless", "can never end; add a Succeed state, or \"End\": true");
    }
}

fn ends(state: &State) -> bool {
    use super::states::Next;
    match &state.kind {
        StateKind::Succeed(_) | StateKind::Fail(_) => true,
        StateKind::Pass(pass) => pass.next == Next::End,
        StateKind::Task(task) => task.next == Next::End,
        StateKind::Wait(wait) => wait.next == Next::End,
        StateKind::Choice(_) | StateKind::Approval(_) => false,
    }
}
