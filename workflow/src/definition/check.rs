//! What can only be seen in the whole: names that lead nowhere, states that nothing reaches, outcomes that are left open.
//!
//! Names are checked in the document as it is written, so that one bad field of a state does not hide its other problems.

use super::approval::Approval;
use super::fields::Problems;
use super::machine::Definition;
use super::near::nearest;
use super::problem::below;
use super::states::{Next, State, StateKind};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The states as they are written, by name.
type Written = Map<String, Value>;

pub(super) fn check(definition: &Definition, document: &Value, problems: &Problems) {
    let Some(written) = document.get("States").and_then(Value::as_object) else { return };
    if written.is_empty() {
        problems.add("/States", "empty", "has no state; add the one that StartAt names");
        return;
    }
    let start = document.get("StartAt").and_then(Value::as_str);
    if let Some(start) = start.filter(|start| !written.contains_key(*start)) {
        problems.add("/StartAt", "unknown-state", unknown(start, written));
    }
    let mut all_known = start.is_some_and(|start| written.contains_key(start));
    for (name, state) in written {
        all_known &= check_targets(state, &below("/States", name), written, problems);
        check_exclusions(state, &below("/States", name), written, problems);
    }
    if let Some(shared) = document.get("ApprovalDefaults") {
        check_exclusions(shared, "/ApprovalDefaults", written, problems);
    }
    for state in definition.states() {
        if let StateKind::Approval(approval) = &state.kind {
            check_outcomes(approval, &below("/States", &state.name), problems);
        }
    }
    let all_read = definition.states().count() == written.len();
    if all_read && all_known {
        check_reachable(definition, written, problems);
    }
}

fn unknown(name: &str, written: &Written) -> String {
    match nearest(name, written.keys().map(String::as_str)) {
        Some(near) => format!("there is no state \"{name}\"; did you mean \"{near}\"?"),
        None => format!("there is no state \"{name}\"; add it to States or name another"),
    }
}

/// Whether every name of a state leads somewhere.
fn check_targets(state: &Value, at: &str, written: &Written, problems: &Problems) -> bool {
    let mut targets = targets(state, at);
    targets.retain(|(_, target)| !written.contains_key(*target));
    for (place, target) in &targets {
        problems.add(place.as_str(), "unknown-state", unknown(target, written));
    }
    targets.is_empty()
}

/// Every name of a state in a state, with its place.
fn targets<'a>(state: &'a Value, at: &str) -> Vec<(String, &'a str)> {
    let named = |value: &'a Value, at: String, field: &str| {
        value.get(field).and_then(Value::as_str).map(|target| (below(&at, field), target))
    };
    let mut found: Vec<_> = ["Next", "Default"].iter().filter_map(|field| named(state, at.to_owned(), field)).collect();
    for list in ["Choices", "Catch"] {
        let items = state.get(list).and_then(Value::as_array).into_iter().flatten().enumerate();
        found.extend(items.filter_map(|(n, item)| named(item, below(&below(at, list), n), "Next")));
    }
    let outcomes = state.get("Outcomes").and_then(Value::as_object).into_iter().flatten();
    found.extend(outcomes.filter_map(|(name, route)| named(route, below(&below(at, "Outcomes"), name), "Next")));
    found
}

fn names_in(state: &Value) -> Vec<&str> {
    targets(state, "").into_iter().map(|(_, target)| target).collect()
}

/// `DecidedIn` names states in which people decide.
fn check_exclusions(owner: &Value, at: &str, written: &Written, problems: &Problems) {
    let rules = owner.get("Exclude").and_then(Value::as_array).into_iter().flatten().enumerate();
    for (n, rule) in rules {
        let states = rule.get("DecidedIn").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (place, name) in states.filter_map(|(place, name)| Some((place, name.as_str()?))) {
            let at = format!("{at}/Exclude/{n}/DecidedIn/{place}");
            match written.get(name) {
                None => problems.add(at, "unknown-state", unknown(name, written)),
                Some(state) if state.get("Type").is_some_and(|kind| kind != "Approval") => {
                    let message = format!("nobody decides in {name}, because it is not an Approval; name one");
                    problems.add(at, "not-an-approval", message);
                }
                Some(_) => {}
            }
        }
    }
}

/// `Outcomes` has exactly the outcomes that can occur. Says nothing where what they come from could not be read.
fn check_outcomes(approval: &Approval, at: &str, problems: &Problems) {
    let sources = ["Decisions", "Escalations", "ExpireAfter", "OnNobody"];
    let unclear = |owner: &str| sources.iter().any(|field| problems.touch(&below(owner, field)));
    if unclear(at) || unclear("/ApprovalDefaults") {
        return;
    }
    let outcomes = below(at, "Outcomes");
    let possible = approval.possible_outcomes();
    let open = |outcome: &&&str| approval.route(outcome).is_none() && !problems.touch(&below(&outcomes, outcome));
    for outcome in possible.iter().filter(open) {
        let message =
            format!("the outcome {outcome} can occur but leads nowhere; add \"{outcome}\": {{\"Next\": ...}}");
        problems.add(outcomes.as_str(), "outcome-open", message);
    }
    for (name, _) in approval.outcomes.iter().filter(|(name, _)| !possible.contains(&name.as_str())) {
        let message =
            format!("the outcome {name} cannot occur; remove it, or add the decision or ExpireAfter that leads to it");
        problems.add(below(&outcomes, name), "outcome-impossible", message);
    }
}

fn check_reachable(definition: &Definition, written: &Written, problems: &Problems) {
    let mut reached = HashSet::new();
    let mut open = vec![definition.start_at.as_str()];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(written.get(name).into_iter().flat_map(names_in));
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
    match &state.kind {
        StateKind::Succeed(_) | StateKind::Fail(_) => true,
        StateKind::Pass(pass) => pass.next == Next::End,
        StateKind::Task(task) => task.next == Next::End,
        StateKind::Wait(wait) => wait.next == Next::End,
        StateKind::Choice(_) | StateKind::Approval(_) => false,
    }
}
