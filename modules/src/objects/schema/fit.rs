//! How an object does not fit its schema: every field at its own place, in words that say what to do.

use super::super::MOST_PROBLEMS;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use workflow::Problem;
use workflow::definition::below;

/// Everything that does not fit. `made_here` are the fields that a client may not set.
pub(super) fn problems(validator: &Validator, data: &Value, made_here: &[String]) -> Vec<Problem> {
    if !data.is_object() {
        return vec![Problem::new("", "type", "an object is a group of fields: {\"name\": value}")];
    }
    let set = made_here.iter().filter(|name| data.get(name.as_str()).is_some());
    let set = set.map(|name| Problem::new(below("", name), "computed", "is computed here; leave it out"));
    let misfits = validator.iter_errors(data).flat_map(|error| told(&error));
    let mut problems: Vec<Problem> = set.collect();
    // A field that is made here is unknown to the schema of what is sent.
    let known = |problem: &Problem| problems.iter().any(|other| other.pointer == problem.pointer);
    let more: Vec<Problem> = misfits.filter(|problem| !known(problem)).take(MOST_PROBLEMS).collect();
    problems.extend(more);
    problems
}

/// Everything in which any document does not fit.
pub(super) fn misfits(validator: &Validator, data: &Value) -> Vec<Problem> {
    validator.iter_errors(data).flat_map(|error| told(&error)).take(MOST_PROBLEMS).collect()
}

fn told(error: &ValidationError<'_>) -> Vec<Problem> {
    let place = error.instance_path().to_string();
    match error.kind() {
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            vec![Problem::new(below(&place, name), "schema", "is missing; add it")]
        }
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let one = |name: &String| Problem::new(below(&place, name), "schema", "is not known; leave it out");
            unexpected.iter().map(one).collect()
        }
        _ => vec![Problem::new(place, "schema", error.to_string())],
    }
}
