//! Who may do what: tokens, companies, permissions.

use super::app::{App, Body, bearer, person};
use super::desk::request;
use serde_json::{Value, json};

const REQUESTS: &str = "/api/v1/acme/desk/requests";

#[tokio::test]
async fn without_a_valid_token_nothing_is_told() {
    let app = App::start().await;
    let object = app.request().await;
    let one = format!("{REQUESTS}/{}", object["id"].as_str().unwrap());
    let long = format!("Bearer {}", "x".repeat(10_000));
    let headers = [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWNtZTpldmE=",
        "Bearer wrong",
        "Bearer globex-gus",
        "acme-eva",
        "Bearer acme-eva x",
        &long,
    ];
    for header in headers {
        for path in [REQUESTS, one.as_str(), "/api/v1/acme/me", "/api/v1/acme/people", "/api/v1/nobody/me"] {
            let reply = app.send("GET", path, &[("authorization", header)], Body::Nothing).await;
            reply.is_problem(401, "unauthorized");
            assert!(reply.header("www-authenticate").starts_with("Bearer realm="));
        }
        app.send("POST", REQUESTS, &[("authorization", header)], request()).await.is_problem(401, "unauthorized");
    }
    let reply = app.send("GET", "/api/v1/acme/me", &[("authorization", "bearer acme-eva")], Body::Nothing).await;
    assert_eq!(reply.status, 200, "the scheme is written in any case");
}

#[tokio::test]
async fn a_person_who_left_is_nobody() {
    let app = App::start().await;
    let gone = store::Person { active: false, ..person("eva", &["staff"]) };
    app.store
        .write(move |unit| {
            let gone = gone.clone();
            Box::pin(async move { unit.put_person("acme", &gone).await })
        })
        .await
        .unwrap();
    app.get("acme/eva", "/api/v1/acme/me").await.is_problem(401, "unauthorized");
}

#[tokio::test]
async fn a_company_never_reaches_into_another() {
    let app = App::start().await;
    let object = app.request().await;
    let (id, instance) = (object["id"].as_str().unwrap(), object["instance"].as_str().unwrap());
    for path in [
        format!("desk/requests/{id}"),
        format!("desk/requests/{id}/document.txt"),
        format!("instances/{instance}"),
        format!("instances/{instance}/history"),
    ] {
        app.get("globex/gus", &format!("/api/v1/globex/{path}")).await.is_problem(404, "not-found");
        app.get("globex/gus", &format!("/api/v1/acme/{path}")).await.is_problem(401, "unauthorized");
        app.get("acme/anna", &format!("/api/v1/globex/{path}")).await.is_problem(401, "unauthorized");
    }
    let bodies = [
        ("decisions", json!({ "decision": "approve" })),
        ("cancel", json!({ "reason": "x" })),
        ("reassign", json!({ "activity": 1, "from": "anna", "to": "gus", "reason": "x" })),
    ];
    for (action, body) in bodies {
        let path = format!("/api/v1/globex/instances/{instance}/{action}");
        app.post("globex/gus", &path, Body::Json(body)).await.is_problem(404, "not-found");
    }
    assert_eq!(app.get("globex/gus", "/api/v1/globex/desk/requests").await.json["items"], json!([]));
    assert_eq!(app.get("globex/gus", "/api/v1/globex/events").await.json["items"], json!([]));
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let app = App::start().await;
    let object = app.request().await;
    let (id, instance) = (object["id"].as_str().unwrap(), object["instance"].as_str().unwrap());
    let making = app.post("acme/vic", REQUESTS, request()).await;
    making.is_problem(403, "forbidden");
    assert!(making.json["detail"].as_str().unwrap().contains("desk.requests.create"));
    for path in [
        REQUESTS.to_owned(),
        format!("{REQUESTS}/{id}"),
        format!("{REQUESTS}/{id}/document.txt"),
        format!("/api/v1/acme/instances/{instance}"),
        format!("/api/v1/acme/instances/{instance}/history"),
    ] {
        let reply = app.get("acme/vic", &path).await;
        reply.is_problem(403, "forbidden");
        assert!(reply.json["detail"].as_str().unwrap().contains("desk.requests.read"), "{path}");
        assert_eq!(app.get("acme/root", &path).await.status, 200, "admins see everything: {path}");
    }
    app.get("acme/vic", "/api/v1/acme/desk/nothing").await.is_problem(404, "not-found");
}

#[tokio::test]
async fn what_only_admins_may_is_refused_to_others() {
    let app = App::start().await;
    let instance = app.instance().await;
    app.get("acme/eva", "/api/v1/acme/effects").await.is_problem(403, "forbidden");
    app.post("acme/eva", "/api/v1/acme/effects/x/1/0/retry", Body::Nothing).await.is_problem(403, "forbidden");
    let handing = json!({ "activity": 1, "from": "anna", "to": "eva", "reason": "x" });
    app.post("acme/ben", &format!("{instance}/reassign"), Body::Json(handing)).await.is_problem(403, "forbidden");
    app.post("acme/ben", &format!("{instance}/cancel"), Body::Json(json!({ "reason": "x" })))
        .await
        .is_problem(403, "forbidden");
    let seen = app.get("acme/eva", &instance).await.json;
    assert!(seen.get("variables").is_none() && !seen.to_string().contains("of the workflow"), "{seen}");
    let all = app.get("acme/root", &instance).await.json;
    assert!(all.get("variables").is_some() && all.to_string().contains("of the workflow"), "{all}");
}

#[tokio::test]
async fn addresses_are_for_admins() {
    let app = App::start().await;
    let emails =
        |list: Value| list["items"].as_array().unwrap().iter().filter(|person| person.get("email").is_some()).count();
    let seen = app.get("acme/vic", "/api/v1/acme/people").await;
    assert_eq!(seen.json["items"].as_array().unwrap().len(), 6);
    assert_eq!(seen.json["items"][0]["name"], "ANNA Test");
    assert_eq!(emails(seen.json), 0);
    assert_eq!(emails(app.get("acme/root", "/api/v1/acme/people").await.json), 6);
}

#[tokio::test]
async fn me_tells_who_and_what_is_permitted() {
    let app = App::start().await;
    let eva = app.get("acme/eva", "/api/v1/acme/me").await.json;
    assert_eq!(
        (&eva["id"], &eva["email"], &eva["company"]),
        (&json!("eva"), &json!("eva@example.com"), &json!("acme"))
    );
    assert_eq!(
        eva["permissions"],
        json!([
            "desk.requests.create",
            "desk.requests.read",
            "desk.notes.create",
            "desk.notes.read",
            "desk.notes.change"
        ])
    );
    let vic = app.get("acme/vic", "/api/v1/acme/me").await.json;
    assert_eq!(vic["permissions"], json!(["desk.notes.create", "desk.notes.read"]));
}

#[tokio::test]
async fn health_and_description_need_no_token() {
    let app = App::start().await;
    for path in ["/livez", "/readyz", "/openapi.json", "/openapi"] {
        assert_eq!(app.send("GET", path, &[], Body::Nothing).await.status, 200, "{path}");
    }
    let ready = app.send("GET", "/readyz", &[("authorization", &bearer("acme/eva"))], Body::Nothing).await.json;
    assert_eq!((&ready["checks"]["read"]["status"], &ready["checks"]["write"]["status"]), (&json!("ok"), &json!("ok")));
}
