//! Text that may be an expression.

use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use workflow::expression::{Expression, ExpressionError, Moment, Scope, Template};

/// An evaluation takes at most a second, twice, and a busy machine takes its time.
const SOON: Duration = Duration::from_secs(5);

/// Reads the expression and evaluates it twice: it ends soon, gives JSON, and gives the same.
pub fn expression(bytes: &[u8]) {
    let source = String::from_utf8_lossy(bytes);
    let Ok(expression) = Expression::parse(&source) else { return };
    let (states, variables) = (states(), variables());
    let moment = Moment { at_ms: 1_700_000_000_123, seed: 7 };
    let scope = Scope::new(&states, &variables, moment);
    let started = Instant::now();
    let first = expression.evaluate(&scope);
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    let late = |answer: &Result<_, _>| matches!(answer, Err(ExpressionError::TimedOut { .. }));
    if late(&first) {
        return;
    }
    check(first.as_ref().ok().and_then(Option::as_ref));
    let second = expression.evaluate(&scope);
    assert!(late(&second) || first == second, "{first:?}, and then {second:?}");
    let _truth = expression.evaluate_bool(&scope);
    let template = Template::parse(&json!({ "a": [format!("{{% {} %}}", expression.source())] }));
    let _value = template.map(|template| template.evaluate(&scope));
}

fn check(value: Option<&Value>) {
    let Some(value) = value else { return };
    let text = value.to_string();
    assert!(text.len() <= 256 * 1024, "a result of {} bytes", text.len());
    assert_eq!(serde_json::from_str::<Value>(&text).ok().as_ref(), Some(value), "a result that is not read back");
}

fn states() -> Value {
    json!({
        "input": { "a": 1, "t": "text", "list": [3, 1, 2], "people": [{ "name": "Anna", "age": 3 }, { "name": "Bo" }],
                   "total": "12.50", "none": null, "deep": { "x": { "y": [[1], [2]] } } },
        "context": { "State": { "Name": "S" } },
        "result": [1, "2", null, { "b": false }],
    })
}

fn variables() -> Map<String, Value> {
    let mut variables = Map::new();
    variables.insert("x".into(), json!([1, 2, { "a": "b" }]));
    variables.insert("s".into(), json!("a,b;c"));
    variables
}
