//! The plain form of a definition: standard Amazon States Language, without `Approval`, for validators and interpreters of
//! others. It is also what an `Approval` means.
//!
//! An `Approval` X becomes a `Task` X, whose code asks the people, and a `Choice` `X__outcome`, which leads on. The
//! fields of `ApprovalDefaults` stand in every task that had them. Everything else stays as it is written.

mod approval;
mod names;
mod states_variable;

use crate::definition::{Definition, Problem};
use names::Names;
use serde_json::{Map, Value};

/// The code that asks people, as the plain form names it.
pub const APPROVAL_RESOURCE: &str = "builtin:approval";

/// The plain form of a definition, or what is wrong with the definition.
pub fn plain(document: &Value) -> Result<Value, Vec<Problem>> {
    let definition = Definition::parse(document)?;
    let mut names = Names::of(&definition, document);
    let mut document = document.clone();
    let defaults = match document.as_object_mut().and_then(|fields| fields.shift_remove("ApprovalDefaults")) {
        Some(Value::Object(defaults)) => defaults,
        _ => Map::new(),
    };
    rewrite_machine(&mut document, &defaults, &mut names);
    Ok(document)
}

/// Rewrites the states of a machine in place, and those of the machines within it.
fn rewrite_machine(machine: &mut Value, defaults: &Map<String, Value>, names: &mut Names) {
    let Some(Value::Object(states)) = machine.get_mut("States") else { return };
    let written = std::mem::take(states);
    for (name, state) in written {
        match state {
            Value::Object(fields) if is_approval(&fields) => {
                states.extend(approval::rewrite(&name, fields, defaults, names));
            }
            mut other => {
                machines_of(&mut other).into_iter().for_each(|inner| rewrite_machine(inner, defaults, names));
                states.insert(name, other);
            }
        }
    }
}

fn is_approval(fields: &Map<String, Value>) -> bool {
    fields.get("Type").is_some_and(|kind| kind == "Approval")
}

/// The machines within a state: branches, or what is done for each item.
fn machines_of(state: &mut Value) -> Vec<&mut Value> {
    let Some(fields) = state.as_object_mut() else { return Vec::new() };
    let mut found = Vec::new();
    for (name, value) in fields {
        match (name.as_str(), value) {
            ("Branches", Value::Array(branches)) => found.extend(branches),
            ("ItemProcessor" | "Iterator", inner) => found.push(inner),
            _ => {}
        }
    }
    found
}
