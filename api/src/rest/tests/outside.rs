//! Callbacks and signals: what reaches a running instance from outside.

use super::app::{App, Body};
use futures::FutureExt;
use serde_json::{Value, json};
use store::NewInstance;
use workflow::{Actor, Effect, TaskToken};

/// An instance of these states, started on behalf of eva; its id.
async fn started(app: &App, states: Value) -> String {
    let definition = json!({ "QueryLanguage": "JSONata", "StartAt": "T", "States": states });
    let started = app.store.write(move |unit| {
        let definition = definition.clone();
        async move {
            unit.save_definition("acme", "test/outside", &definition).await?;
            let new = NewInstance {
                company: "acme".to_owned(),
                definition: "test/outside".to_owned(),
                input: json!({}),
                requester: Some("eva".to_owned()),
                subject: None,
            };
            unit.start(Actor::System, new).await
        }
        .boxed()
    });
    started.await.unwrap().id
}

fn callback() -> Value {
    json!({ "T": { "Type": "Task", "Resource": "bank.pay.waitForTaskToken", "HeartbeatSeconds": 60,
                   "Arguments": { "token": "{% $states.context.Task.Token %}" }, "End": true } })
}

/// The token that the task was given.
async fn token(app: &App) -> String {
    let claimed = app.store.write(|unit| async move { unit.claim_effects(1, 1_000).await }.boxed()).await.unwrap();
    match &claimed[0].effect {
        Effect::Perform { arguments, .. } => arguments["token"].as_str().unwrap().to_owned(),
        other => panic!("{other:?}"),
    }
}

async fn post(app: &App, path: &str, body: Body) -> super::app::Reply {
    app.send("POST", path, &[], body).await
}

#[tokio::test]
async fn whoever_holds_the_token_answers_the_task_once() {
    let app = App::start().await;
    let id = started(&app, callback()).await;
    let token = token(&app).await;
    let at = |what: &str| format!("/api/v1/acme/callbacks/{token}/{what}");
    assert_eq!(post(&app, &at("heartbeat"), Body::Nothing).await.status, 200);
    let done = post(&app, &at("success"), Body::Json(json!({ "output": { "paid": true } }))).await;
    assert_eq!((done.status.as_u16(), &done.json), (200, &json!({ "taken": true })));
    let instance = app.get("acme/root", &format!("/api/v1/acme/instances/{id}")).await.json;
    assert_eq!((&instance["status"], &instance["output"]), (&json!("succeeded"), &json!({ "paid": true })));
    for what in ["success", "failure", "heartbeat"] {
        let body = match what {
            "failure" => Body::Json(json!({ "error": "E" })),
            "success" => Body::Json(json!({})),
            _ => Body::Nothing,
        };
        post(&app, &at(what), body).await.is_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_failure_from_outside_fails_the_task_with_its_name() {
    let app = App::start().await;
    let id = started(&app, callback()).await;
    let path = format!("/api/v1/acme/callbacks/{}/failure", token(&app).await);
    let failed = post(&app, &path, Body::Json(json!({ "error": "Bank.Refused", "cause": "closed" }))).await;
    assert_eq!(failed.status, 200, "{}", failed.text);
    let instance = app.get("acme/root", &format!("/api/v1/acme/instances/{id}")).await.json;
    assert_eq!(instance["error"], json!({ "error": "Bank.Refused", "cause": "closed" }));
}

#[tokio::test]
async fn forged_tokens_and_those_of_another_company_open_nothing() {
    let app = App::start().await;
    started(&app, callback()).await;
    let token = token(&app).await;
    let (head, proof) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", "0".repeat(proof.len()));
    assert!(TaskToken::parse(&forged).is_some());
    for path in [
        format!("/api/v1/acme/callbacks/{forged}/success"),
        format!("/api/v1/globex/callbacks/{token}/success"),
        "/api/v1/acme/callbacks/x/success".to_owned(),
        "/api/v1/acme/callbacks/a.1.%00/success".to_owned(),
    ] {
        post(&app, &path, Body::Json(json!({ "output": 1 }))).await.is_problem(404, "not-found");
    }
}

#[tokio::test]
async fn every_wrong_field_of_a_callback_is_told() {
    let app = App::start().await;
    started(&app, callback()).await;
    let token = token(&app).await;
    let failure = format!("/api/v1/acme/callbacks/{token}/failure");
    let reply = post(&app, &failure, Body::Json(json!({ "cause": 7, "more": 1 }))).await;
    reply.is_problem(422, "invalid");
    for pointer in ["/error", "/cause", "/more"] {
        assert!(reply.text.contains(pointer), "{pointer} is not named: {}", reply.text);
    }
    post(&app, &failure, Body::Raw("application/json", b"{".to_vec())).await.is_problem(400, "malformed-json");
}

fn waiting() -> Value {
    json!({ "T": { "Type": "Task", "Resource": "signal.wait", "Arguments": { "Name": "goods" }, "End": true } })
}

#[tokio::test]
async fn the_requester_sends_a_signal_and_the_workflow_goes_on() {
    let app = App::start().await;
    let id = started(&app, waiting()).await;
    let path = format!("/api/v1/acme/instances/{id}");
    let waits = app.get("acme/root", &path).await.json["waiting_for"][0].clone();
    assert_eq!((&waits["kind"], &waits["signal"]), (&json!("signal"), &json!("goods")));
    let signal = Body::Json(json!({ "name": "goods", "data": { "pallets": 3 } }));
    app.post("acme/anna", &format!("{path}/signals"), signal.clone()).await.is_problem(403, "forbidden");
    let sent = app.post_with_key("acme/eva", &format!("{path}/signals"), "k1", signal.clone()).await;
    assert_eq!((sent.status.as_u16(), &sent.json["status"]), (200, &json!("succeeded")));
    let again = app.post_with_key("acme/eva", &format!("{path}/signals"), "k1", signal).await;
    assert_eq!((again.status, again.text), (sent.status, sent.text), "the same key gives the same answer");
    assert_eq!(app.get("acme/root", &path).await.json["output"], json!({ "pallets": 3 }));
}

#[tokio::test]
async fn a_signal_to_an_instance_that_is_over_is_refused() {
    let app = App::start().await;
    let id = started(&app, waiting()).await;
    let path = format!("/api/v1/acme/instances/{id}/signals");
    let signal = || Body::Json(json!({ "name": "goods" }));
    assert_eq!(app.post("acme/root", &path, signal()).await.status, 200);
    app.post("acme/root", &path, signal()).await.is_problem(409, "not-running");
    app.post("acme/root", &path, Body::Json(json!({ "name": "" }))).await.is_problem(422, "invalid");
}
