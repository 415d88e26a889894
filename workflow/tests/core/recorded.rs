//! Executions that Step Functions has recorded, compared as `compare.py` of the record does: the event types in order,
//! and of each event its name, output and error.
//!
//! `recorded.jsonl` restates twelve cases of localstack/localstack, `tests/aws/services/stepfunctions/v2` (Apache-2.0). The
//! whole record is run where it is at hand.

use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use workflow::{Definition, EventKind, Instance, Status};

#[test]
fn recorded_executions_give_the_recorded_history() {
    let own = include_str!("recorded.jsonl");
    assert_eq!(run("restated", own), 12, "a restated case was skipped");
    let whole = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/asl-jsonata.jsonl");
    if let Ok(whole) = std::fs::read_to_string(whole) {
        assert!(run("recorded", &whole) >= 30, "most of the record was skipped");
    }
}

/// Runs every case and says how many passed; a case that differs ends the test.
fn run(what: &str, cases: &str) -> usize {
    let (mut passed, mut failed, mut skipped) = (0, Vec::new(), BTreeMap::<String, usize>::new());
    for case in cases.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        match unsupported(&case["definition"]) {
            Some(reason) => *skipped.entry(reason).or_default() += 1,
            None => match differs(&case) {
                None => passed += 1,
                Some(why) => failed.push(format!("{}: {why}", case["id"])),
            },
        }
    }
    println!("{what}: {passed} passed, {} failed, skipped: {skipped:?}", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    passed
}

/// Why a case is not for us yet.
fn unsupported(definition: &Value) -> Option<String> {
    let states = definition["States"].as_object()?;
    let language = definition["QueryLanguage"].as_str().unwrap_or("JSONPath");
    for state in states.values() {
        let kind = state["Type"].as_str()?;
        if !["Pass", "Choice", "Succeed", "Fail", "Wait"].contains(&kind) {
            return Some(format!("the state type {kind}"));
        }
        if state["QueryLanguage"].as_str().unwrap_or(language) != "JSONata" {
            return Some("a state in JSONPath".to_owned());
        }
    }
    None
}

fn differs(case: &Value) -> Option<String> {
    let definition = match Definition::parse(&case["definition"]) {
        Ok(definition) => definition,
        Err(problems) => return Some(format!("refused: {problems:?}")),
    };
    let mut world = World::new(definition);
    world.take(EventKind::Started { input: case["input"].clone(), requester: None }).ok()?;
    while running(&world.instance) {
        world.fire();
    }
    let got: Vec<Value> = world.entries().map(|entry| serde_json::to_value(entry).unwrap()).collect();
    let want = case["events"].as_array().unwrap();
    let types = |events: &[Value]| events.iter().map(|event| event["type"].clone()).collect::<Vec<_>>();
    if types(&got) != types(want) {
        return Some(format!("events {:?}, recorded {:?}", types(&got), types(want)));
    }
    let fields = ["name", "output", "error"];
    let mut pairs = got.iter().zip(want).flat_map(|(got, want)| fields.map(|field| (field, got, want)));
    let (field, got, want) = pairs.find(|(field, got, want)| !same(got.get(field), want.get(field)))?;
    Some(format!("{}.{field} {:?}, recorded {:?}", want["type"], got.get(field), want.get(field)))
}

fn running(instance: &Instance) -> bool {
    matches!(instance.status, Status::Running(_))
}

/// Equal, where an anonymised text of the record stands for anything.
fn same(got: Option<&Value>, want: Option<&Value>) -> bool {
    match (got, want) {
        (_, Some(Value::String(want))) if anonymised(want) => true,
        (Some(Value::Object(got)), Some(Value::Object(want))) => {
            got.len() == want.len() && want.iter().all(|(name, value)| same(got.get(name), Some(value)))
        }
        (Some(Value::Array(got)), Some(Value::Array(want))) => {
            got.len() == want.len() && got.iter().zip(want).all(|(got, want)| same(Some(got), Some(want)))
        }
        (Some(Value::Number(got)), Some(Value::Number(want))) => got.as_f64() == want.as_f64(),
        (got, want) => got == want,
    }
}

fn anonymised(text: &str) -> bool {
    let lower = text.to_lowercase();
    let inside = text.find('<').is_some_and(|from| text[from..].find('>').is_some_and(|to| to > 1));
    let words = ["randomnumbergenerated", "arn:aws", "snf_role_arn", "uuid"];
    inside || lower == "timestamp" || lower == "date" || words.iter().any(|word| lower.contains(word))
}
