//! The behaviour of expressions, told from outside.

mod decimals;
mod hostile;
mod language;
mod paths;
mod recorded;
mod templates;
mod warnings;

use super::{Expression, ExpressionError, Moment, Scope};
use serde_json::{Map, Value, json};

/// The moment of every test: 2023-11-14T22:13:20.123Z.
const MOMENT: Moment = Moment { at_ms: 1_700_000_000_123, seed: 7 };

/// The variables of every test.
fn variables() -> Map<String, Value> {
    let variables = json!({
        "base": "1999.99",
        "limits": {"managerOnly": "2000", "board": "100000.00"},
        "po": {"lines": [{"price": "1.10", "qty": 2}, {"price": "2.20", "qty": 3}], "tags": ["a"], "empty": []},
        "n": [1, 2, 3],
        "count": 5,
        "text": "hello world",
    });
    let Value::Object(variables) = variables else { unreachable!() };
    variables
}

fn states() -> Value {
    json!({
        "input": {"total": 12_345_678_901_234_567_890_u64, "ratio": 1.10, "items": [0], "nothing": null,
                  "people": [{"name": "Anna", "langs": ["de"]}, {"name": "Bo", "langs": ["en", "sv"]}]},
        "context": {"Execution": {"Id": "e-1"}},
    })
}

fn eval(source: &str) -> Result<Option<Value>, ExpressionError> {
    let (states, variables) = (states(), variables());
    Expression::parse(source)?.evaluate(&Scope::new(&states, &variables, MOMENT))
}

/// Asserts that the expression gives the JSON.
#[track_caller]
fn gives(source: &str, expected: &str) {
    let expected: Value = serde_json::from_str(expected).unwrap();
    match eval(source) {
        Ok(Some(found)) => assert_eq!(found, expected, "{source}"),
        other => panic!("{source} should give {expected}, but it gives {other:?}"),
    }
}

/// Asserts that the expression is undefined.
#[track_caller]
fn gives_nothing(source: &str) {
    assert_eq!(eval(source), Ok(None), "{source}");
}

/// Asserts that reading or evaluating the expression fails with a sentence that holds `part`.
#[track_caller]
fn fails(source: &str, part: &str) {
    match eval(source) {
        Err(problem) => assert!(problem.to_string().contains(part), "{source} fails with: {problem}"),
        Ok(found) => panic!("{source} should fail, but it gives {found:?}"),
    }
}
