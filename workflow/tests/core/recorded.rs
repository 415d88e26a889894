//! Executions that Step Functions has recorded, compared as `compare.py` of the record does: the event types in order,
//! and of each event its name, output and error.
//!
//! `recorded.jsonl` restates cases of localstack/localstack, `tests/aws/services/stepfunctions/v2` (Apache-2.0). The whole
//! record is run where it is at hand.

use serde_json::Value;
use workflow::Definition;
use workflow::rehearsal::{Cast, Rehearsal};

/// Recorded cases that we do not follow, each with its reason in `docs/CONFORMANCE.md`.
const APART: [&str; 8] = [
    "choice_operators/test_timestamp_operators.py::TestTimestamps::test_timestamp_equals#14",
    "choice_operators/test_timestamp_operators.py::TestTimestamps::test_timestamp_greater_than_equals#0",
    "choice_operators/test_timestamp_operators.py::TestTimestamps::test_timestamp_less_than_equals#0",
    "choice_operators/test_timestamp_operators.py::TestTimestamps::test_timestamp_less_than_equals#1",
    "base/test_base.py::TestSnfBase::test_query_context_object_values",
    "scenarios/test_base_scenarios.py::TestBaseScenarios::test_parallel_state[PARALLEL_STATE]",
    "assign/test_assign_base.py::TestAssignBase::test_base_parallel_cases[BASE_SCOPE_PARALLEL]",
    "scenarios/test_base_scenarios.py::TestBaseScenarios::test_max_concurrency_path_negative",
];

#[test]
fn recorded_executions_give_the_recorded_history() {
    assert_eq!(run(include_str!("recorded.jsonl")), 65, "a restated case was left out");
    for (name, least) in [("asl-jsonata.jsonl", 62), ("asl-jsonpath.jsonl", 388)] {
        let whole = format!("{}/../../shared/conformance/{name}", env!("CARGO_MANIFEST_DIR"));
        if let Ok(whole) = std::fs::read_to_string(whole) {
            assert!(run(&whole) >= least, "cases of {name} are missing");
        }
    }
}

/// Runs every case and says how many passed; a case that differs ends the test.
fn run(cases: &str) -> usize {
    let (mut passed, mut failed) = (0, Vec::new());
    for case in cases.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let apart = APART.iter().any(|id| case["id"] == **id);
        match differs(&case) {
            None if apart => failed.push(format!("{} passes, so it is not apart any more", case["id"])),
            None => passed += 1,
            Some(_) if apart => {}
            Some(why) => failed.push(format!("{}: {why}", case["id"])),
        }
    }
    println!("{passed} passed, {} failed", failed.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    passed
}

fn differs(case: &Value) -> Option<String> {
    let definition = match Definition::parse(&case["definition"]) {
        Ok(definition) => definition,
        Err(problems) => return Some(format!("refused: {problems:?}")),
    };
    let mut rehearsal = Rehearsal::new(&definition, Cast::default());
    if let Err(rejected) = rehearsal.play(case["input"].clone(), None) {
        return Some(rejected.to_string());
    }
    let shown = rehearsal.entries.iter().filter(|entry| !entry.child);
    let got: Vec<Value> = shown.map(|entry| serde_json::to_value(entry).unwrap()).collect();
    let Some(want) = case["events"].as_array() else {
        let output = got.last().and_then(|last| last.get("output"));
        let differs = !same(output, case.get("output"));
        return differs.then(|| format!("output {output:?}, recorded {:?}", case.get("output")));
    };
    let types = |events: &[Value]| events.iter().map(|event| event["type"].clone()).collect::<Vec<_>>();
    if types(&got) != types(want) {
        return Some(format!("events {:?}, recorded {:?}", types(&got), types(want)));
    }
    let fields = ["name", "output", "error"];
    let mut pairs = got.iter().zip(want).flat_map(|(got, want)| fields.map(|field| (field, got, want)));
    let (field, got, want) = pairs.find(|(field, got, want)| !same(got.get(field), want.get(field)))?;
    Some(format!("{}.{field} {:?}, recorded {:?}", want["type"], got.get(field), want.get(field)))
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
