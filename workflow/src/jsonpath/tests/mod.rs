//! The behaviour of paths, payloads, functions and rules, told from outside.

mod hostile;
mod intrinsics;
mod paths;
mod payloads;
mod rules;

use super::run::Run;
use super::{Path, PathError, Payload, Rule, Source, View};
use crate::expression::{Moment, TemplateProblem};
use serde_json::{Map, Value, json};

/// The moment of every test.
const MOMENT: Moment = Moment { at_ms: 1_700_000_000_123, seed: 7 };

fn document() -> Value {
    json!({
        "order": {"id": "po-7", "total": 12_345_678_901_234_567_890_u64, "ratio": 1.10, "note": null},
        "lines": [
            {"sku": "a", "price": 10, "tags": ["x", "y"]},
            {"sku": "b", "price": 20.5, "tags": []},
            {"sku": "c", "price": 30, "ok": true}
        ],
        "n": [0, 1, 2, 3, 4, 5],
        "grid": [[1, 2], [3, [4]]],
        "delivery-partner": "UQS",
        "it's": 1,
        "a.b": 2,
        "empty": [],
        "limit": 15
    })
}

fn context() -> Value {
    json!({"Execution": {"Id": "e-1", "Name": "run-one"}, "State": {"Name": "Here"}})
}

fn variables() -> Map<String, Value> {
    let variables = json!({"limit": 20, "po": {"id": 3, "tags": ["q"]}, "äöü_1": "umlaut"});
    let Value::Object(variables) = variables else { unreachable!() };
    variables
}

/// Calls `look` with the view of every test.
fn with_view<T>(look: impl FnOnce(&View<'_>) -> T) -> T {
    let (document, context, variables) = (document(), context(), variables());
    look(&View { document: &document, context: &context, variables: &variables, moment: MOMENT })
}

/// Calls `look` with an evaluation under way.
pub(super) fn with_run<T>(look: impl FnOnce(&Run<'_>) -> T) -> T {
    with_view(|view| look(&Run::new(view)))
}

/// What a path or a call gives; what cannot be read is an error with the name "unreadable".
fn eval(source: &str) -> Result<Value, PathError> {
    let unreadable = |problem: super::PathProblem| PathError { error: "unreadable".to_owned(), cause: problem.message };
    with_view(|view| Source::parse(source).map_err(unreadable)?.evaluate(view))
}

/// The same on a document of its own.
fn eval_on(document: &Value, source: &str) -> Result<Value, PathError> {
    let variables = Map::new();
    let view = View { document, context: &Value::Null, variables: &variables, moment: MOMENT };
    Source::parse(source).unwrap().evaluate(&view)
}

/// Asserts that the source gives the JSON, to the letter.
#[track_caller]
fn gives(source: &str, expected: &str) {
    match eval(source) {
        Ok(found) => assert_eq!(found.to_string(), expected, "{source}"),
        Err(error) => panic!("{source} should give {expected}, but fails with {error}"),
    }
}

/// Asserts that reading or evaluating the source fails with an error whose name and sentence hold `part`.
#[track_caller]
fn fails(source: &str, part: &str) {
    match eval(source) {
        Err(error) => assert!(error.to_string().contains(part), "{source} fails with {error}"),
        Ok(found) => panic!("{source} should fail, but gives {found}"),
    }
}
