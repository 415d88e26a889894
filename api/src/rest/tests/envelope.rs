//! What every answer has.

use super::app::{App, Body};
use serde_json::json;

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_replaced() {
    let app = App::start().await;
    let sent = async |id: &str| app.send("GET", "/livez", &[("x-request-id", id)], Body::Nothing).await;
    assert_eq!(sent("abc-123_X.y").await.header("x-request-id"), "abc-123_X.y");
    let long = "x".repeat(65);
    for id in ["", "with space", "a\"b", "<script>", &long] {
        let own = sent(id).await.header("x-request-id").to_owned();
        assert!(own.len() == 32 && own != id, "{own}");
    }
}

#[tokio::test]
async fn every_answer_has_its_id_and_stays_out_of_caches() {
    let app = App::start().await;
    let made = app.request().await;
    let one = format!("/api/v1/acme/desk/requests/{}", made["id"].as_str().unwrap());
    for path in [one.as_str(), "/api/v1/acme/me", "/api/v1/acme/nothing/x", "/nothing", "/readyz", "/openapi.json"] {
        let reply = app.get("acme/eva", path).await;
        assert!(!reply.header("x-request-id").is_empty(), "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn browsers_get_a_page_where_nothing_is() {
    let app = App::start().await;
    let accept = [("accept", "text/html,application/xhtml+xml")];
    let page = app.send("GET", "/nothing", &accept, Body::Nothing).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"));
    app.send("GET", "/api/v1/acme", &accept, Body::Nothing).await.is_problem(404, "not-found");
}

#[tokio::test]
async fn an_etag_spares_the_body_until_something_changes() {
    let app = App::start().await;
    let made = app.request().await;
    let one = format!("/api/v1/acme/desk/requests/{}", made["id"].as_str().unwrap());
    let etag = app.get("acme/eva", &one).await.header("etag").to_owned();
    assert!(etag.starts_with("W/\"1-"), "{etag}");
    for given in [etag.clone(), format!("\"other\", {etag}"), "*".to_owned(), etag.trim_start_matches("W/").to_owned()] {
        let reply = app.send("GET", &one, &[("authorization", "Bearer acme-eva"), ("if-none-match", &given)], Body::Nothing).await;
        assert_eq!((reply.status.as_u16(), reply.text.as_str(), reply.header("etag")), (304, "", etag.as_str()), "{given}");
    }
    let instance = format!("/api/v1/acme/instances/{}", made["instance"].as_str().unwrap());
    app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await;
    let reply = app.send("GET", &one, &[("authorization", "Bearer acme-eva"), ("if-none-match", &etag)], Body::Nothing).await;
    assert_eq!((reply.status.as_u16(), &reply.json["approval"]["waiting_for"]), (200, &json!(["CLEO Test"])), "who is asked has changed");
}

#[tokio::test]
async fn a_stopped_store_is_told_as_unavailable() {
    let app = App::start().await;
    app.store.close().await;
    let ready = app.send("GET", "/readyz", &[], Body::Nothing).await;
    assert_eq!((ready.status.as_u16(), &ready.json["status"]), (503, &json!("unavailable")));
    assert_eq!(app.send("GET", "/livez", &[], Body::Nothing).await.status, 200);
    let reply = app.get("acme/eva", "/api/v1/acme/me").await;
    reply.is_problem(503, "unavailable");
    assert_eq!(reply.header("retry-after"), "5");
}
