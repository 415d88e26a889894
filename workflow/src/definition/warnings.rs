//! What an author should change although the definition can be used.
//!
//! These are not problems: Step Functions takes a definition that reads a variable which no state assigns, and fails when
//! it gets there (recorded executions `test_undefined_reference`).

use super::problem::Problem;
use crate::expression::{Expression, is_function};
use crate::near::nearest;
use std::collections::{BTreeMap, BTreeSet};

/// The warnings of all expressions, by place.
pub(super) fn of(expressions: &BTreeMap<String, Expression>, assigned: &BTreeSet<String>) -> Vec<Problem> {
    let mut found = Vec::new();
    for (pointer, expression) in expressions {
        let warned = expression.warnings().into_iter();
        found.extend(warned.map(|message| Problem::new(pointer.as_str(), "expression-warning", message)));
        let unknown = expression.variables().iter().filter(|name| !is_known(name, assigned));
        found.extend(unknown.map(|name| Problem::new(pointer.as_str(), "unknown-variable", sentence(name, assigned))));
    }
    found
}

fn is_known(name: &str, assigned: &BTreeSet<String>) -> bool {
    name == "states" || assigned.contains(name) || is_function(name)
}

fn sentence(name: &str, assigned: &BTreeSet<String>) -> String {
    match nearest(name, assigned.iter().map(String::as_str)) {
        Some(near) => format!("no state assigns ${name}; did you mean ${near}?"),
        None => format!("no state assigns ${name}; set it in an Assign, or remove it"),
    }
}
