//! Executions that Step Functions has recorded.
//!
//! `calls.jsonl`, `rules.jsonl` and `machines.jsonl` restate cases of localstack/localstack,
//! `tests/aws/services/stepfunctions/v2` (Apache-2.0): the call of a function with its document and result; a comparator
//! with its operand, the value that is tested and whether it passes; a machine of plain states with its input and how it
//! ends. The whole record is run where it is at hand.

use super::machine::{self, Outcome};
use serde_json::{Map, Value, json};
use workflow::expression::Moment;
use workflow::jsonpath::{Rule, Source, View};

fn lines(text: &str) -> impl Iterator<Item = Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap())
}

fn view<'v>(document: &'v Value, variables: &'v Map<String, Value>) -> View<'v> {
    View { document, context: &Value::Null, variables, moment: Moment { at_ms: 0, seed: 1 } }
}

#[test]
fn functions_give_what_was_recorded() {
    for case in lines(include_str!("calls.jsonl")) {
        let variables = Map::new();
        let call = Source::parse(case[0].as_str().unwrap()).unwrap();
        let result = call.evaluate(&view(&case[1], &variables)).unwrap_or_else(|problem| panic!("{case}: {problem}"));
        assert!(same(&result, &case[2]), "{case}: {result}");
    }
}

#[test]
fn comparators_decide_as_recorded() {
    for case in lines(include_str!("rules.jsonl")) {
        let comparator = case[0].as_str().unwrap();
        let operand = if comparator.ends_with("Path") { json!("$.Value") } else { case[1].clone() };
        let rule = json!({"Variable": "$.Variable", comparator: operand});
        let (variables, document) = (Map::new(), json!({"Value": case[1], "Variable": case[2]}));
        let holds = Rule::parse(rule.as_object().unwrap()).unwrap().holds(&view(&document, &variables));
        assert_eq!(holds.map(Value::from), Ok(case[3].clone()), "{case}");
    }
}

#[test]
fn machines_end_as_recorded() {
    for case in lines(include_str!("machines.jsonl")) {
        assert_eq!(differs(&case, &case, case.get("error")), None);
    }
}

#[test]
fn the_whole_record_of_plain_states_is_met() {
    let whole = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/conformance/asl-jsonpath.jsonl");
    let Ok(whole) = std::fs::read_to_string(whole) else { return };
    let cases: Vec<Value> = lines(&whole).filter(|case| is_plain(case) && !is_unclear(case)).collect();
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let last = case["events"].as_array().and_then(|events| events.last()).unwrap_or(case);
            differs(case, last, last.get("error"))
        })
        .collect();
    println!("{} of {} cases are met", cases.len() - failed.len(), cases.len());
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    assert!(cases.len() > 300, "most of the record was skipped");
}

/// Whether a case consists of the states that run here.
fn is_plain(case: &Value) -> bool {
    let states = case["definition"]["States"].as_object().unwrap();
    let plain = ["Pass", "Choice", "Succeed", "Fail", "Wait"];
    states.values().all(|state| plain.contains(&state["Type"].as_str().unwrap()))
}

/// Cases that say nothing about this module: both timestamps are anonymised, so the same case is recorded as true and as
/// false; and the limits of a whole state and of a wait.
fn is_unclear(case: &Value) -> bool {
    let id = case["id"].as_str().unwrap();
    let anonymised =
        id.contains("timestamp") && case["input"]["Variable"] == "date" && case["input"]["Value"] == "date";
    let elsewhere = ["test_start_large_input", "test_timestamp_too_far_in_future_boundary"];
    anonymised && id.contains("TestTimestamps") || elsewhere.iter().any(|test| id.contains(test))
}

fn differs(case: &Value, end: &Value, error: Option<&Value>) -> Option<String> {
    let got = machine::run(&case["definition"], &case["input"]);
    let want: Outcome = match error.and_then(Value::as_str) {
        Some(error) => Err(error.to_owned()),
        None => Ok(end["output"].clone()),
    };
    let met = match (&got, &want) {
        (Ok(got), Ok(want)) => same(got, want),
        (got, want) => got == want,
    };
    (!met).then(|| format!("{}: {got:?}, recorded {want:?}", case["id"]))
}

/// Equal, where an anonymised text of the record stands for anything.
fn same(got: &Value, want: &Value) -> bool {
    match (got, want) {
        (_, Value::String(want)) if is_anonymised(want) => true,
        (Value::Object(got), Value::Object(want)) => {
            got.len() == want.len()
                && want.iter().all(|(name, value)| got.get(name).is_some_and(|got| same(got, value)))
        }
        (Value::Array(got), Value::Array(want)) => {
            got.len() == want.len() && got.iter().zip(want).all(|(got, want)| same(got, want))
        }
        (Value::Number(got), Value::Number(want)) => got.as_f64() == want.as_f64(),
        (got, want) => got == want,
    }
}

fn is_anonymised(text: &str) -> bool {
    let lower = text.to_lowercase();
    let inside = text.find('<').is_some_and(|from| text[from..].find('>').is_some_and(|to| to > 1));
    let words = ["randomnumbergenerated", "arn:aws", "snf_role_arn", "uuid"];
    inside || lower == "timestamp" || lower == "date" || words.iter().any(|word| lower.contains(word))
}
