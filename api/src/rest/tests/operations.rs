//! Effects that gave up, and events.

use super::app::{App, Body};
use serde_json::json;
use store::Verdict;

/// Has the first mail of everything that waits give up.
async fn give_up(app: &App) {
    let gave_up = app.store.write(|unit| {
        Box::pin(async move {
            let claimed = unit.claim_effects(1, 60_000).await?;
            let verdict = Verdict::GaveUp { error: "Mail.Rejected".to_owned(), cause: "550 no such user".to_owned() };
            unit.answer_effect(&claimed[0], &verdict).await
        })
    });
    assert!(gave_up.await.unwrap());
}

#[tokio::test]
async fn an_effect_that_gave_up_is_shown_and_tried_again() {
    let app = App::start().await;
    let instance = app.instance().await;
    give_up(&app).await;
    let dead = app.get("acme/root", "/api/v1/acme/effects?status=dead").await.json["items"][0].clone();
    assert_eq!((&dead["error"], &dead["attempts"]), (&json!("Mail.Rejected: 550 no such user"), &json!(1)));
    assert_eq!(app.get("globex/gus", "/api/v1/globex/effects").await.json["items"], json!([]));

    let waits = app.get("acme/root", &instance).await.json["waiting_for"].clone();
    let stuck = waits.as_array().unwrap().iter().find(|one| one["kind"] == "failed-effect").unwrap().clone();
    assert_eq!((&stuck["effect"], &stuck["error"]), (&dead["id"], &dead["error"]));

    let retry = stuck["retry"]["href"].as_str().unwrap();
    app.post("globex/gus", &retry.replace("acme", "globex"), Body::Nothing).await.is_problem(404, "not-found");
    app.post("acme/root", retry, Body::Json(json!({ "x": 1 }))).await.is_problem(400, "body");
    for replayed in ["", "true"] {
        let reply = app.post_with_key("acme/root", retry, "r-1", Body::Nothing).await;
        assert_eq!((reply.status.as_u16(), reply.header("idempotency-replayed")), (200, replayed), "{}", reply.text);
    }
    app.post("acme/root", retry, Body::Nothing).await.is_problem(404, "not-found");
    assert_eq!(app.get("acme/root", "/api/v1/acme/effects").await.json["items"], json!([]));
}

#[tokio::test]
async fn events_are_cloud_events_from_any_place_on() {
    let app = App::start().await;
    for _ in 0..3 {
        app.request().await;
    }
    let all = app.get("acme/eva", "/api/v1/acme/events").await.json;
    let first = &all["items"][0];
    assert_eq!((&first["specversion"], &first["type"]), (&json!("1.0"), &json!("desk.request.made")));
    assert_eq!(
        (&first["source"], &first["subject"]),
        (&json!("https://approve.test/api/v1/acme"), &json!("desk/requests/any"))
    );
    assert_eq!((&first["time"], &first["data"]), (&json!("2026-11-23T15:10:00Z"), &json!({ "n": 1 })));
    assert_eq!((&first["sequence"], &all["next"]), (&json!("00000000000000000001"), &json!(3)));
    let rest = app.get("acme/eva", "/api/v1/acme/events?after=1&limit=1").await.json;
    assert_eq!((&rest["items"][0], &rest["next"]), (&all["items"][1], &json!(2)));
    let padded = app.get("acme/eva", "/api/v1/acme/events?after=00000000000000000003").await.json;
    assert_eq!(padded, json!({ "items": [], "next": 3 }));
}

#[tokio::test]
async fn events_about_what_one_may_not_read_are_left_out() {
    let app = App::start().await;
    app.request().await;
    let seen = app.get("acme/vic", "/api/v1/acme/events").await.json;
    assert_eq!(seen, json!({ "items": [], "next": 1 }));
    assert_eq!(app.get("acme/root", "/api/v1/acme/events").await.json["items"].as_array().unwrap().len(), 1);
}
