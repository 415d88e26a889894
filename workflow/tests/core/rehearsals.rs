//! Rehearsals: the virtual clock, what the cast says, and the scenarios that purchasing ships.

use crate::world::definition;
use serde_json::{Value, json};
use std::path::Path;
use workflow::rehearsal::{MAX_ENTRIES, Rehearsal, Rest, START_MS, Scenario, extend};
use workflow::{Definition, plain};

const HOUR: i64 = 3_600_000;

fn scenario(document: Value) -> Scenario {
    Scenario::read(document).unwrap_or_else(|message| panic!("{message}"))
}

/// A definition of one approval that expires after three days, unless `states` says otherwise.
fn asking() -> Definition {
    definition(
        "Ask",
        json!({
            "Ask": {
                "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "boss" }] }], "ExpireAfter": "P3D",
                "Reminders": [{ "After": "P1D" }], "CommentRequired": ["reject"],
                "Outcomes": { "approved": { "Next": "Yes" }, "rejected": { "Next": "No" }, "expired": { "Next": "No" } },
            },
            "Yes": { "Type": "Succeed", "Output": "{% $states.input.by %}" },
            "No": { "Type": "Fail", "Error": "No" },
        }),
    )
}

fn played(definition: &Definition, document: Value) -> (Rest, Rehearsal<'_>) {
    let scenario = scenario(document);
    let mut rehearsal = Rehearsal::new(definition, scenario.cast());
    let rest = scenario.play(&mut rehearsal).unwrap();
    (rest, rehearsal)
}

#[test]
fn somebody_decides_after_a_while_or_not_at_all() {
    let (definition, people) = (asking(), json!({ "Roles": { "boss": ["anna", "ben"] } }));
    let decide = |after: &str| json!([{ "State": "Ask", "By": "ben", "Decision": "approve", "After": after }]);
    let (rest, rehearsal) = played(&definition, json!({ "People": people, "Decisions": decide("P2D") }));
    assert_eq!((rest, rehearsal.now - START_MS), (Rest::Ended, 48 * HOUR));
    assert_eq!(rehearsal.output(), Some(&json!("ben")));
    assert!(rehearsal.entries.iter().any(|entry| entry.kind == "ApprovalReminded"));
    assert_eq!(rehearsal.asked.len(), 2, "reminders are not counted");

    let (_, rehearsal) = played(&definition, json!({ "People": people, "Decisions": decide("P4D") }));
    assert_eq!(rehearsal.now - START_MS, 72 * HOUR, "it expired before");
    assert_eq!(rehearsal.unused_decisions().len(), 1);

    let (_, rehearsal) = played(&definition, json!({ "People": people, "Decisions": decide("P3D") }));
    assert_eq!(rehearsal.path().last(), Some(&"Yes"), "whoever decides on the last day is in time");

    let (rest, rehearsal) = played(&definition, json!({ "People": people, "For": "PT6H" }));
    assert_eq!((rest, rehearsal.now - START_MS), (Rest::Waiting, 6 * HOUR));
    assert_eq!(rehearsal.waits_for()[0].waits_for, "a decision of anna, ben");
}

#[test]
fn a_task_without_an_answer_is_waited_for_and_no_time_passes() {
    let task = |resource: &str| {
        json!({ "T": { "Type": "Task", "Resource": resource, "TimeoutSeconds": 60, "End": true,
            "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "F" }] }, "F": { "Type": "Pass", "End": true } })
    };
    let (definition, from_outside) = (definition("T", task("a.b")), definition("T", task("a.b.waitForTaskToken")));
    let (rest, rehearsal) = played(&definition, json!({}));
    assert_eq!((rest, rehearsal.now), (Rest::Waiting, START_MS));
    assert_eq!(rehearsal.waits_for()[0].waits_for, "what a.b answers");

    let (rest, rehearsal) = played(&from_outside, json!({}));
    assert_eq!((rest, rehearsal.path(), rehearsal.now), (Rest::Ended, vec!["T", "F"], START_MS + 60_000));

    for name in ["T", "a.b", "*"] {
        let (_, rehearsal) = played(&definition, json!({ "Answers": { name: { "Result": 7 } } }));
        assert_eq!(rehearsal.output(), Some(&json!(7)), "{name}");
    }
}

#[test]
fn answers_are_given_one_after_the_other_and_the_last_again_and_again() {
    let definition = definition(
        "T",
        json!({ "T": { "Type": "Task", "Resource": "a.b", "Retry": [{ "ErrorEquals": ["Busy"], "MaxAttempts": 5, "IntervalSeconds": 10 }],
            "Assign": { "n": "{% ($exists($n) ? $n : 0) + 1 %}" }, "Next": "C" },
            "C": { "Type": "Choice", "Choices": [{ "Condition": "{% $n < 3 %}", "Next": "T" }], "Default": "End" },
            "End": { "Type": "Pass", "End": true } }),
    );
    let answers = json!({ "a.b": [{ "Error": "Busy" }, { "Result": 1 }, { "Result": 2 }] });
    let (_, rehearsal) = played(&definition, json!({ "Answers": answers }));
    assert_eq!(rehearsal.output(), Some(&json!(2)));
    assert_eq!(rehearsal.now - START_MS, 10_000, "a back-off takes no time but its own");
}

#[test]
fn signals_and_the_end_from_outside_come_when_they_are_said_to_come() {
    let wait = json!({ "T": { "Type": "Task", "Resource": "signal.wait", "Arguments": { "Name": "goods" }, "End": true,
        "Catch": [{ "ErrorEquals": ["Workflow.Cancelled"], "Next": "Undo" }] }, "Undo": { "Type": "Pass", "End": true } });
    let definition = definition("T", wait);
    let (_, rehearsal) = played(&definition, json!({ "Signals": [{ "Name": "goods", "Data": 4, "After": "P1D" }] }));
    assert_eq!((rehearsal.output(), rehearsal.now - START_MS), (Some(&json!(4)), 24 * HOUR));
    let (rest, rehearsal) = played(&definition, json!({ "Cancel": { "Reason": "enough", "After": "PT1H" } }));
    assert_eq!((rehearsal.status(rest), rehearsal.path()), ("cancelled", vec!["T", "Undo"]));
    let (rest, rehearsal) = played(&definition, json!({}));
    assert_eq!((rest, rehearsal.waits_for()[0].waits_for.as_str()), (Rest::Waiting, "the signal goods"));
}

#[test]
fn a_definition_that_waits_for_ever_is_stopped() {
    let states = json!({ "W": { "Type": "Wait", "Seconds": 1, "Next": "C" },
        "C": { "Type": "Choice", "Choices": [{ "Condition": false, "Next": "E" }], "Default": "W" }, "E": { "Type": "Succeed" } });
    let definition = definition("W", states);
    let (rest, rehearsal) = played(&definition, json!({}));
    assert_eq!(rest, Rest::Endless);
    assert!(rehearsal.entries.len() < MAX_ENTRIES + 10);
}

#[test]
fn what_comes_otherwise_is_told_with_its_place() {
    let expect = json!({ "Status": "succeeded", "Path": ["Ask", "Yes"], "Asked": { "Ask": ["anna", "ben"] }, "Took": "P1D", "Error": "Yes" });
    let decisions = json!([{ "State": "Ask", "By": "zoe", "Decision": "approve" }]);
    let played =
        scenario(json!({ "People": { "Roles": { "boss": ["anna"] } }, "Decisions": decisions, "Expect": expect }));
    insta::assert_json_snapshot!(played.run(&asking()));
    let output = scenario(json!({
        "People": { "Roles": { "boss": ["anna"] } }, "Decisions": [{ "State": "Ask", "By": "anna", "Decision": "reject" }],
        "Expect": { "Status": "failed" },
    }));
    let differences = output.run(&asking());
    assert_eq!(differences[0].found, "please give a reason: \"reject\" needs a comment");
}

#[test]
fn a_scenario_that_cannot_be_read_says_why() {
    for (document, expected) in [
        (json!({ "Decision": [] }), "unknown field `Decision`"),
        (json!({ "Answers": { "a": { "Reslt": 1 } } }), "is not what a task answers; write"),
        (json!({ "Answers": { "a": [{ "Result": 1, "Error": "E" }] } }), "is not what a task answers; write"),
        (json!({ "For": "soon" }), "ISO 8601"),
    ] {
        let message = Scenario::read(document).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

/// The scenarios of purchasing, each with what it extends.
fn shipped() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../definitions/purchasing/scenarios");
    let read = |path: &Path| -> Value { serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() };
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let files = files.iter().filter(|path| path.extension().is_some_and(|end| end == "json"));
    let whole = |path| {
        let mut document = read(path);
        let base = document.as_object_mut().unwrap().remove("Extends").unwrap();
        let mut whole = read(&folder.join(base.as_str().unwrap()));
        extend(&mut whole, document);
        scenario(whole)
    };
    files.map(|path| whole(path)).collect()
}

fn order() -> Value {
    serde_json::from_str(include_str!("../../../definitions/purchasing/order.asl.json")).unwrap()
}

#[test]
fn the_scenarios_of_purchasing_pass() {
    let definition = Definition::parse(&order()).unwrap();
    let scenarios = shipped();
    assert_eq!(scenarios.len(), 8);
    for scenario in scenarios {
        assert_eq!(scenario.run(&definition), [], "{}", scenario.name);
    }
}

/// The plain form, whose tasks answer what the people answered, goes the same way to the same end.
#[test]
fn the_plain_form_of_the_order_means_the_same() {
    let (definition, plain) =
        (Definition::parse(&order()).unwrap(), Definition::parse(&plain(&order()).unwrap()).unwrap());
    for mut scenario in shipped() {
        let mut asked = Rehearsal::new(&definition, scenario.cast());
        scenario.play(&mut asked).unwrap();
        for entry in asked.entries.iter().filter(|entry| entry.kind == "ApprovalStateExited") {
            let (name, output) = (entry.name.clone().unwrap(), entry.output.clone().unwrap());
            let answer = match output.get("Error") {
                Some(_) => json!(output),
                None => json!({ "Result": output }),
            };
            scenario
                .answers
                .entry(name)
                .or_insert_with(|| serde_json::from_value(json!([])).unwrap())
                .0
                .push(serde_json::from_value(answer).unwrap());
        }
        scenario.decisions.clear();
        let mut answered = Rehearsal::new(&plain, scenario.cast());
        scenario.play(&mut answered).unwrap();
        let path: Vec<&str> = answered.path().into_iter().filter(|name| !name.ends_with("__outcome")).collect();
        assert_eq!(path, asked.path(), "{}", scenario.name);
        assert_eq!(answered.output(), asked.output(), "{}", scenario.name);
    }
}
