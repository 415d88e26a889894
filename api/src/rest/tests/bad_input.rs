//! Whatever is sent, the answer is a problem that tells where, and never a fault of ours.

use super::app::{App, Body, bearer};
use serde_json::{Value, json};

const REQUESTS: &str = "/api/v1/acme/desk/requests";
const JSON: &str = "application/json";

#[tokio::test]
async fn a_body_that_cannot_be_read_is_told_with_its_place() {
    let app = App::start().await;
    let deep = format!("{}{}", "{\"a\":".repeat(50_000), "1");
    let cases: Vec<(&str, &[u8], u16, &str)> = vec![
        (JSON, b"", 400, "empty-body"),
        (JSON, b"{\"title\": \"x\",\n  oops}", 400, "malformed-json"),
        (JSON, b"{\"title\": \"x\"", 400, "malformed-json"),
        (JSON, b"{} {}", 400, "malformed-json"),
        (JSON, b"\xff\xfe{}", 400, "not-utf-8"),
        (JSON, b"{\"title\": \"\\ud800\"}", 400, "malformed-json"),
        (JSON, b"{\"title\": \"a\\u0000b\", \"amount\": \"1\"}", 400, "malformed-json"),
        (JSON, b"{\"title\": \"a\", \"title\": \"b\", \"amount\": \"1\"}", 400, "malformed-json"),
        (JSON, b"{\"title\": \"a\", \"amount\": 1e999}", 400, "malformed-json"),
        (JSON, deep.as_bytes(), 400, "malformed-json"),
        ("", b"{}", 415, "content-type"),
        ("text/plain", b"{}", 415, "content-type"),
        ("application/json; charset=utf-16", b"{}", 415, "content-type"),
        ("multipart/form-data", b"{}", 415, "content-type"),
    ];
    for (content_type, bytes, status, code) in cases {
        let reply = app.post("acme/eva", REQUESTS, Body::Raw(leak(content_type), bytes.to_vec())).await;
        reply.is_problem(status, code);
    }
    let reply = app.post("acme/eva", REQUESTS, Body::Raw(JSON, b"{\"title\": \"x\",\n  oops}".to_vec())).await;
    assert_eq!((&reply.json["errors"][0]["line"], &reply.json["errors"][0]["column"]), (&json!(2), &json!(3)));
}

fn leak(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

#[tokio::test]
async fn a_body_may_have_a_mebibyte_and_no_more() {
    let app = App::start().await;
    let sized = |bytes: usize| {
        let frame = r#"{"text":""}"#.len();
        Body::Raw(JSON, format!(r#"{{"text":"{}"}}"#, "x".repeat(bytes - frame)).into_bytes())
    };
    let notes = "/api/v1/acme/desk/notes";
    assert_eq!(app.post("acme/eva", notes, sized(1_048_576)).await.status, 201);
    app.post("acme/eva", notes, sized(1_048_577)).await.is_problem(413, "too-large");
    let lying = [("authorization", "Bearer acme-eva"), ("content-length", "99999999999")];
    app.send("POST", notes, &lying, Body::Json(json!({ "text": "x" }))).await.is_problem(413, "too-large");
}

#[tokio::test]
async fn every_defect_of_an_object_is_told_with_its_pointer() {
    let app = App::start().await;
    let cases: [(Value, &[&str]); 10] = [
        (json!(null), &[""]),
        (json!([]), &[""]),
        (json!("text"), &[""]),
        (json!({}), &["/amount", "/title"]),
        (json!({ "title": 7, "amount": "1" }), &["/title"]),
        (json!({ "title": "x", "amount": 1.5 }), &["/amount"]),
        (json!({ "title": "x", "amount": "1e3" }), &["/amount"]),
        (json!({ "title": "x".repeat(41), "amount": "-1" }), &["/amount", "/title"]),
        (json!({ "title": "x", "amount": "1", "more": 1 }), &["/more"]),
        (json!({ "title": "x", "amount": "1", "due": "2026-02-30" }), &["/due"]),
    ];
    for (body, pointers) in cases {
        let reply = app.post("acme/eva", REQUESTS, Body::Json(body.clone())).await;
        reply.is_problem(422, "invalid");
        let mut found = reply.pointers();
        found.sort_unstable();
        assert_eq!(found, pointers, "{body}");
    }
}

#[tokio::test]
async fn every_defect_of_a_decision_is_told_at_once() {
    let app = App::start().await;
    let instance = app.instance().await;
    let cases: [(&str, Value, &[&str]); 12] = [
        ("decisions", json!([]), &[""]),
        ("decisions", json!({}), &["/decision"]),
        ("decisions", json!({ "decision": null }), &["/decision"]),
        ("decisions", json!({ "decision": " " }), &["/decision"]),
        (
            "decisions",
            json!({ "decision": 1, "activity": -1, "comment": {}, "x/y": 1 }),
            &["/decision", "/activity", "/comment", "/x~1y"],
        ),
        ("decisions", json!({ "decision": "approve", "activity": 1.5 }), &["/activity"]),
        ("decisions", json!({ "decision": "approve", "activity": "1" }), &["/activity"]),
        ("reassign", json!({}), &["/from", "/to", "/reason"]),
        (
            "reassign",
            json!({ "activity": "a", "from": 1, "to": [], "reason": "" }),
            &["/activity", "/from", "/to", "/reason"],
        ),
        ("cancel", json!({}), &["/reason"]),
        ("cancel", json!({ "reason": "x".repeat(4_001) }), &["/reason"]),
        ("cancel", json!({ "reason": "x", "force": true }), &["/force"]),
    ];
    for (action, body, pointers) in cases {
        let reply = app.post("acme/root", &format!("{instance}/{action}"), Body::Json(body.clone())).await;
        reply.is_problem(422, "invalid");
        assert_eq!(reply.pointers(), pointers, "{action} {body}");
    }
}

#[tokio::test]
async fn unknown_and_unfit_query_parameters_are_named() {
    let app = App::start().await;
    let instance = app.instance().await;
    let cases = [
        (format!("{REQUESTS}?stauts=x"), "stauts"),
        (format!("{REQUESTS}?limit=0"), "limit"),
        (format!("{REQUESTS}?limit=201"), "limit"),
        (format!("{REQUESTS}?limit=ten"), "limit"),
        (format!("{REQUESTS}?limit=1&limit=2"), "limit"),
        (format!("{REQUESTS}?limit=99999999999999999999"), "limit"),
        (format!("{REQUESTS}?cursor=%%%"), "cursor"),
        (format!("{REQUESTS}?cursor=!"), "cursor"),
        (format!("{REQUESTS}?cursor="), "cursor"),
        (format!("{REQUESTS}?cursor=_w"), "cursor"),
        (format!("{REQUESTS}?cursor=AAAA"), "cursor"),
        (format!("{REQUESTS}?status="), "status"),
        (format!("{REQUESTS}?status=a%00b"), "status"),
        (format!("{REQUESTS}/x?pretty=1"), "pretty"),
        (format!("{instance}?x=1"), "x"),
        (format!("{instance}/history?after=-1"), "after"),
        ("/api/v1/acme/events?after=18446744073709551615".to_owned(), "after"),
        ("/api/v1/acme/events?after=x".to_owned(), "after"),
        ("/api/v1/acme/effects?status=done".to_owned(), "status"),
        ("/api/v1/acme/people?limit=1".to_owned(), "limit"),
        ("/api/v1/acme/me?a".to_owned(), "a"),
    ];
    for (path, name) in cases {
        let reply = app.get("acme/root", &path).await;
        assert_eq!(
            (reply.status.as_u16(), &reply.json["errors"][0]["parameter"]),
            (400, &json!(name)),
            "{path}: {}",
            reply.text
        );
        assert!(reply.json["detail"].as_str().unwrap().contains(&format!("\"{name}\"")));
    }
}

#[tokio::test]
async fn a_path_that_leads_nowhere_is_a_404() {
    let app = App::start().await;
    let paths = [
        "/api/v1/acme/desk/nothing",
        "/api/v1/acme/nothing/requests",
        "/api/v1/acme/desk/requests/nothing",
        "/api/v1/acme/desk/requests/%00",
        "/api/v1/acme/desk/requests/%ff",
        "/api/v1/acme/desk/requests/..%2f..%2fetc",
        "/api/v1/acme/instances/nothing",
        "/api/v1/acme/instances/%0a/history",
        "/api/v1/acme/instances/x/y/z/w/v",
        "/api/v1/acme",
        "/api/v2/acme/me",
        "/nothing",
        "/",
    ];
    for path in paths {
        app.get("acme/root", path).await.is_problem(404, "not-found");
    }
    for path in [
        "/api/v1/acme/effects/x/1/2/retry",
        "/api/v1/acme/effects/x/-1/z/retry",
        "/api/v1/acme/effects/x/18446744073709551615/0/retry",
    ] {
        app.post("acme/root", path, Body::Nothing).await.is_problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_with_the_right_ones() {
    let app = App::start().await;
    for (method, path, allowed) in [
        ("DELETE", REQUESTS, "GET,HEAD,POST"),
        ("PUT", "/api/v1/acme/desk/requests/x", "GET,HEAD"),
        ("GET", "/api/v1/acme/instances/x/cancel", "POST"),
        ("POST", "/livez", "GET,HEAD"),
        ("POST", "/openapi.json", "GET,HEAD"),
    ] {
        let reply = app.send(method, path, &[("authorization", &bearer("acme/root"))], Body::Nothing).await;
        reply.is_problem(405, "method-not-allowed");
        assert_eq!(reply.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn a_problem_does_not_give_the_whole_input_back() {
    let app = App::start().await;
    let body = json!({ "title": "x".repeat(100_000), "amount": "\u{fc}".repeat(100_000) });
    let reply = app.post("acme/eva", REQUESTS, Body::Json(body)).await;
    reply.is_problem(422, "invalid");
    assert!(reply.text.len() < 5_000, "{}", reply.text.len());
}
