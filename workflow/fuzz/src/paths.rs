//! Text that may be a path, a call, a payload template or a rule.

use crate::play::json;
use serde_json::{Map, Value, json};
use std::time::{Duration, Instant};
use workflow::expression::Moment;
use workflow::jsonpath::{Path, PathError, Payload, ReferencePath, Rule, Source, View};

/// The work of an evaluation is counted, so this is for a busy machine.
const SOON: Duration = Duration::from_secs(5);

/// Reads the text as each of them and evaluates it twice: it ends soon, and gives the same.
pub fn paths(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (document, context, variables) = (document(), json!({ "State": { "Name": "S" } }), Map::new());
    let moment = Moment { at_ms: 1_700_000_000_123, seed: 7 };
    let view = View { document: &document, context: &context, variables: &variables, moment };
    if let Ok(path) = Path::parse(&text) {
        twice(|| path.evaluate(&view));
    }
    if let Ok(source) = Source::parse(&text) {
        twice(|| source.evaluate(&view));
    }
    if let Ok(place) = ReferencePath::parse(&text) {
        twice(|| place.put(document.clone(), json!({ "put": true })));
    }
    let Some(value) = json(&text) else { return };
    if let Ok(payload) = Payload::parse(&value) {
        twice(|| payload.evaluate(&view));
    }
    if let Some(Ok(rule)) = value.as_object().map(Rule::parse) {
        twice(|| rule.holds(&view));
    }
}

fn twice<T: PartialEq + std::fmt::Debug>(evaluate: impl Fn() -> Result<T, PathError>) {
    let started = Instant::now();
    let first = evaluate();
    assert!(started.elapsed() < SOON, "it took {:?}", started.elapsed());
    assert_eq!(first, evaluate());
}

fn document() -> Value {
    json!({
        "a": 1, "t": "text,with;signs", "list": [3, 1, 2, "x", null], "at": "2026-01-01T00:00:00Z",
        "people": [{ "name": "Anna", "age": 3 }, { "name": "Bo", "age": 41, "tags": ["x"] }],
        "deep": { "x": { "y": [[1], [2]] }, "a": { "a": { "a": 1 } } }, "json": "{\"k\": [1]}", "64": "YWJj",
    })
}
