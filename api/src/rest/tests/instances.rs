//! Where an instance stands and how it came to this.

use super::app::App;
use serde_json::{Value, json};

#[tokio::test]
async fn an_instance_tells_who_has_it_and_why() {
    let app = App::start().await;
    let instance = app.instance().await;
    let seen = app.get("acme/eva", &instance).await;
    assert_eq!(seen.status, 200, "{}", seen.text);
    let seen = seen.json;
    assert_eq!(seen["definition"], json!({ "name": "desk/request", "version": 1 }));
    assert_eq!(
        (&seen["status"], &seen["state"], &seen["requester"]),
        (&json!("running"), &json!("First"), &json!("eva"))
    );
    assert_eq!(seen["subject"]["kind"], "desk/requests");
    let anna = json!({
        "kind": "person", "state": "First", "activity": seen["approval"]["activity"], "person": "anna", "name": "ANNA Test", "group": "desk",
        "since": "2026-11-23T15:10:00Z", "why": "named in the workflow", "decided": false,
    });
    assert_eq!(seen["waiting_for"][0], anna);
    let names: Vec<&str> =
        seen["approval"]["decisions"].as_array().unwrap().iter().filter_map(|one| one["name"].as_str()).collect();
    assert_eq!(names, ["approve", "amend", "reject"]);
    assert_eq!(seen["approval"]["decisions"][2]["comment_required"], true);
    assert_eq!(seen["approval"]["decisions"][1]["form"], "desk.amend");
}

#[tokio::test]
async fn the_history_is_numbered_and_names_who_acted() {
    let app = App::start().await;
    let instance = app.instance().await;
    app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await;
    let history = app.get("acme/eva", &instance).await.json["history"].clone();
    let history = history.as_array().unwrap();
    let numbers: Vec<u64> = history.iter().filter_map(|entry| entry["seq"].as_u64()).collect();
    assert_eq!(numbers, (1..=history.len() as u64).collect::<Vec<_>>());
    assert_eq!((&history[0]["type"], &history[0]["by"]["id"]), (&json!("ExecutionStarted"), &json!("eva")));
    let vote = history.iter().find(|entry| entry["type"] == "ApprovalVoted").unwrap();
    assert_eq!(vote["by"], json!({ "kind": "person", "id": "anna", "name": "ANNA Test", "through": "token" }));
    assert!(history.iter().any(|entry| entry["by"]["kind"] == "system"));
    assert!(history.iter().all(|entry| entry.get("input").is_none() && entry.get("output").is_none()));
}

#[tokio::test]
async fn the_history_is_read_in_pages() {
    let app = App::start().await;
    let instance = app.instance().await;
    let whole = app.get("acme/eva", &instance).await.json["history"].clone();
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = app.get("acme/eva", &format!("{instance}/history?after={after}&limit=2")).await.json;
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= 2);
        found.extend(items);
        match page["next"].as_u64() {
            Some(next) => after = next,
            None => break,
        }
    }
    assert_eq!(Value::Array(found), whole);
    let beyond = app.get("acme/eva", &format!("{instance}/history?after=9223372036854775807")).await.json;
    assert_eq!(beyond, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn a_failed_instance_tells_its_error() {
    let app = App::start().await;
    let instance = app.instance().await;
    app.decide("acme/ben", &instance, json!({ "decision": "reject", "comment": "too dear" })).await;
    let seen = app.get("acme/eva", &instance).await.json;
    assert_eq!((&seen["status"], &seen["state"]), (&json!("failed"), &json!("Refused")));
    assert_eq!(seen["error"], json!({ "error": "Refused", "cause": "somebody said no" }));
    let closed = &seen["closed"][0];
    assert_eq!((&closed["outcome"], &closed["by_escalation"]), (&json!("rejected"), &json!(false)));
    assert_eq!((&closed["votes"][0]["name"], &closed["votes"][0]["comment"]), (&json!("BEN Test"), &json!("too dear")));
}
