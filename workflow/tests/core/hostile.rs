//! Documents from people who make mistakes, and from people who mean harm: refused or read, never a panic.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::time::Instant;
use workflow::definition::MAX_DEFINITION_BYTES;
use workflow::{Actor, Definition, DefinitionRef, Event, EventKind, Instance, next_due, step};

const ORDER: &str = include_str!("../../../definitions/purchasing/order.asl.json");

fn codes(text: &str) -> Vec<(String, String)> {
    let problems = Definition::parse_text(text).err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.pointer, problem.code)).collect()
}

fn found(pointer: &str, code: &str) -> (String, String) {
    (pointer.to_owned(), code.to_owned())
}

fn with_states(states: Map<String, Value>) -> String {
    json!({ "QueryLanguage": "JSONata", "StartAt": "S0", "States": states }).to_string()
}

#[test]
fn sizes_have_limits() {
    let states = |many: usize| -> Map<String, Value> {
        let name = |n: usize| format!("S{n}");
        let pass = (0..many - 1).map(|n| (name(n), json!({ "Type": "Pass", "Next": name(n + 1) })));
        pass.chain([(name(many - 1), json!({ "Type": "Succeed" }))]).collect()
    };
    assert_eq!(codes(&with_states(states(1_000))), []);
    assert_eq!(codes(&with_states(states(1_001))), [found("/States", "too-many")]);
    let padded = |bytes: usize| {
        let text = with_states(states(2));
        format!("{text}{}", " ".repeat(bytes - text.len()))
    };
    assert_eq!(codes(&padded(MAX_DEFINITION_BYTES)), []);
    assert_eq!(codes(&padded(MAX_DEFINITION_BYTES + 1)), [found("", "too-large")]);
}

#[test]
fn a_megabyte_of_bad_fields_is_refused_soon() {
    let fields: Map<String, Value> = (0..20_000).map(|n| (format!("field{n}"), json!("{% ( %}"))).collect();
    let mut state = json!({ "Type": "Pass", "End": true });
    state.as_object_mut().unwrap().extend(fields);
    let started = Instant::now();
    let problems = codes(&with_states(Map::from_iter([("S0".to_owned(), state)])));
    assert_eq!(problems.len(), 20_000);
    assert!(started.elapsed().as_secs() < 10, "took {:?}", started.elapsed());
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = |levels: usize| format!("{}1{}", open.repeat(levels), close.repeat(levels));
        let state = |value: String| {
            format!(
                r#"{{"QueryLanguage":"JSONata","StartAt":"A","States":{{"A":{{"Type":"Pass","Output":{value},"End":true}}}}}}"#
            )
        };
        assert_eq!(codes(&state(deep(90))), []);
        let refused = codes(&state(deep(110)));
        assert!(refused.len() == 1 && refused[0].1 == "expression", "{refused:?}");
        assert_eq!(codes(&state(deep(50_000))), [found("", "json")]);
    }
}

#[test]
fn a_field_that_stands_twice_is_refused_where_it_stands() {
    let text = r#"{"QueryLanguage":"JSONata","StartAt":"a/b","States":{
        "a/b":{"Type":"Pass","Next":"c~d"},"a/b":{"Type":"Pass","Next":"c~d","Next":"c~d"},"c~d":{"Type":"Succeed"}}}"#;
    let expected = [found("/States/a~1b", "duplicate-field"), found("/States/a~1b/Next", "duplicate-field")];
    assert_eq!(codes(text), expected);
}

#[test]
fn names_with_slashes_and_tildes_are_escaped_in_every_pointer() {
    let document = json!({ "QueryLanguage": "JSONata", "StartAt": "a/b", "States": {
        "a/b": { "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "r" }] }],
            "Decisions": [{ "Name": "x", "Outcome": "o/~" }], "Outcomes": { "o/~": { "Next": "lost", "~": 1 } } },
        "e~": { "Type": "Pass", "Output": { "k/~": "{% ( %}" }, "End": true }
    } });
    let problems = Definition::parse(&document).unwrap_err();
    let pointers: Vec<&str> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    let expected = ["/States/a~1b/Outcomes/o~1~0/~0", "/States/e~0/Output/k~1~0", "/States/a~1b/Outcomes/o~1~0/Next"];
    assert_eq!(pointers, expected);
}

/// The pointer of a problem names a value of the document, or a field that is missing from an object that is there.
fn place_exists(document: &Value, pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    document.pointer(pointer).is_some() || document.pointer(parent).is_some()
}

fn check(document: &Value) {
    match Definition::parse(document) {
        Ok(definition) => runs(&definition),
        Err(problems) => {
            assert!(!problems.is_empty());
            for problem in problems {
                assert!(place_exists(document, &problem.pointer), "{problem:?}");
                assert!(!problem.code.is_empty() && problem.message.len() > 10, "{problem:?}");
            }
        }
    }
}

/// A definition that was read can be started and moved without a panic.
fn runs(definition: &Definition) {
    let mut instance = Instance::new("i", "acme", DefinitionRef { name: "t/t".into(), version: 1 });
    let started = EventKind::started(json!({ "requester": { "id": "rita" } }), None);
    let mut event = Event { at: 0, by: Actor::System, kind: started };
    for n in 1..20 {
        if let Ok(taken) = step(definition, &instance, &event) {
            instance = taken.instance;
        }
        let at = next_due(definition, &instance).unwrap_or(event.at);
        let kind = match n % 3 {
            0 => EventKind::DeadlineReached,
            1 => EventKind::TaskSucceeded { activity: n / 3 + 1, output: json!({ "amount": "1" }) },
            _ => EventKind::ApproversFound { activity: n / 3 + 1, groups: vec![] },
        };
        event = Event { at, by: Actor::System, kind };
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = [
        "",
        "{% ( %}",
        "{% $states.input %}",
        "{% $x %}",
        "Pass",
        "Approval",
        "Choice",
        "P1D",
        "All",
        "50%",
        "JSONata",
        "States.ALL",
        "Ask",
        "ManagerApproval",
        "approved",
        "Pending",
        "9999999999999999999999",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(u64::MAX)),
        Just(json!(0)),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((field(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn field() -> impl Strategy<Value = String> {
    let names = [
        "Type",
        "Next",
        "End",
        "States",
        "StartAt",
        "QueryLanguage",
        "ApprovalDefaults",
        "Groups",
        "Name",
        "From",
        "Role",
        "User",
        "ManagerOf",
        "Quorum",
        "Decisions",
        "Outcome",
        "Outcomes",
        "Choices",
        "Condition",
        "Default",
        "Retry",
        "Catch",
        "ErrorEquals",
        "Assign",
        "Output",
        "Arguments",
        "Seconds",
        "Timestamp",
        "Reminders",
        "After",
        "Every",
        "Max",
        "Escalations",
        "Do",
        "Exclude",
        "DecidedIn",
        "ExpireAfter",
        "Subject",
        "Id",
        "Form",
        "CommentRequired",
        "TimeoutSeconds",
        "BackoffRate",
        "Comment",
    ];
    prop_oneof![9 => proptest::sample::select(names.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

/// Every pointer of a document.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, workflow::definition::below(&at, name), found);
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                places(item, workflow::definition::below(&at, n), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

fn change(document: &mut Value, place: &str, kind: u8, value: Value) {
    let (parent, last) = place.rsplit_once('/').unwrap_or_default();
    let last = last.replace("~1", "/").replace("~0", "~");
    let Some(owner) = document.pointer_mut(parent) else { return };
    match (owner, kind) {
        (Value::Object(fields), 0) => drop(fields.shift_remove(&last)),
        (Value::Object(fields), 1) => drop(fields.insert(format!("{last}x"), value)),
        (Value::Object(fields), _) => drop(fields.insert(last, value)),
        (Value::Array(items), 0) => drop(last.parse().map(|n: usize| items.remove(n))),
        (Value::Array(items), _) => items.push(value),
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_refused_or_read(document in any_json(), states in any_json()) {
        check(&document);
        check(&json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": { "A": states, "B": document } }));
        let _ = Definition::parse_text(&document.to_string());
    }

    #[test]
    fn a_changed_definition_of_purchasing_is_refused_or_runs(
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, any_json()), 1..4),
    ) {
        let mut document: Value = serde_json::from_str(ORDER).unwrap();
        for (place, kind, value) in changes {
            let mut found = Vec::new();
            places(&document, String::new(), &mut found);
            let place = place.get(&found).clone();
            change(&mut document, &place, kind, value);
        }
        check(&document);
    }

    #[test]
    fn any_text_is_refused_or_read(text in "\\PC{0,80}") {
        let _ = Definition::parse_text(&text);
    }
}
