//! Lists: pages, filters, documents.

use super::app::{App, Body};
use serde_json::{Value, json};
use store::NewDocument;

const NOTES: &str = "/api/v1/acme/desk/notes";

#[tokio::test]
async fn pages_are_newest_first_and_miss_nothing() {
    let app = App::start().await;
    for n in 0..5 {
        app.post("acme/eva", NOTES, Body::Json(json!({ "text": "x", "id": format!("note {n}") }))).await;
    }
    let (mut ids, mut path) = (Vec::new(), format!("{NOTES}?limit=2"));
    loop {
        let page = app.get("acme/eva", &path).await.json;
        ids.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => path = format!("{NOTES}?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(ids, ["note 4", "note 3", "note 2", "note 1", "note 0"]);
    let exact = app.get("acme/eva", &format!("{NOTES}?limit=5")).await.json;
    assert_eq!((exact["items"].as_array().unwrap().len(), &exact["next"]), (5, &Value::Null));
}

#[tokio::test]
async fn a_list_is_filtered_by_status() {
    let app = App::start().await;
    app.request().await;
    let count = async |status: &str| {
        let list = app.get("acme/eva", &format!("/api/v1/acme/desk/requests?status={status}")).await.json;
        list["items"].as_array().unwrap().len()
    };
    assert_eq!((count("submitted").await, count("approved").await), (1, 0));
}

#[tokio::test]
async fn a_document_is_a_draft_until_the_final_one_is_made() {
    let app = App::start().await;
    let made = app.request().await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/acme/desk/requests/{id}/document.txt");
    let draft = app.get("acme/eva", &path).await;
    assert_eq!((draft.status.as_u16(), draft.text.as_str()), (200, "DRAFT of Two chairs, 0 decided"));
    assert_eq!(draft.header("content-disposition"), "inline; filename=\"R-1-draft.txt\"");
    assert_eq!(draft.header("content-type"), "text/plain; charset=utf-8");

    let file = NewDocument {
        company: "acme".to_owned(),
        kind: "desk/requests".to_owned(),
        object: id,
        name: "document.txt".to_owned(),
        revision: 1,
        media_type: "text/plain".to_owned(),
        bytes: b"final".to_vec(),
    };
    app.store
        .write(move |unit| {
            let file = file.clone();
            Box::pin(async move { unit.put_document(&file).await })
        })
        .await
        .unwrap();
    let found = app.get("acme/eva", &path).await;
    assert_eq!((found.text.as_str(), found.header("content-disposition")), ("final", "inline; filename=\"R-1.txt\""));
    let etag = found.header("etag").to_owned();
    assert!(etag.len() == 66 && etag != draft.header("etag"));
    let again =
        app.send("GET", &path, &[("authorization", "Bearer acme-eva"), ("if-none-match", &etag)], Body::Nothing).await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}

#[tokio::test]
async fn a_document_that_cannot_be_made_is_no_fault_of_ours() {
    let app = App::start().await;
    for (title, status, code) in [("unprintable", 409, "no-document"), ("later", 503, "unavailable")] {
        let made = app
            .post("acme/eva", "/api/v1/acme/desk/requests", Body::Json(json!({ "title": title, "amount": "1" })))
            .await;
        app.get("acme/eva", &format!("{}/document.txt", made.header("location"))).await.is_problem(status, code);
        app.get("acme/eva", &format!("{}/other.txt", made.header("location"))).await.is_problem(404, "not-found");
    }
    let note = app.post("acme/eva", NOTES, Body::Json(json!({ "text": "x" }))).await;
    app.get("acme/eva", &format!("{}/document.txt", note.header("location"))).await.is_problem(404, "not-found");
}
