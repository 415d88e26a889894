//! Definitions over HTTP: saved, listed, read, and refused with all their problems.

use super::app::{App, Body, Reply, bearer};
use serde_json::{Value, json};

const DEFINITIONS: &str = "/api/v1/acme/definitions";

pub(super) fn asks_anna() -> Value {
    json!({
        "Comment": "Anna decides.", "QueryLanguage": "JSONata", "StartAt": "Echo",
        "States": {
            "Echo": {
                "Type": "Task", "Resource": "task.echo", "Arguments": { "n": "{% $states.input.n %}" },
                "Assign": { "echoed": "{% $states.result.n %}" }, "Next": "Ask"
            },
            "Ask": {
                "Type": "Approval", "Title": "May we?", "Groups": [{ "Name": "one", "From": [{ "User": "anna" }] }],
                "Outcomes": { "approved": { "Next": "Done" }, "rejected": { "Next": "Done" } }
            },
            "Done": { "Type": "Succeed", "Output": { "n": "{% $echoed %}" } }
        }
    })
}

pub(super) async fn save(app: &App, who: &str, body: Value) -> Reply {
    app.send("PUT", DEFINITIONS, &[("authorization", &bearer(who))], Body::Json(body)).await
}

#[tokio::test]
async fn the_same_text_is_one_version_and_another_text_the_next() {
    let app = App::start().await;
    let first = save(&app, "acme/root", json!({ "name": "office/ask", "definition": asks_anna() })).await;
    assert_eq!((first.status.as_u16(), &first.json), (200, &json!({ "name": "office/ask", "version": 1 })));
    let again = save(&app, "acme/root", json!({ "name": "office/ask", "definition": asks_anna() })).await;
    assert_eq!(again.json["version"], 1);
    let mut changed = asks_anna();
    changed["Comment"] = json!("Anna decides today.");
    let second = save(&app, "acme/root", json!({ "name": "office/ask", "definition": changed })).await;
    assert_eq!(second.json["version"], 2);
    let list = app.get("acme/root", DEFINITIONS).await;
    let names: Vec<&str> =
        list.json["items"].as_array().unwrap().iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(names, ["desk/request", "office/ask"], "{}", list.text);
    assert_eq!(
        (&list.json["items"][1]["version"], &list.json["items"][1]["comment"]),
        (&json!(2), &changed["Comment"])
    );
    let read = app.get("acme/root", &format!("{DEFINITIONS}/office%2Fask/1")).await;
    assert_eq!((&read.json["version"], &read.json["definition"]), (&json!(1), &asks_anna()), "{}", read.text);
}

#[tokio::test]
async fn every_field_of_a_definition_may_be_wrong() {
    let app = App::start().await;
    let good = asks_anna();
    let unknown = json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": {
        "A": { "Type": "Task", "Resource": "nobody.knows", "Arguments": {}, "Next": "B" }, "B": { "Type": "Succeed" } } });
    let lost =
        json!({ "QueryLanguage": "JSONata", "StartAt": "Gone", "States": { "A": { "Type": "Pass", "Next": "B" } } });
    let cases: Vec<(Value, &[&str])> = vec![
        (json!([]), &[""]),
        (json!({}), &["/name"]),
        (json!({ "name": 1, "definition": good }), &["/name"]),
        (json!({ "name": " ", "definition": good }), &["/name"]),
        (json!({ "name": "office/ask", "definition": good, "version": 3 }), &["/version"]),
        (json!({ "name": "office/ask" }), &["/definition"]),
        (json!({ "name": "office/ask", "definition": 7 }), &["/definition"]),
        (json!({ "name": "office/ask", "definition": unknown }), &["/definition/States/A/Resource"]),
        (json!({ "name": "office/ask", "definition": lost }), &["/definition/StartAt", "/definition/States/A/Next"]),
        (json!({ "name": "../etc", "definition": good }), &["/name"]),
        (json!({ "name": "a//b", "definition": good }), &["/name"]),
        (json!({ "name": "a b", "definition": good }), &["/name"]),
        (json!({ "name": "\u{fc}", "definition": good }), &["/name"]),
        (json!({ "name": "x".repeat(101), "definition": good }), &["/name"]),
    ];
    for (body, pointers) in cases {
        let reply = save(&app, "acme/root", body.clone()).await;
        reply.is_problem(422, "invalid");
        assert_eq!(reply.pointers(), pointers, "{body}");
    }
    let list = app.get("acme/root", DEFINITIONS).await;
    assert_eq!(list.json["items"].as_array().unwrap().len(), 1, "nothing was saved: {}", list.text);
}

#[tokio::test]
async fn definitions_are_for_admins_of_their_company() {
    let app = App::start().await;
    let body = json!({ "name": "office/ask", "definition": asks_anna() });
    save(&app, "acme/anna", body.clone()).await.is_problem(403, "forbidden");
    save(&app, "globex/gus", body.clone()).await.is_problem(401, "unauthorized");
    app.get("acme/anna", DEFINITIONS).await.is_problem(403, "forbidden");
    app.get("acme/anna", &format!("{DEFINITIONS}/desk%2Frequest/1")).await.is_problem(403, "forbidden");
    for path in ["desk%2Frequest/2", "desk%2Frequest/0", "desk%2Frequest/x", "desk%2Frequest/99999999999", "none/1"] {
        app.get("acme/root", &format!("{DEFINITIONS}/{path}")).await.is_problem(404, "not-found");
    }
    assert_eq!(save(&app, "acme/root", body).await.status, 200);
}

#[tokio::test]
async fn a_definition_that_is_sent_again_with_its_key_is_answered_like_the_first_time() {
    let app = App::start().await;
    let headers = [("authorization", "Bearer acme-root"), ("idempotency-key", "k")];
    let body = |comment: &str| {
        let mut definition = asks_anna();
        definition["Comment"] = json!(comment);
        Body::Json(json!({ "name": "office/ask", "definition": definition }))
    };
    assert_eq!(app.send("PUT", DEFINITIONS, &headers, body("one")).await.json["version"], 1);
    let other = [("authorization", "Bearer acme-root"), ("idempotency-key", "l")];
    assert_eq!(app.send("PUT", DEFINITIONS, &other, body("two")).await.json["version"], 2);
    let again = app.send("PUT", DEFINITIONS, &headers, body("one")).await;
    assert_eq!((&again.json["version"], again.header("idempotency-replayed")), (&json!(1), "true"));
    app.send("PUT", DEFINITIONS, &headers, body("three")).await.is_problem(422, "idempotency-key-reused");
}
