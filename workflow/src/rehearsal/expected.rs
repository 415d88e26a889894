//! What must come of a scenario, and in what it came otherwise.

use super::cast::{Decided, Delay};
use super::{Rehearsal, Rest, START_MS};
use crate::definition::below;
use crate::instance::Status;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What must come of a rehearsal. What is left out is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Expected {
    /// `succeeded`, `failed`, `cancelled`, or `waiting`.
    pub status: Option<String>,
    /// The output of one that succeeded: the fields that are named here have these values. Others are not looked at.
    pub output: Option<Value>,
    /// The error's name of one that failed.
    pub error: Option<String>,
    /// The states that are entered, in order.
    pub path: Option<Vec<String>>,
    /// Who is asked in each of these states, in order. Reminders are not counted.
    pub asked: Option<BTreeMap<String, Vec<String>>>,
    /// How much time passes.
    pub took: Option<Delay>,
}

/// One thing that came otherwise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Where: a field of [`Expected`], and a place in it. `Path/3`.
    pub field: String,
    /// What was expected; null for nothing.
    pub expected: Value,
    /// What came; null for nothing.
    pub found: Value,
}

impl Difference {
    /// A difference at a place.
    pub fn of(field: impl Into<String>, expected: impl Into<Value>, found: impl Into<Value>) -> Self {
        Self { field: field.into(), expected: expected.into(), found: found.into() }
    }

    /// For a scenario that expects nothing and so can never fail.
    pub fn nothing_expected() -> Self {
        Self::of("Expect", "at least one of Status, Output, Error, Path, Asked, Took", "nothing")
    }
}

impl Expected {
    /// Whether nothing is expected at all, so that nothing can fail.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Every place in which a document has not what is expected: fields that are not expected may be there, lists are as
    /// long as expected.
    pub fn within(at: &str, expected: &Value, came: &Value) -> Vec<Difference> {
        let mut found = Vec::new();
        contains(&mut found, at, expected, came);
        found
    }

    /// Everything that came otherwise, and whether a decision was not made.
    pub(super) fn differences(&self, rehearsal: &Rehearsal<'_>, rest: Rest) -> Vec<Difference> {
        let mut found = Vec::new();
        self.status.iter().for_each(|status| compare_status(&mut found, status, rehearsal, rest));
        if let Some(output) = &self.output {
            contains(&mut found, "Output", output, rehearsal.output().unwrap_or(&Value::Null));
        }
        if let Some(error) = &self.error {
            compare_error(&mut found, error, rehearsal);
        }
        if let Some(path) = &self.path {
            first_difference(&mut found, "Path", path, &rehearsal.path());
        }
        for (state, people) in self.asked.iter().flatten() {
            let asked = rehearsal.asked.iter().filter(|asked| asked.state == *state);
            let asked: Vec<&str> = asked.map(|asked| asked.person.as_str()).collect();
            first_difference(&mut found, &below("Asked", state), people, &asked);
        }
        if let Some(Delay(took)) = self.took {
            equal(&mut found, "Took", json!(Delay(took)), json!(Delay(rehearsal.now - START_MS)));
        }
        found.extend(unused(rehearsal));
        found
    }
}

/// The status, with the reason where that is another one.
fn compare_status(found: &mut Vec<Difference>, expected: &str, rehearsal: &Rehearsal<'_>, rest: Rest) {
    let came = rehearsal.status(rest);
    if expected == came {
        return;
    }
    let reason = match &rehearsal.instance.status {
        Status::Failed { state, error, cause, .. } => format!("{came} in {state}: {}", failure(error, cause)),
        Status::Running(_) => {
            let waits = rehearsal.waits_for().into_iter();
            let waits: Vec<String> = waits.map(|waits| format!("{} for {}", waits.state, waits.waits_for)).collect();
            format!("{came}: {}", waits.join("; "))
        }
        _ => came.to_owned(),
    };
    found.push(Difference::of("Status", expected, reason));
}

fn compare_error(found: &mut Vec<Difference>, expected: &str, rehearsal: &Rehearsal<'_>) {
    match &rehearsal.instance.status {
        Status::Failed { error, .. } if error == expected => {}
        Status::Failed { error, cause, .. } => {
            found.push(Difference::of("Error", expected, failure(error, cause)));
        }
        _ => found.push(Difference::of("Error", expected, Value::Null)),
    }
}

/// A `Fail` need not say what happened.
fn failure(error: &str, cause: &str) -> String {
    if cause.is_empty() { error.to_owned() } else { format!("{error}: {cause}") }
}

/// One decision that was not made says enough: those after it could not be made either.
fn unused(rehearsal: &Rehearsal<'_>) -> Option<Difference> {
    let Decided { by, state, decision, .. } = rehearsal.unused_decisions().first()?;
    let found = format!("{by} was never asked in {state} when this was left to be decided");
    Some(Difference::of("Decisions", format!("{by} decides {decision} in {state}"), found))
}

fn equal(found: &mut Vec<Difference>, field: &str, expected: Value, came: Value) {
    if expected != came {
        found.push(Difference::of(field, expected, came));
    }
}

/// Lists are compared up to where they part: what follows is another story.
fn first_difference(found: &mut Vec<Difference>, field: &str, expected: &[String], came: &[&str]) {
    let longest = expected.len().max(came.len());
    let differs = |n: &usize| expected.get(*n).map(String::as_str) != came.get(*n).copied();
    if let Some(n) = (0..longest).find(differs) {
        found.push(Difference::of(below(field, n), json!(expected.get(n)), json!(came.get(n))));
    }
}

/// Every field that is expected is there with its value; a list has the expected length.
fn contains(found: &mut Vec<Difference>, at: &str, expected: &Value, came: &Value) {
    match (expected, came) {
        (Value::Object(fields), Value::Object(_)) => {
            for (name, value) in fields {
                contains(found, &below(at, name), value, came.get(name).unwrap_or(&Value::Null));
            }
        }
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            items
                .iter()
                .zip(others)
                .enumerate()
                .for_each(|(n, (item, other))| contains(found, &below(at, n), item, other));
        }
        _ => equal(found, at, expected.clone(), came.clone()),
    }
}
