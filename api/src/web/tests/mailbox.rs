//! The mailbox, the start page and the files.

use super::App;
use axum::body::Body;
use axum::http::Request;
use futures::FutureExt;
use serde_json::{Value, json};

async fn mailed() -> App {
    let app = App::new().await;
    app.write(|unit| {
        async move {
            let sha256 = unit.put_blob("acme", b"%PDF bytes").await?;
            let body = json!({
                "from": "Acme <no-reply@acme.example>", "to": "anna@acme.example", "subject": "Please <decide>",
                "text": "Open https://approve.example.com/a/x", "html": "<p style='color:red'>Open</p><script>x</script>",
                "message_id": "<a/1/0@acme.example>", "in_reply_to": null,
                "attachments": [{ "name": "n 1.pdf", "type": "application/pdf", "sha256": sha256 }],
            });
            unit.put_mail("acme", "<a/1/0@acme.example>", "anna@acme.example", &body).await
        }
        .boxed()
    })
    .await;
    app.clock.pass(1_500);
    app.write(|unit| {
        async move { unit.put_mail("acme", "<b@x>", "bob@acme.example", &json!({ "subject": "Second" })).await }.boxed()
    })
    .await;
    app
}

#[tokio::test]
async fn programs_read_the_mails_newest_first() {
    let app = mailed().await;
    let answer = app.get("/mailbox.json").await;
    let mails: Vec<Value> = serde_json::from_str(&answer.is(200).body).unwrap();
    let subjects: Vec<&str> = mails.iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["Second", "Please <decide>"]);
    assert_eq!(mails[0]["at"], "2026-11-23T15:10:01.5Z");
    assert_eq!(mails[0]["to"], "bob@acme.example");
    let mail = mails[1].as_object().unwrap();
    let keys: Vec<&str> = mail.keys().map(String::as_str).collect();
    assert_eq!(keys, ["id", "at", "to", "from", "subject", "text", "html", "attachments"]);
    let file = &mail["attachments"][0];
    assert_eq!((file["name"].as_str(), file["type"].as_str()), (Some("n 1.pdf"), Some("application/pdf")));
    let bytes = app.get(file["href"].as_str().unwrap()).await;
    assert_eq!((bytes.is(200).body.as_str(), bytes.header("content-type")), ("%PDF bytes", "application/pdf"));
    assert_eq!(bytes.header("content-disposition"), "attachment; filename=\"n-1.pdf\"");
}

#[tokio::test]
async fn people_read_the_mails_as_pages() {
    let app = mailed().await;
    let list = app.get("/mailbox").await;
    list.is(200).shows("Please &#60;decide&#62;");
    let mails: Vec<Value> = serde_json::from_str(&app.get("/mailbox.json").await.body).unwrap();
    let address = format!("/mailbox/{}", mails[1]["id"].as_str().unwrap());
    list.shows(&format!("href=\"{address}\""));
    app.get(&address).await.is(200).shows("&#60;a/1/0@acme.example&#62;").shows("n 1.pdf").hides("<script");
    let html = app.get(&format!("{address}/html")).await;
    let policy = html.is(200).header("content-security-policy");
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'") && !policy.contains("script-src"));
    for nothing in ["/mailbox/x".to_owned(), format!("{address}/attachments/1"), format!("{address}/attachments/x")] {
        app.get(&nothing).await.is(404);
    }
}

#[tokio::test]
async fn where_mails_are_sent_there_is_no_mailbox() {
    let app = App::with("a note", false).await;
    for address in ["/mailbox", "/mailbox.json", "/mailbox/x", "/mailbox/x/html", "/mailbox/x/attachments/0"] {
        app.get(address).await.is(404);
    }
    app.get("/").await.is(200).shows("/openapi").hides("Eva Berg").hides("Acme");
}

#[tokio::test]
async fn whoever_uses_another_name_for_this_machine_reads_nothing() {
    let app = mailed().await;
    let mails: Vec<Value> = serde_json::from_str(&app.get("/mailbox.json").await.body).unwrap();
    let mail = format!("/mailbox/{}", mails[1]["id"].as_str().unwrap());
    let pages = ["/".to_owned(), "/mailbox".to_owned(), "/mailbox.json".to_owned()];
    let deeper = ["", "/html", "/attachments/0"].map(|rest| format!("{mail}{rest}"));
    for address in pages.into_iter().chain(deeper) {
        for host in ["evil.example", "evil.example:8080", "localhost.evil.example", "192.0.2.1"] {
            let answer = app.get_as(host, &address).await;
            answer.is(421).shows("Open https://approve.example.com instead").hides("decide").hides("Eva Berg");
        }
        for host in ["localhost:8080", "127.0.0.1:8080", "[::1]:8080", "approve.example.com"] {
            app.get_as(host, &address).await.is(200);
        }
        app.send(Request::get(&address).body(Body::empty()).unwrap()).await.is(421);
    }
    // What is behind a link is told by the link alone: proxies may use other names.
    app.get_as("proxy.example", &app.link("anna", 1).await).await.is(200);
}

#[tokio::test]
async fn the_demo_says_who_is_there() {
    let page = App::new().await.get("/").await;
    page.is(200).shows("Eva Berg").shows("/mailbox").shows("/openapi");
    page.shows("curl -X POST https://approve.example.com/api/v1/acme/notes/notes");
    page.shows("Anna&#39;\\&#39;&#39;s").shows("&#34;after&#34;: &#34;n1&#34;");
}

#[tokio::test]
async fn files_are_kept_by_browsers_until_they_change() {
    let app = App::new().await;
    for (address, kind) in
        [("/assets/countersign.css", "text/css; charset=utf-8"), ("/assets/favicon.svg", "image/svg+xml")]
    {
        let file = app.get(address).await;
        assert_eq!(file.is(200).header("content-type"), kind);
        assert_eq!(file.header("cache-control"), "public, max-age=86400");
        let tag = format!("W/{}, \"x\"", file.header("etag"));
        let again = Request::get(address).header("if-none-match", tag).body(Body::empty()).unwrap();
        assert_eq!(app.send(again).await.is(304).body, "");
    }
}
