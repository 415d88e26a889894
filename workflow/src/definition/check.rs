//! What can only be seen in the whole: names that lead nowhere, states that nothing reaches, outcomes that are left open.
//!
//! Names are checked in the document as it is written, so that one bad field of a state does not hide its other problems.

use super::approval::Approval;
use super::fields::Problems;
use super::machine::Definition;
use super::problem::below;
use super::states::{Next, State, StateKind};
use crate::near::nearest;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// The states of one machine as they are written, by name.
type Written = Map<String, Value>;

/// A machine: the definition itself, a branch of a `Parallel`, what a `Map` does for each item.
pub(super) struct Machine<'a> {
    document: &'a Value,
    pub(super) pointer: String,
}

pub(super) fn check(definition: &Definition, document: &Value, problems: &Problems) {
    let machines = machines(document);
    let all: Vec<(&String, &Value)> =
        machines.iter().flat_map(|machine| machine.written().into_iter().flatten()).collect();
    for machine in &machines {
        check_machine(definition, machine, &all, problems);
    }
    if let Some(shared) = document.get("ApprovalDefaults") {
        check_exclusions(shared, "/ApprovalDefaults", &all, problems);
    }
    for state in definition.states() {
        if let StateKind::Approval(approval) = &state.kind {
            check_outcomes(approval, &state.pointer, problems);
        }
    }
}

/// The definition and every machine within it.
pub(super) fn machines(document: &Value) -> Vec<Machine<'_>> {
    let mut found = vec![Machine { document, pointer: String::new() }];
    let mut next = 0;
    while let Some(machine) = found.get(next) {
        let inner: Vec<Machine<'_>> = machine.inner().collect();
        found.extend(inner);
        next += 1;
    }
    found
}

impl<'a> Machine<'a> {
    pub(super) fn written(&self) -> Option<&'a Written> {
        self.document.get("States").and_then(Value::as_object)
    }

    /// The machines in its states.
    fn inner(&self) -> impl Iterator<Item = Machine<'a>> + use<'a> {
        let states = below(&self.pointer, "States");
        self.written().into_iter().flatten().flat_map(move |(name, state)| {
            let at = below(&states, name);
            let branches = state.get("Branches").and_then(Value::as_array).into_iter().flatten().enumerate();
            let branches = branches.map(|(n, document)| (below("/Branches", n), document));
            let items = ["ItemProcessor", "Iterator"]
                .iter()
                .filter_map(|field| Some((format!("/{field}"), state.get(*field)?)));
            let inner: Vec<_> = branches.chain(items).collect();
            inner.into_iter().map(move |(place, document)| Machine { document, pointer: format!("{at}{place}") })
        })
    }
}

fn check_machine(definition: &Definition, machine: &Machine<'_>, all: &[(&String, &Value)], problems: &Problems) {
    let Some(written) = machine.written() else { return };
    let states = below(&machine.pointer, "States");
    if written.is_empty() {
        problems.add(states, "empty", "has no state; add the one that StartAt names");
        return;
    }
    let start = machine.document.get("StartAt").and_then(Value::as_str);
    if let Some(start) = start.filter(|start| !written.contains_key(*start)) {
        problems.add(below(&machine.pointer, "StartAt"), "unknown-state", unknown(start, written));
    }
    let mut all_known = start.is_some_and(|start| written.contains_key(start));
    for (name, state) in written {
        all_known &= check_targets(state, &below(&states, name), written, problems);
        check_exclusions(state, &below(&states, name), all, problems);
    }
    let read = |name: &String| definition.state(name).is_some_and(|state| state.pointer == below(&states, name));
    if let Some(start) = start.filter(|_| all_known && written.keys().all(read)) {
        check_reachable(definition, start, written, &states, problems);
    }
}

fn unknown(name: &str, written: &Written) -> String {
    unknown_among(name, written.keys().map(String::as_str))
}

fn unknown_among<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(name, known) {
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
fn check_exclusions(owner: &Value, at: &str, all: &[(&String, &Value)], problems: &Problems) {
    let rules = owner.get("Exclude").and_then(Value::as_array).into_iter().flatten().enumerate();
    for (n, rule) in rules {
        let states = rule.get("DecidedIn").and_then(Value::as_array).into_iter().flatten().enumerate();
        for (place, name) in states.filter_map(|(place, name)| Some((place, name.as_str()?))) {
            let at = format!("{at}/Exclude/{n}/DecidedIn/{place}");
            match all.iter().find(|(known, _)| known.as_str() == name) {
                None => {
                    problems.add(at, "unknown-state", unknown_among(name, all.iter().map(|(name, _)| name.as_str())))
                }
                Some((_, state)) if state.get("Type").is_some_and(|kind| kind != "Approval") => {
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

fn check_reachable(definition: &Definition, start: &str, written: &Written, at: &str, problems: &Problems) {
    let mut reached = HashSet::new();
    let mut open = vec![start];
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            open.extend(written.get(name).into_iter().flat_map(names_in));
        }
    }
    for name in written.keys().filter(|name| !reached.contains(name.as_str())) {
        let message = "no state leads here; remove it, or name it in a Next";
        problems.add(below(at, name), "unreachable", message);
    }
    let reached = reached.into_iter().filter_map(|name| definition.state(name));
    if !reached.into_iter().any(ends) {
        problems.add(at, "endless", "can never end; add a Succeed state, or \"End\": true");
    }
}

fn ends(state: &State) -> bool {
    match &state.kind {
        StateKind::Succeed(_) | StateKind::Fail(_) => true,
        StateKind::Pass(pass) => pass.next == Next::End,
        StateKind::Task(task) => task.next == Next::End,
        StateKind::Wait(wait) => wait.next == Next::End,
        StateKind::Parallel(parallel) => parallel.next == Next::End,
        StateKind::Map(map) => map.next == Next::End,
        StateKind::Choice(_) | StateKind::Approval(_) => false,
    }
}
