//! The plain form: standard Amazon States Language that means the same.
//!
//! By hand, the plain forms of `definitions/purchasing/order.asl.json` and of [`NESTED`] were given to the npm package
//! `asl-validator` 4.0.0 with `checkArn: false` (our resources are no ARNs) and found valid, after every empty text was
//! filled: it refuses `"Assign": {"problem": ""}`, which the language allows.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use workflow::{Definition, plain};

const ORDER: &str = include_str!("../../../definitions/purchasing/order.asl.json");

/// Approvals in a branch and in a `Map` of a definition in JSONPath; the name that one needs is taken.
const NESTED: &str = r#"{
    "StartAt": "P", "ApprovalDefaults": {"ExpireAfter": "P3D"}, "States": {
        "P": {"Type": "Parallel", "Next": "M", "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}], "Branches": [
            {"StartAt": "Ask", "States": {
                "Ask": {
                    "Type": "Approval", "QueryLanguage": "JSONata", "Groups": [{"Name": "g", "From": [{"Role": "a"}]}],
                    "Comment": "why", "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Ask__outcome"}],
                    "Assign": {"who": "{% $states.result.by %}"},
                    "Outcomes": {
                        "approved": {"Assign": {"x": "{% $states.input.a & $states.result.by %}"}, "Next": "Ask__outcome"},
                        "rejected": {"Next": "Ask__outcome"},
                        "expired": {"Next": "Ask__outcome"}}},
                "Ask__outcome": {"Type": "Pass", "End": true}}}]},
        "M": {"Type": "Map", "End": true, "ItemProcessor": {"StartAt": "Each", "States": {
            "Each": {
                "Type": "Approval", "QueryLanguage": "JSONata", "Groups": [{"Name": "g", "From": [{"Role": "a"}]}],
                "Decisions": [{"Name": "yes", "Outcome": "it's \\ done"}], "ExpireAfter": "P1D",
                "Outcomes": {"it's \\ done": {"Next": "E"}, "expired": {"Next": "E"}}},
            "E": {"Type": "Succeed"}}}}}}"#;

fn plain_of(text: &str) -> Value {
    plain(&serde_json::from_str(text).unwrap()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

#[test]
fn an_approval_becomes_a_task_and_a_choice() {
    let states = &plain_of(ORDER)["States"];
    let (ask, choice) = (&states["Revise"], &states["Revise__outcome"]);
    assert_eq!(
        (&ask["Type"], &ask["Resource"], &ask["Next"]),
        (&json!("Task"), &json!("builtin:approval"), &json!("Revise__outcome"))
    );
    assert_eq!(ask["Catch"][0]["Next"], "NobodyToAsk");
    assert_eq!(ask["Arguments"]["state"], "Revise");
    let question = &ask["Arguments"]["approval"];
    assert_eq!(question["ExpireAfter"], "P60D", "the own field stands");
    assert_eq!(question["Reminders"][0]["After"], "P2D", "the shared field is merged");
    assert_eq!(question["Escalations"], json!([]), "an own field that is empty stands");
    let resubmitted = json!({
        "Condition": "{% $states.input.outcome = 'resubmitted' %}",
        "Assign": { "po": "{% $states.input.form %}", "round": "{% $round + 1 %}" },
        "Next": "RoundGuard",
    });
    assert_eq!(choice["Choices"][0], resubmitted);
}

#[test]
fn nothing_of_ours_is_left_and_everything_else_is_as_it_was() {
    let (written, plain): (Value, Value) = (serde_json::from_str(ORDER).unwrap(), plain_of(ORDER));
    assert!(plain.get("ApprovalDefaults").is_none());
    let states = plain["States"].as_object().unwrap();
    let same = |name: &String| {
        written["States"].get(name).is_none_or(|state| state["Type"] == "Approval" || *state == states[name])
    };
    assert!(states.keys().all(same), "Retry, Catch, Assign and whatever else is kept");
    assert!(!plain.to_string().contains("\"Approval\""));
}

#[test]
fn branches_and_items_are_rewritten_and_names_that_are_taken_are_not_used() {
    let plain = plain_of(NESTED);
    let branch = &plain["States"]["P"]["Branches"][0]["States"];
    assert_eq!(branch["Ask"]["Next"], "Ask__outcome2");
    assert_eq!(branch["Ask"]["Comment"], "why");
    assert_eq!(branch["Ask"]["QueryLanguage"], "JSONata");
    let assign = json!({ "who": "{% $states.result.by %}", "input_of_Ask__outcome2": "{% $states.input %}" });
    assert_eq!(branch["Ask"]["Assign"], assign);
    let first = &branch["Ask__outcome2"]["Choices"][0];
    assert_eq!(first["Assign"]["x"], "{% $input_of_Ask__outcome2.a & $states.input.by %}");
    let each = &plain["States"]["M"]["ItemProcessor"]["States"]["Each__outcome"];
    assert_eq!(each["Choices"][0]["Condition"], r#"{% $states.input.outcome = "it's \\ done" %}"#);
    assert!(Definition::parse(&plain).is_ok());
}

#[test]
fn a_definition_with_problems_has_no_plain_form() {
    assert!(plain(&json!({ "StartAt": "A", "States": {} })).is_err());
}

/// A machine of approvals, passes, branches and items, each leading to the next.
fn machine(depth: u32) -> BoxedStrategy<Vec<Value>> {
    let outcomes = prop::collection::hash_set("[a-zA-Z'\"\\\\% ]{1,12}", 1..4);
    let approval = outcomes.prop_map(|outcomes| json!({ "Type": "Approval", "of": outcomes }));
    let pass = Just(json!({ "Type": "Pass" }));
    let state = if depth == 0 {
        prop_oneof![approval, pass].boxed()
    } else {
        let inner = machine(depth - 1).prop_map(Value::Array);
        let inner = (inner, prop_oneof![Just("Parallel"), Just("Map")]);
        let inner = inner.prop_map(|(states, kind)| json!({ "Type": kind, "of": states }));
        prop_oneof![2 => approval, 1 => pass, 2 => inner].boxed()
    };
    prop::collection::vec(state, 1..4).boxed()
}

/// The document of a machine. Names are counted through; some are those that the plain form would like to use.
fn document(states: &[Value], count: &mut usize) -> Value {
    let names: Vec<String> = states.iter().map(|_| name(count)).collect();
    let end = name(count);
    let nexts = names.iter().skip(1).chain([&end]);
    let mut written = Map::new();
    for ((name, state), next) in names.iter().zip(states).zip(nexts) {
        written.insert(name.clone(), state_of(state, next, count));
    }
    written.insert(end.clone(), json!({ "Type": "Succeed" }));
    json!({ "StartAt": names[0], "States": written })
}

fn name(count: &mut usize) -> String {
    *count += 1;
    let long = "x".repeat(70);
    match *count % 3 {
        0 => format!("S{}__outcome", *count - 1),
        1 => format!("S{count}"),
        _ => format!("{long}{count}"),
    }
}

fn state_of(state: &Value, next: &str, count: &mut usize) -> Value {
    let of = state["of"].as_array().cloned().unwrap_or_default();
    match state["Type"].as_str().unwrap() {
        "Parallel" => json!({ "Type": "Parallel", "Branches": [document(&of, count)], "Next": next }),
        "Map" => json!({ "Type": "Map", "ItemProcessor": document(&of, count), "Next": next }),
        "Approval" => {
            let decision = |(n, outcome): (usize, &Value)| json!({ "Name": format!("d{n}"), "Outcome": outcome });
            let decisions: Vec<Value> = of.iter().enumerate().map(decision).collect();
            let route = |outcome: &Value| (outcome.as_str().unwrap().to_owned(), json!({ "Next": next }));
            let outcomes: Map<String, Value> = of.iter().map(route).collect();
            let groups = json!([{ "Name": "g", "From": [{ "Role": "r" }] }]);
            json!({ "Type": "Approval", "Groups": groups, "Decisions": decisions, "Outcomes": outcomes })
        }
        kind => json!({ "Type": kind, "Next": next }),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_plain_form_is_accepted_and_asks_nobody(states in machine(2)) {
        let mut document = document(&states, &mut 0);
        document["QueryLanguage"] = json!("JSONata");
        prop_assert!(Definition::parse(&document).is_ok(), "{:?}", Definition::parse(&document));
        let plain = plain(&document).unwrap();
        let read = Definition::parse(&plain);
        prop_assert!(read.is_ok(), "{read:?}\n{plain:#}");
        prop_assert!(read.unwrap().states().all(|state| state.kind.name() != "Approval"));
        prop_assert_eq!(plain_again(&plain), plain.clone());
    }
}

/// What is plain stays as it is.
fn plain_again(document: &Value) -> Value {
    plain(document).unwrap()
}
