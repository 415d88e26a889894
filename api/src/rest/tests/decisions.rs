//! What people do with an instance: decide, hand over, cancel.

use super::app::{App, Body};
use serde_json::{Value, json};

#[tokio::test]
async fn a_decision_moves_the_workflow_on() {
    let app = App::start().await;
    let instance = app.instance().await;
    let decided = app.decide("acme/anna", &instance, json!({ "decision": "approve", "comment": "fine" })).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    assert_eq!((&decided.json["repeated"], &decided.json["state"]), (&json!(false), &json!("Second")));
    assert_eq!(decided.json["waiting_for"], json!(["CLEO Test"]));
    let last = app.decide("acme/cleo", &instance, json!({ "decision": "approve" })).await;
    assert_eq!((&last.json["status"], &last.json["state"]), (&json!("succeeded"), &Value::Null));
    let seen = app.get("acme/eva", &instance).await.json;
    assert_eq!((&seen["status"], &seen["output"]), (&json!("succeeded"), &json!({ "done": true })));
    assert_eq!(seen["closed"][0]["votes"][0]["comment"], "fine");
    assert_eq!(seen["requester"], "eva", "also when the execution is over");
}

#[tokio::test]
async fn the_same_decision_again_is_answered_like_the_first_time() {
    let app = App::start().await;
    let instance = app.instance().await;
    for repeated in [false, true] {
        let reply = app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await;
        assert_eq!((reply.status.as_u16(), &reply.json["repeated"]), (200, &json!(repeated)), "{}", reply.text);
    }
    let closed = &app.get("acme/eva", &instance).await.json["closed"][0];
    assert_eq!(closed["votes"].as_array().unwrap().len(), 1);
    let named =
        app.decide("acme/anna", &instance, json!({ "decision": "approve", "activity": closed["activity"] })).await;
    assert_eq!(named.json["repeated"], true);
    // Also after the whole execution is over.
    app.decide("acme/cleo", &instance, json!({ "decision": "approve" })).await;
    for who in ["acme/anna", "acme/cleo"] {
        let reply = app.decide(who, &instance, json!({ "decision": "approve" })).await;
        assert_eq!((reply.status.as_u16(), &reply.json["repeated"]), (200, &json!(true)), "{who}: {}", reply.text);
    }
}

#[tokio::test]
async fn the_same_decision_with_other_words_hears_that_the_first_one_stands() {
    let app = App::start().await;
    let instance = app.instance().await;
    let first =
        json!({ "decision": "approve", "comment": " below the limit ", "activity": activity(&app, &instance).await });
    app.decide("acme/anna", &instance, first.clone()).await;
    for comment in [json!("whatever it costs"), Value::Null] {
        let mut again = first.clone();
        again["comment"] = comment;
        let reply = app.decide("acme/anna", &instance, again).await;
        reply.is_problem(409, "decided");
        let detail = reply.json["detail"].as_str().unwrap();
        for told in ["ANNA Test", "approve", "below the limit", "2026-11-23T15:10:00Z"] {
            assert!(detail.contains(told), "{told}: {detail}");
        }
    }
    let mut trimmed = first.clone();
    trimmed["comment"] = json!("below the limit");
    assert_eq!(app.decide("acme/anna", &instance, trimmed).await.json["repeated"], true);
    let votes = &app.get("acme/eva", &instance).await.json["closed"][0]["votes"];
    assert_eq!((votes.as_array().unwrap().len(), &votes[0]["comment"]), (1, &json!("below the limit")));
}

#[tokio::test]
async fn the_same_decision_with_another_form_hears_that_the_first_one_stands() {
    let app = App::start().await;
    let instance = app.instance().await;
    let amend = |form: Value| json!({ "decision": "amend", "form": form });
    app.decide("acme/anna", &instance, amend(json!({ "limit": "5" }))).await;
    let activity = app.get("acme/eva", &instance).await.json["closed"][0]["activity"].clone();
    for (form, status) in [(json!({ "limit": "5" }), 200), (json!({ "limit": "6" }), 409), (Value::Null, 409)] {
        let mut body = amend(form.clone());
        body["activity"] = activity.clone();
        let reply = app.decide("acme/anna", &instance, body).await;
        assert_eq!(reply.status, status, "{form}: {}", reply.text);
    }
}

#[tokio::test]
async fn whoever_decided_before_and_is_not_asked_now_is_told_so() {
    let app = App::start().await;
    let instance = app.instance().await;
    app.decide("acme/anna", &instance, json!({ "decision": "approve", "comment": "fine" })).await;
    // Cleo is asked now. What Anna sends may be the first decision once more, or one that is not hers to make.
    let same = app.decide("acme/anna", &instance, json!({ "decision": "approve", "comment": "fine" })).await;
    assert_eq!((same.status.as_u16(), &same.json["repeated"]), (200, &json!(true)), "{}", same.text);
    for body in [
        json!({ "decision": "reject", "comment": "no" }),
        json!({ "decision": "approve", "comment": "fine, this step too" }),
    ] {
        app.decide("acme/anna", &instance, body).await.is_problem(403, "not-asked");
    }
    app.decide("acme/ben", &instance, json!({ "decision": "approve" })).await.is_problem(403, "not-asked");
    // Once nobody is asked any more, what stands is the answer.
    app.decide("acme/cleo", &instance, json!({ "decision": "approve" })).await;
    let late = app.decide("acme/anna", &instance, json!({ "decision": "reject", "comment": "no" })).await;
    late.is_problem(409, "decided");
}

#[tokio::test]
async fn a_decision_cannot_be_changed_nor_made_by_others() {
    let app = App::start().await;
    let instance = app.instance().await;
    let first = activity(&app, &instance).await;
    app.decide("acme/cleo", &instance, json!({ "decision": "approve" })).await.is_problem(403, "not-asked");
    app.decide("acme/vic", &instance, json!({ "decision": "approve" })).await.is_problem(403, "not-asked");
    app.decide("acme/eva", &instance, json!({ "decision": "approve" })).await.is_problem(403, "excluded");
    app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await;
    let other = json!({ "decision": "reject", "comment": "no", "activity": first });
    app.decide("acme/anna", &instance, other).await.is_problem(409, "decided");
    let late = app.decide("acme/ben", &instance, json!({ "decision": "approve", "activity": first })).await;
    late.is_problem(409, "already-decided");
    let detail = late.json["detail"].as_str().unwrap();
    assert!(detail.contains("by ANNA Test") && detail.contains("2026-11-23T15:10:00Z"), "{detail}");
    app.decide("acme/ben", &instance, json!({ "decision": "approve", "activity": 999 })).await.is_problem(409, "late");
}

#[tokio::test]
async fn what_a_decision_lacks_is_told_with_its_field() {
    let app = App::start().await;
    let instance = app.instance().await;
    for (body, code, pointer) in [
        (json!({ "decision": "perhaps" }), "unknown-decision", "/decision"),
        (json!({ "decision": "reject" }), "comment-required", "/comment"),
        (json!({ "decision": "approve", "comment": "x".repeat(4_001) }), "comment-too-long", "/comment"),
        (json!({ "decision": "amend" }), "form-required", "/form"),
        (json!({ "decision": "amend", "form": {} }), "invalid", "/form/limit"),
        (json!({ "decision": "approve", "comment": "pay \u{202E}001" }), "invalid", "/comment"),
        (json!({ "decision": "amend", "form": { "limit": "5\u{200F}" } }), "invalid", "/form/limit"),
        (json!({ "decision": "amend", "form": { "note": "\u{2067}" } }), "invalid", "/form/limit /form/note"),
    ] {
        let reply = app.decide("acme/anna", &instance, body).await;
        reply.is_problem(422, code);
        assert_eq!(reply.pointers().join(" "), pointer);
    }
    let amended = app.decide("acme/anna", &instance, json!({ "decision": "amend", "form": { "limit": "5" } })).await;
    assert_eq!(amended.status, 200, "{}", amended.text);
    let votes = &app.get("acme/eva", &instance).await.json["closed"][0]["votes"];
    assert_eq!(votes[0]["form"], json!({ "limit": "5" }));
}

#[tokio::test]
async fn two_who_decide_at_once_are_put_in_order() {
    let app = App::start().await;
    let instance = app.instance().await;
    let body = json!({ "decision": "approve", "activity": activity(&app, &instance).await });
    let (anna, ben) =
        tokio::join!(app.decide("acme/anna", &instance, body.clone()), app.decide("acme/ben", &instance, body));
    let mut statuses = [anna.status.as_u16(), ben.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
}

#[tokio::test]
async fn a_decision_with_a_key_is_replayed() {
    let app = App::start().await;
    let path = format!("{}/decisions", app.instance().await);
    let body = || Body::Json(json!({ "decision": "approve" }));
    let first = app.post_with_key("acme/anna", &path, "d-1", body()).await;
    let second = app.post_with_key("acme/anna", &path, "d-1", body()).await;
    assert_eq!((first.text, first.status), (second.text.clone(), second.status));
    assert_eq!(second.header("idempotency-replayed"), "true");
    assert_eq!(second.json["repeated"], false, "it is the answer of the first time");
    let other =
        app.post_with_key("acme/anna", &path, "d-1", Body::Json(json!({ "decision": "reject", "comment": "x" }))).await;
    other.is_problem(422, "idempotency-key-reused");
}

#[tokio::test]
async fn a_seat_is_handed_over() {
    let app = App::start().await;
    let instance = app.instance().await;
    let path = format!("{instance}/reassign");
    let activity = activity(&app, &instance).await;
    let handing =
        |from: &str, to: &str| Body::Json(json!({ "activity": activity, "from": from, "to": to, "reason": "away" }));
    for (from, to, pointer) in [("anna", "nobody", "/to"), ("cleo", "vic", "/from")] {
        let reply = app.post("acme/root", &path, handing(from, to)).await;
        reply.is_problem(422, "invalid");
        assert_eq!(reply.pointers(), [pointer]);
    }
    app.post("acme/root", &path, handing("anna", "ben")).await.is_problem(409, "already-asked");
    app.post("acme/root", &path, handing("anna", "eva")).await.is_problem(403, "excluded");
    let own = app.post("acme/anna", &path, handing("anna", "vic")).await;
    assert_eq!(
        (own.status.as_u16(), &own.json["waiting_for"]),
        (200, &json!(["VIC Test", "BEN Test"])),
        "{}",
        own.text
    );
    app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await.is_problem(409, "given-away");
    let seat = app.get("acme/root", &instance).await.json["waiting_for"][0].clone();
    assert_eq!((&seat["person"], &seat["why"]), (&json!("vic"), &json!("asked instead of ANNA Test")));
    let decided = app.decide("acme/vic", &instance, json!({ "decision": "approve" })).await;
    assert_eq!(decided.status, 200, "{}", decided.text);
    app.post("acme/root", &path, handing("ben", "cleo")).await.is_problem(409, "already-decided");
}

#[tokio::test]
async fn the_requester_and_admins_cancel() {
    let app = App::start().await;
    for who in ["acme/eva", "acme/root"] {
        let instance = app.instance().await;
        let path = format!("{instance}/cancel");
        let reply = app.post(who, &path, Body::Json(json!({ "reason": "not needed" }))).await;
        assert_eq!((reply.status.as_u16(), &reply.json["status"]), (200, &json!("cancelled")), "{}", reply.text);
        app.post(who, &path, Body::Json(json!({ "reason": "not needed" }))).await.is_problem(409, "not-running");
        app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await.is_problem(409, "not-running");
        let seen = app.get("acme/eva", &instance).await.json;
        assert_eq!((&seen["reason"], &seen["waiting_for"]), (&json!("not needed"), &json!([])));
    }
}

async fn activity(app: &App, instance: &str) -> u64 {
    app.get("acme/root", instance).await.json["approval"]["activity"].as_u64().unwrap()
}
