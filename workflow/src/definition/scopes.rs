//! Variables of a branch that hide those of the states around it.
//!
//! A branch of a `Parallel` and an iteration of a `Map` see the variables around them and set their own. Step Functions
//! refuses a name that is set in both places, because whoever sets it inside seldom wants a second variable. Here it is one,
//! and the author is told.

use super::check::{Machine, machines};
use super::problem::{Problem, below};
use serde_json::Value;
use std::collections::BTreeSet;

/// A warning for every `Assign` that hides a variable.
pub(super) fn hidden(document: &Value) -> Vec<Problem> {
    let machines = machines(document);
    machines.iter().flat_map(|machine| hidden_in(machine, &machines)).collect()
}

fn hidden_in(machine: &Machine<'_>, all: &[Machine<'_>]) -> Vec<Problem> {
    let around = all.iter().filter(|other| is_around(&other.pointer, &machine.pointer));
    let set_around: BTreeSet<&str> = around.flat_map(assigned).map(|(_, name)| name).collect();
    let hides = assigned(machine).into_iter().filter(|(_, name)| set_around.contains(name));
    hides.map(|(at, name)| Problem::new(at, "hidden-variable", sentence(name))).collect()
}

fn is_around(outer: &str, inner: &str) -> bool {
    inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'))
}

fn sentence(name: &str) -> String {
    format!("${name} is set by a state around this one too, and stays as it is there; give this variable its own name")
}

/// Every variable that the states of a machine set, with its place.
fn assigned<'a>(machine: &Machine<'a>) -> Vec<(String, &'a str)> {
    let states = below(&machine.pointer, "States");
    let written = machine.written().into_iter().flatten();
    written.flat_map(|(name, state)| assigned_by(state, &below(&states, name))).collect()
}

fn assigned_by<'a>(state: &'a Value, at: &str) -> Vec<(String, &'a str)> {
    let mut found = names(state, at);
    for list in ["Choices", "Catch"] {
        let rules = state.get(list).and_then(Value::as_array).into_iter().flatten().enumerate();
        found.extend(rules.flat_map(|(n, rule)| names(rule, &below(&below(at, list), n))));
    }
    let routes = state.get("Outcomes").and_then(Value::as_object).into_iter().flatten();
    found.extend(routes.flat_map(|(name, route)| names(route, &below(&below(at, "Outcomes"), name))));
    found
}

/// The names in an `Assign`; in JSONPath they may end in `.$`.
fn names<'a>(owner: &'a Value, at: &str) -> Vec<(String, &'a str)> {
    let at = below(at, "Assign");
    let names = owner.get("Assign").and_then(Value::as_object).into_iter().flatten();
    names.map(|(name, _)| (below(&at, name), name.strip_suffix(".$").unwrap_or(name))).collect()
}
