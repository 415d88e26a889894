//! What every answer has.

use super::app::{App, Body};
use crate::rest::{finish, routes};
use axum::Router;
use axum::routing::get;
use serde_json::json;
use std::io::Write;
use std::sync::{Arc, Mutex};
use tracing::Dispatch;
use tracing::dispatcher::set_default;
use tracing_subscriber::fmt::MakeWriter;

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
    assert!(etag.starts_with("\"1-"), "{etag}");
    for given in [etag.clone(), format!("\"other\", {etag}"), "*".to_owned(), etag.trim_start_matches("W/").to_owned()]
    {
        let reply = app
            .send("GET", &one, &[("authorization", "Bearer acme-eva"), ("if-none-match", &given)], Body::Nothing)
            .await;
        assert_eq!(
            (reply.status.as_u16(), reply.text.as_str(), reply.header("etag")),
            (304, "", etag.as_str()),
            "{given}"
        );
    }
    let instance = format!("/api/v1/acme/instances/{}", made["instance"].as_str().unwrap());
    app.decide("acme/anna", &instance, json!({ "decision": "approve" })).await;
    let reply =
        app.send("GET", &one, &[("authorization", "Bearer acme-eva"), ("if-none-match", &etag)], Body::Nothing).await;
    assert_eq!(
        (reply.status.as_u16(), &reply.json["approval"]["waiting_for"]),
        (200, &json!(["CLEO Test"])),
        "who is asked has changed"
    );
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

#[tokio::test]
async fn a_node_that_is_about_to_stop_sends_others_elsewhere_and_still_answers() {
    let app = App::start().await;
    app.state.draining.store(true, std::sync::atomic::Ordering::SeqCst);
    let ready = app.send("GET", "/readyz", &[], Body::Nothing).await;
    assert_eq!((ready.status.as_u16(), &ready.json["checks"]["draining"]["status"]), (503, &json!("failed")));
    assert_eq!(app.send("GET", "/livez", &[], Body::Nothing).await.status, 200);
    assert_eq!(app.get("acme/eva", "/api/v1/acme/me").await.status, 200);
}

#[tokio::test]
async fn a_database_file_that_is_not_the_opened_one_is_told_as_unavailable() {
    let app = App::start().await;
    let (file, aside) = (app.folder.join("test.db"), app.folder.join("aside.db"));
    let whole = app.send("GET", "/readyz", &[], Body::Nothing).await;
    assert_eq!((whole.status.as_u16(), &whole.json["checks"]["file"]["status"]), (200, &json!("ok")));
    std::fs::rename(&file, &aside).unwrap();
    for _ in ["removed", "replaced"] {
        let ready = app.send("GET", "/readyz", &[], Body::Nothing).await;
        // Reads may fail too: a connection that is opened now does not find what it is to read.
        assert_eq!((ready.status.as_u16(), &ready.json["checks"]["file"]["status"]), (503, &json!("failed")));
        assert!(!ready.text.contains("test.db"), "{}", ready.text);
        std::fs::copy(&aside, &file).unwrap();
    }
    std::fs::rename(&aside, &file).unwrap();
    assert_eq!(app.send("GET", "/readyz", &[], Body::Nothing).await.status, 200, "put back");
}

#[tokio::test]
async fn a_panic_is_told_as_a_problem_without_its_words() {
    async fn boom() -> &'static str {
        panic!("the card number is 4711")
    }
    let mut app = App::start().await;
    app.router = finish(Router::new().route("/boom", get(boom)), &app.state).with_state(app.state.clone());
    let reply = app.send("GET", "/boom", &[], Body::Nothing).await;
    reply.is_problem(500, "internal");
    assert!(!reply.text.contains("4711"));
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_tells_the_route_and_never_what_stands_in_it() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let dispatch = Dispatch::new(subscriber);
    // With one subscriber only, tracing asks the thread that comes first whether a line is wanted at all, which may be
    // that of another test. With two it asks both subscribers.
    let _second = Dispatch::new(tracing_subscriber::fmt().finish());
    let _guard = set_default(&dispatch);
    let app = App::start().await;
    app.get("acme/eva", "/api/v1/acme/instances/s3cret?word=s3cret").await;
    app.get("acme/eva", "/s3cret").await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("method=GET route=\"/api/v1/{company}/instances/{id}\" status=400"), "{text}");
    assert!(text.contains("route=\"-\" status=404"), "{text}");
    assert!(!text.contains("s3cret") && !text.contains("acme-eva"), "{text}");
}

#[tokio::test]
async fn what_is_merged_and_finished_again_is_wrapped_once() {
    async fn page() -> &'static str {
        "a page"
    }
    let mut app = App::start().await;
    let merged = finish(routes(&app.state).merge(Router::new().route("/page", get(page))), &app.state);
    app.router = merged.with_state(app.state.clone());
    for path in ["/page", "/livez", "/nothing"] {
        let reply = app.send("GET", path, &[("x-request-id", "mine")], Body::Nothing).await;
        assert_eq!(reply.header("x-request-id"), "mine", "{path}");
        assert_eq!(reply.headers.get_all("x-request-id").iter().count(), 1, "{path}");
        assert_eq!(reply.header("cache-control"), "no-store", "{path}");
    }
    let reply = app.send("POST", "/page", &[], Body::Nothing).await;
    reply.is_problem(405, "method-not-allowed");
    assert_eq!(reply.header("allow"), "GET,HEAD");
}
