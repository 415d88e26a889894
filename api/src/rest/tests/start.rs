//! Instances that are started by hand.

use super::app::{App, Body, Reply};
use super::definitions::{asks_anna, save};
use serde_json::{Value, json};

const INSTANCES: &str = "/api/v1/acme/instances";

async fn app() -> App {
    let app = App::start().await;
    assert_eq!(save(&app, "acme/root", json!({ "name": "office/ask", "definition": asks_anna() })).await.status, 200);
    app
}

async fn start(app: &App, who: &str, body: Value) -> Reply {
    app.post(who, INSTANCES, Body::Json(body)).await
}

#[tokio::test]
async fn what_is_started_runs_to_its_end() {
    let app = app().await;
    let started = start(&app, "acme/root", json!({ "definition": "office/ask", "input": { "n": 7 } })).await;
    assert_eq!(started.status, 201, "{}", started.text);
    assert_eq!((&started.json["state"], &started.json["waiting_for"]), (&json!("Ask"), &json!(["ANNA Test"])));
    let location = format!("{INSTANCES}/{}", started.json["instance"].as_str().unwrap());
    assert_eq!(started.header("location"), location);
    assert_eq!(app.decide("acme/anna", &location, json!({ "decision": "approve" })).await.status, 200);
    let read = app.get("acme/root", &location).await;
    assert_eq!(
        (&read.json["status"], &read.json["output"]),
        (&json!("succeeded"), &json!({ "n": 7 })),
        "{}",
        read.text
    );
    assert_eq!(read.json["definition"], json!({ "name": "office/ask", "version": 1 }));
}

#[tokio::test]
async fn the_requester_is_kept_and_does_not_decide() {
    let app = app().await;
    let anna = json!({ "definition": "office/ask", "input": { "n": 1 }, "requester": "anna" });
    let started = start(&app, "acme/root", anna).await;
    let path = started.header("location").to_owned();
    assert_eq!(app.get("acme/root", &path).await.json["requester"], "anna");
    app.decide("acme/anna", &path, json!({ "decision": "approve" })).await.is_problem(409, "not-running");
    let eva =
        start(&app, "acme/root", json!({ "definition": "office/ask", "input": { "n": 1 }, "requester": "eva" })).await;
    assert_eq!(eva.json["waiting_for"], json!(["ANNA Test"]), "{}", eva.text);
}

#[tokio::test]
async fn every_field_of_a_start_may_be_wrong() {
    let app = app().await;
    let cases: [(Value, &[&str]); 10] = [
        (json!(7), &[""]),
        (json!({}), &["/definition"]),
        (json!({ "definition": null }), &["/definition"]),
        (json!({ "definition": ["office/ask"] }), &["/definition"]),
        (json!({ "definition": "" }), &["/definition"]),
        (json!({ "definition": "office/none" }), &["/definition"]),
        (json!({ "definition": "office/ask", "requester": 1 }), &["/requester"]),
        (json!({ "definition": "office/ask", "requester": "nobody" }), &["/requester"]),
        (json!({ "definition": "office/ask", "version": 1 }), &["/version"]),
        (json!({ "definition": 1, "requester": {}, "company": "globex" }), &["/definition", "/requester", "/company"]),
    ];
    for (body, pointers) in cases {
        let reply = start(&app, "acme/root", body.clone()).await;
        reply.is_problem(422, "invalid");
        assert_eq!(reply.pointers(), pointers, "{body}");
    }
    start(&app, "acme/anna", json!({ "definition": "office/ask" })).await.is_problem(403, "forbidden");
    start(&app, "globex/gus", json!({ "definition": "office/ask" })).await.is_problem(401, "unauthorized");
    app.post("acme/root", &format!("{INSTANCES}?x=1"), Body::Json(json!({})))
        .await
        .is_problem(400, "unknown-parameter");
}

#[tokio::test]
async fn a_start_that_is_sent_again_starts_nothing_new() {
    let app = app().await;
    let body = || Body::Json(json!({ "definition": "office/ask" }));
    let first = app.post_with_key("acme/root", INSTANCES, "k", body()).await;
    let again = app.post_with_key("acme/root", INSTANCES, "k", body()).await;
    assert_eq!((again.status.as_u16(), &again.json), (201, &first.json));
    assert_eq!((again.header("location"), again.header("idempotency-replayed")), (first.header("location"), "true"));
    assert_eq!(app.store.read().await.unwrap().count_instances().await.unwrap(), 1);
}
