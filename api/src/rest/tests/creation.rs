//! Making objects, once.

use super::app::{App, Body};
use super::desk::request;
use serde_json::{Value, json};

const REQUESTS: &str = "/api/v1/acme/desk/requests";

#[tokio::test]
async fn an_object_is_made_and_its_workflow_has_started() {
    let app = App::start().await;
    let made = app.post("acme/eva", REQUESTS, request()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.json["kind"], "desk/requests");
    assert_eq!((&made.json["number"], &made.json["revision"]), (&json!("R-1"), &json!(1)));
    assert_eq!((&made.json["status"], &made.json["created_by"]), (&json!("submitted"), &json!("eva")));
    assert_eq!(made.json["created_at"], "2026-11-23T15:10:00Z");
    assert_eq!(made.json["data"], json!({ "title": "Two chairs", "amount": "120.00" }));
    let waiting =
        json!({ "state": "First", "since": "2026-11-23T15:10:00Z", "waiting_for": ["ANNA Test", "BEN Test"] });
    assert_eq!(made.json["approval"], waiting);
    assert_eq!(made.header("cache-control"), "no-store");

    let read = app.get("acme/ben", made.header("location")).await;
    assert_eq!((read.status.as_u16(), &read.json), (200, &made.json));
    assert_eq!(read.header("etag"), made.header("etag"));
}

#[tokio::test]
async fn an_object_without_a_workflow_has_no_approval() {
    let app = App::start().await;
    let made = app.post("acme/vic", "/api/v1/acme/desk/notes", Body::Json(json!({ "text": "x", "id": "own" }))).await;
    assert_eq!((made.status.as_u16(), made.header("location")), (201, "/api/v1/acme/desk/notes/own"));
    assert!(made.json["instance"].is_null() && made.json.get("approval").is_none());
    let again = app.post("acme/vic", "/api/v1/acme/desk/notes", Body::Json(json!({ "text": "y", "id": "own" }))).await;
    again.is_problem(409, "conflict");
    assert!(again.json["detail"].as_str().unwrap().contains("already"));
}

#[tokio::test]
async fn an_id_of_any_letters_is_found_where_location_says() {
    let app = App::start().await;
    let body = Body::Json(json!({ "text": "x", "id": "EUR/USD \u{fc} 100%?" }));
    let made = app.post("acme/vic", "/api/v1/acme/desk/notes", body).await;
    assert_eq!(made.header("location"), "/api/v1/acme/desk/notes/EUR%2FUSD%20%C3%BC%20100%25%3F");
    assert_eq!(app.get("acme/vic", made.header("location")).await.json, made.json);
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_makes_nothing_twice() {
    let app = App::start().await;
    let first = app.post_with_key("acme/eva", REQUESTS, "k-1", request()).await;
    let second = app.post_with_key("acme/eva", REQUESTS, "k-1", request()).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_eq!(first.text, second.text);
    for name in ["location", "etag", "content-type"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_eq!((first.header("idempotency-replayed"), second.header("idempotency-replayed")), ("", "true"));
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn many_at_once_with_one_key_make_one_object() {
    let app = App::start().await;
    let sent = (0..8).map(|_| app.post_with_key("acme/eva", REQUESTS, "k-2", request()));
    let replies = futures::future::join_all(sent).await;
    assert!(replies.iter().all(|reply| reply.status == 201 && reply.text == replies[0].text));
    assert_eq!(replies.iter().filter(|reply| reply.header("idempotency-replayed").is_empty()).count(), 1);
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_person() {
    let app = App::start().await;
    app.post_with_key("acme/eva", REQUESTS, "k-3", request()).await;
    let other_body = Body::Json(json!({ "title": "Other", "amount": "1" }));
    app.post_with_key("acme/eva", REQUESTS, "k-3", other_body).await.is_problem(422, "idempotency-key-reused");
    let other_path =
        app.post_with_key("acme/eva", "/api/v1/acme/desk/notes", "k-3", Body::Json(json!({ "text": "x" }))).await;
    other_path.is_problem(422, "idempotency-key-reused");
    assert_eq!(app.post_with_key("acme/anna", REQUESTS, "k-3", request()).await.status, 201);
    assert_eq!(app.post_with_key("globex/gus", "/api/v1/globex/desk/requests", "k-3", request()).await.status, 201);
    assert_eq!(count(&app).await, 2);
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let app = App::start().await;
    let wrong = Body::Json(json!({ "title": "", "amount": "1" }));
    app.post_with_key("acme/eva", REQUESTS, "k-4", wrong).await.is_problem(422, "invalid");
    let mended = app.post_with_key("acme/eva", REQUESTS, "k-4", request()).await;
    assert_eq!((mended.status.as_u16(), &mended.json["number"]), (201, &json!("R-1")), "no number was used up");
}

#[tokio::test]
async fn keys_that_are_no_keys_are_refused() {
    let app = App::start().await;
    let long = "k".repeat(256);
    for key in ["", "two words", "k\u{e9}", long.as_str()] {
        app.post_with_key("acme/eva", REQUESTS, key, request()).await.is_problem(400, "idempotency-key");
    }
    let longest = "k".repeat(255);
    assert_eq!(app.post_with_key("acme/eva", REQUESTS, &longest, request()).await.status, 201);
    assert_eq!(count(&app).await, 1);
}

#[tokio::test]
async fn code_that_panics_harms_nobody_else() {
    let app = App::start().await;
    let reply = app.post("acme/eva", "/api/v1/acme/desk/notes", Body::Json(json!({ "text": "panic" }))).await;
    reply.is_problem(500, "internal");
    assert!(!reply.text.contains("panic"), "{}", reply.text);
    assert_eq!(app.post("acme/eva", REQUESTS, request()).await.status, 201);
}

async fn count(app: &App) -> usize {
    let list: Value = app.get("acme/eva", REQUESTS).await.json;
    list["items"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_text_that_would_be_read_otherwise_is_refused_in_every_module() {
    let app = App::start().await;
    let body = json!({ "text": "to A\u{202E}B ot", "more": [{ "name": "\u{061C}" }] });
    let reply = app.post("acme/vic", "/api/v1/acme/desk/notes", Body::Json(body)).await;
    reply.is_problem(422, "invalid");
    assert_eq!(reply.pointers(), ["/text", "/more/0/name"]);
    assert_eq!(reply.json["errors"][0]["code"], "direction-override");
}
