//! What people get wrong in a definition, and what they are told: the place, a code for programs, and a remedy.

use crate::world::asking_document;
use serde_json::{Value, json};
use workflow::Definition;

fn plain() -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "Start", "States": {
        "Start": { "Type": "Pass", "Next": "Work" },
        "Work": { "Type": "Task", "Resource": "mail.send", "Next": "Gate" },
        "Gate": { "Type": "Choice", "Choices": [{ "Condition": "{% true %}", "Next": "Rest" }], "Default": "Done" },
        "Rest": { "Type": "Wait", "Seconds": 1, "Next": "Done" },
        "Done": { "Type": "Succeed" }
    } })
}

fn asking() -> Value {
    asking_document(
        json!({ "ExpireAfter": "P1D", "Escalations": [{ "After": "P1D", "Do": "Decide", "Outcome": "late" }] }),
    )
}

/// Sets the field at `pointer`; removes it for `"REMOVED"`.
fn with(mut document: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let owner = document.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value == "REMOVED" {
            owner.shift_remove(name).unwrap();
        } else {
            owner.insert(name.to_owned(), value.clone());
        }
    }
    document
}

fn told(document: &Value) -> String {
    match Definition::parse(document) {
        Ok(_) => "  nothing\n".to_owned(),
        Err(problems) => problems.iter().map(|problem| format!("  {} [{}]\n", problem, problem.code)).collect(),
    }
}

fn table(document: fn() -> Value, defects: &[(&str, Value)]) -> String {
    let told = |(pointer, value): &(&str, Value)| {
        format!("{pointer} = {value}\n{}", told(&with(document(), &[(pointer, value.clone())])))
    };
    assert!(Definition::parse(&document()).is_ok());
    let told: Vec<String> = defects.iter().map(told).collect();
    assert!(told.iter().all(|told| !told.contains("  nothing")), "a defect is not seen: {told:#?}");
    told.join("\n")
}

#[test]
fn defects_of_the_whole_and_of_plain_states() {
    let gone = || json!("REMOVED");
    let rule = |more: Value| json!([more]);
    let defects = [
        ("/StartAt", gone()),
        ("/StartAt", json!(7)),
        ("/StartAt", json!("start")),
        ("/StartAt", json!("Elsewhere")),
        ("/States", gone()),
        ("/States", json!([])),
        ("/States", json!({})),
        ("/QueryLanguage", gone()),
        ("/QueryLanguage", json!("JSONPath")),
        ("/QueryLanguage", json!("SQL")),
        ("/QueryLanguage", json!(true)),
        ("/TimeoutSeconds", json!(0)),
        ("/TimeoutSeconds", json!(1.5)),
        ("/TimeoutSeconds", json!(u64::MAX)),
        ("/Timeout", json!(1)),
        ("/ApprovalDefaults", json!([])),
        ("/ApprovalDefaults", json!({ "Quorum": 1, "ExpireAfter": "soon", "Exclude": ["anna"] })),
        ("/States/Start", json!("Pass")),
        ("/States/Start/Type", gone()),
        ("/States/Start/Type", json!("Parallel")),
        ("/States/Start/Type", json!("Map")),
        ("/States/Start/Type", json!("pass")),
        ("/States/Start/QueryLanguage", json!("JSONPath")),
        ("/States/Start/Next", gone()),
        ("/States/Start/Next", json!(1)),
        ("/States/Start/Next", json!("Wrok")),
        ("/States/Start/End", json!(true)),
        ("/States/Start/End", json!("yes")),
        ("/States/Start/Output", json!("{% $states. %}")),
        ("/States/Start/Output", json!([{ "a": ["{% ( %}"] }, "{% [ %}"])),
        ("/States/Start/Assign", json!("{% {} %}")),
        ("/States/Start/Assign", json!({ "states": 1, "1st": 2, "a-b": 3, "": 4, "ok": 5 })),
        ("/States/Start/InputPath", json!("$.a")),
        ("/States/Start/Comment", json!(1)),
        ("/States/Work/Resource", gone()),
        ("/States/Work/TimeoutSeconds", json!(0)),
        ("/States/Work/TimeoutSeconds", json!("60")),
        ("/States/Work/Retry", json!({})),
        ("/States/Work/Retry", rule(json!({}))),
        ("/States/Work/Retry", rule(json!({ "ErrorEquals": [] }))),
        (
            "/States/Work/Retry",
            rule(json!({ "ErrorEquals": ["A", 1], "MaxAttempts": -1, "IntervalSeconds": 0,
            "BackoffRate": 0.5, "MaxDelaySeconds": 0, "JitterStrategy": "SOME", "Max": 1 })),
        ),
        ("/States/Work/Retry", json!([{ "ErrorEquals": ["States.ALL"] }, { "ErrorEquals": ["A"] }])),
        ("/States/Work/Retry", rule(json!({ "ErrorEquals": ["A", "States.ALL"] }))),
        ("/States/Work/Catch", rule(json!({ "ErrorEquals": ["A"] }))),
        ("/States/Work/Catch", rule(json!({ "Next": "Doen", "Assign": { "states": 1 }, "Output": "{% ( %}" }))),
        ("/States/Gate/Choices", gone()),
        ("/States/Gate/Choices", json!([])),
        ("/States/Gate/Choices", rule(json!({}))),
        ("/States/Gate/Choices", rule(json!({ "Condition": "true", "Next": "Done" }))),
        ("/States/Gate/Choices", rule(json!({ "Condition": 1, "Next": "Nowhere", "Variable": "$.x" }))),
        ("/States/Gate/Default", json!("Nowhere")),
        ("/States/Rest/Seconds", gone()),
        ("/States/Rest/Seconds", json!(-1)),
        ("/States/Rest/Seconds", json!(1e300)),
        ("/States/Rest/Timestamp", json!("2026-11-23T09:30:00Z")),
        ("/States/Done/Next", json!("Start")),
    ];
    insta::assert_snapshot!(table(plain, &defects));
}

#[test]
fn defects_of_approvals() {
    let gone = || json!("REMOVED");
    let group = |more: Value| json!([more]);
    let defects = [
        ("/States/Ask/Groups", gone()),
        ("/States/Ask/Groups", json!([])),
        ("/States/Ask/Groups", json!("finance")),
        ("/States/Ask/Groups", group(json!({ "From": [] }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g" }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": ["anna"] }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": [{}] }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": [{ "User": "a", "Role": "b" }] }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": [{ "User": "{% ( %}" }] }))),
        (
            "/States/Ask/Groups",
            json!([{ "Name": "g", "From": [{ "User": "a" }] }, { "Name": "g", "From": [{ "User": "b" }] },
            { "Name": "h", "From": [{ "User": "a" }] }, { "Name": "h", "From": [{ "User": "b" }] }]),
        ),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": [{ "User": "a" }], "Quorum": 0 }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": [{ "User": "a" }], "Quorum": "0%" }))),
        ("/States/Ask/Groups", group(json!({ "Name": "g", "From": [{ "User": "a" }], "Quorum": "101%" }))),
        (
            "/States/Ask/Groups",
            group(json!({ "Name": "g", "From": [{ "User": "a" }], "Quorum": 18446744073709551615_u64 })),
        ),
        ("/States/Ask/Require", json!("Both")),
        ("/States/Ask/RejectWhen", json!("Never")),
        ("/States/Ask/OnePersonOneGroup", json!("yes")),
        ("/States/Ask/Exclude", json!("{% 'anna' %}")),
        ("/States/Ask/Exclude", json!(["anna", "{% ( %}", 7, { "DecidedIn": "Ask" }, {}])),
        ("/States/Ask/Exclude", json!([{ "DecidedIn": ["Aks", "approved", "Ask"] }, { "DecidedIn": ["Nowhere"] }])),
        ("/States/Ask/Decisions", json!([])),
        ("/States/Ask/Decisions", json!([{ "Name": "x" }, { "Outcome": "y" }, "z"])),
        ("/States/Ask/Decisions", json!([{ "Name": "approve" }, { "Name": "approve" }, { "Name": "reject" }])),
        (
            "/States/Ask/Decisions",
            json!([{ "Name": "approve" }, { "Name": "reject" }, { "Name": "x", "Outcome": "expired" }]),
        ),
        ("/States/Ask/CommentRequired", json!(["rejct", 1])),
        ("/States/Ask/Reminders", json!([{}])),
        ("/States/Ask/Reminders", json!([{ "After": "P1M", "Every": "P0D", "Max": 0, "To": "Everybody" }])),
        ("/States/Ask/Escalations", json!([{ "After": "P1D", "Do": "Shout" }])),
        ("/States/Ask/Escalations", json!([{ "After": "P1D", "Do": "AddApprovers" }])),
        ("/States/Ask/Escalations", json!([{ "After": "P1D", "Do": "Decide" }])),
        ("/States/Ask/ExpireAfter", gone()),
        ("/States/Ask/ExpireAfter", json!("P1Y")),
        ("/States/Ask/OnNobody", json!("nobody")),
        ("/States/Ask/Subject", json!({ "Kind": "order" })),
        ("/States/Ask/Outcomes", gone()),
        ("/States/Ask/Outcomes", json!({})),
        (
            "/States/Ask/Outcomes",
            json!({ "approved": {}, "rejected": { "Next": "rejectd" }, "expired": { "Next": "expired" },
            "late": { "Next": "late" }, "withdrawn": { "Next": "late" } }),
        ),
        ("/States/Ask/Title", json!("{% ( %}")),
        ("/States/Ask/Catch", json!([{ "ErrorEquals": ["Approval.NoApprover"], "Next": "Lost" }])),
        ("/States/Ask/Next", json!("approved")),
        ("/States/Ask/Timeout", json!("P1D")),
    ];
    insta::assert_snapshot!(table(asking, &defects));
}

#[test]
fn defects_of_the_graph() {
    let states = |states: Value| json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": states });
    let long = "x".repeat(81);
    let mut named = json!({ "A": { "Type": "Pass", "End": true }, "": { "Type": "Succeed" } });
    named[long] = json!({ "Type": "Succeed" });
    let graphs = [
        json!({ "A": { "Type": "Pass", "Next": "A" } }),
        json!({ "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Pass", "Next": "A" }, "C": { "Type": "Succeed" } }),
        json!({ "A": { "Type": "Pass", "End": true }, "Lost": { "Type": "Pass", "Next": "Also lost" }, "Also lost": { "Type": "Succeed" } }),
        named,
    ];
    let told: Vec<String> = graphs.into_iter().map(|graph| told(&states(graph))).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn all_problems_are_told_at_once() {
    let document = with(
        plain(),
        &[
            ("/StartAt", json!("REMOVED")),
            ("/TimeoutSeconds", json!("long")),
            ("/States/Start/Next", json!("Wrok")),
            ("/States/Work/Resource", json!("REMOVED")),
            ("/States/Work/Next", json!("Gaet")),
            ("/States/Gate/Choices", json!([{ "Next": "Nowhere" }, { "Condition": "{% ( %}", "Next": "Done" }])),
            ("/States/Rest/Seconds", json!(-1)),
            ("/States/Rest/Color", json!("blue")),
        ],
    );
    insta::assert_snapshot!(told(&document));
}

#[test]
fn not_json_is_told_with_its_place() {
    let problems = Definition::parse_text("{\n  \"StartAt\": ,\n}").unwrap_err();
    insta::assert_snapshot!(problems[0].to_string(), @"/: is not JSON: expected value at line 2 column 14");
    assert_eq!(problems[0].code, "json");
}
