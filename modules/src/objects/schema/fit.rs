//! How an object does not fit its schema: every field at its own place, in words that say what to do.

use super::super::MOST_PROBLEMS;
use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use workflow::Problem;
use workflow::definition::below;

/// The longest value that is repeated in a sentence about it, in bytes.
const MOST_REPEATED_BYTES: usize = 200;
/// The longest sentence.
const MOST_SENTENCE_CHARS: usize = 500;

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
        _ => vec![Problem::new(place, "schema", sentence(error))],
    }
}

/// The library's sentence repeats the value, which may be as long as a document may be, and once for each problem.
fn sentence(error: &ValidationError<'_>) -> String {
    let is_short = serde_json::to_writer(Room(MOST_REPEATED_BYTES), error.instance().as_ref()).is_ok();
    let told = if is_short { error.to_string() } else { error.masked().to_string() };
    match told.char_indices().nth(MOST_SENTENCE_CHARS) {
        Some((end, _)) => format!("{} ...", &told[..end]),
        None => told,
    }
}

/// Room for so many bytes, which are not kept.
struct Room(usize);

impl std::io::Write for Room {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.checked_sub(bytes.len()).ok_or(std::io::ErrorKind::StorageFull)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_long_value_is_not_repeated() {
        let validator = crate::json_schema::validator(&json!({ "items": { "type": "integer" } })).unwrap();
        let found = misfits(&validator, &json!(["few", "x".repeat(100_000)]));
        let told: Vec<&str> = found.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, ["\"few\" is not of type \"integer\"", "value is not of type \"integer\""]);
        let validator = crate::json_schema::validator(&json!({ "const": "y".repeat(100_000) })).unwrap();
        assert!(misfits(&validator, &json!(1))[0].message.len() < 600);
    }
}
