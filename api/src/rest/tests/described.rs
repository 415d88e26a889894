//! What is answered is what the description says.

use super::app::{App, Body};
use super::desk::request;
use crate::openapi::document;
use serde_json::{Value, json};

/// Checks that an answer fits a schema of the description.
fn fits(app: &App, schema: &str, answer: &Value) {
    let document = document(app.state.registry.built_in(), "https://approve.test");
    let reference = format!("#/components/schemas/{schema}");
    let validator = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .build(&json!({ "$ref": reference, "components": document["components"] }))
        .unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{schema}: {wrong:?}\n{answer:#}");
}

#[tokio::test]
async fn every_kind_of_answer_fits_its_schema() {
    let app = App::start().await;
    let object = app.request().await;
    let instance = format!("/api/v1/acme/instances/{}", object["instance"].as_str().unwrap());
    fits(&app, "desk.requests.object", &object);
    fits(&app, "Instance", &app.get("acme/root", &instance).await.json);
    let activity = app.get("acme/root", &instance).await.json["approval"]["activity"].clone();
    let handing = json!({ "activity": activity, "from": "anna", "to": "vic", "reason": "away" });
    fits(&app, "Handover", &handing);
    fits(&app, "Standing", &app.post("acme/root", &format!("{instance}/reassign"), Body::Json(handing)).await.json);
    let decision = json!({ "decision": "approve" });
    fits(&app, "Decision", &decision);
    fits(&app, "Decided", &app.decide("acme/ben", &instance, decision).await.json);
    fits(&app, "Instance", &app.get("acme/eva", &instance).await.json);
    app.decide("acme/cleo", &instance, json!({ "decision": "reject", "comment": "no" })).await;
    fits(&app, "Instance", &app.get("acme/eva", &instance).await.json);
    fits(&app, "HistoryPage", &app.get("acme/eva", &format!("{instance}/history?limit=1")).await.json);
    for (path, schema) in [("me", "Me"), ("people", "PeoplePage"), ("events", "EventPage"), ("effects", "EffectPage")] {
        fits(&app, schema, &app.get("acme/root", &format!("/api/v1/acme/{path}")).await.json);
    }
    fits(&app, "Readiness", &app.send("GET", "/readyz", &[], Body::Nothing).await.json);
    fits(&app, "Problem", &app.get("acme/eva", "/api/v1/acme/me?x=1").await.json);
    fits(&app, "Problem", &app.post("acme/eva", "/api/v1/acme/desk/requests", Body::Json(json!({}))).await.json);
    fits(&app, "Problem", &app.post("acme/vic", "/api/v1/acme/desk/requests", request()).await.json);
}

#[tokio::test]
async fn every_path_that_is_described_is_served() {
    let app = App::start().await;
    let document = document(app.state.registry.built_in(), "https://approve.test");
    for (path, item) in document["paths"].as_object().unwrap() {
        let concrete = path.replace("{company}", "acme").replace("{instance}/{version}/{n}", "x/1/0");
        let concrete = concrete.replace("{name}/{version}", "x/1").replace("{id}", "x");
        let concrete = concrete.replace("{revision}", "1").replace("{name}", "x");
        let concrete = concrete.replace("{subscription}", "x");
        for method in ["get", "post", "put", "patch", "delete"].into_iter().filter(|method| item.get(method).is_some())
        {
            let reply = app.send(&method.to_uppercase(), &concrete, &[], Body::Nothing).await;
            let open = item[method].get("security").is_some();
            // Without a body, whoever needs no token hears that it is missing.
            let expected = match (path.starts_with("/api/"), open) {
                (true, true) => 400..=415,
                (true, false) => 401..=401,
                (false, _) => 200..=200,
            };
            assert!(expected.contains(&reply.status.as_u16()), "{method} {path}: {}", reply.status);
        }
    }
}
