//! An object is made, changed, deleted; every revision stays, and every change is told.

use super::{id, make, problems, send, trip};
use crate::support::{App, Database, stories};
use anyhow::ensure;
use serde_json::{Value, json};

stories! {
    /// From the first revision to the last: tags guard every change, and history stays.
    async fn an_object_lives(app: App) {
        let made = make(app, "eva", "trips", &trip("Oslo", "10.50")).await?;
        ensure!(made["data"]["total"] == "10.50" && made["status"] == "active" && made["revision"] == 1, "{made}");
        let path = format!("/outings/trips/{}", id(&made));
        let read = send(app, "eva", "GET", &path, None, &[]).await?;
        ensure!(read.body == made && read.etag.starts_with("\"1-"), "{}", read.etag);

        let other = json!({ "to": "Rome", "price": "20", "currency": "EUR", "days": 3 });
        let blind = send(app, "eva", "PUT", &path, Some(&other), &[]).await?;
        ensure!(blind.status == 428 && blind.body["code"] == "precondition-required", "{}", blind.text);
        let replaced = send(app, "eva", "PUT", &path, Some(&other), &[("If-Match", &read.etag)]).await?;
        ensure!(replaced.status == 200 && replaced.body["data"]["total"] == "60" && replaced.body["revision"] == 2, "{}", replaced.text);
        let late = send(app, "mira", "PUT", &path, Some(&other), &[("If-Match", &read.etag)]).await?;
        ensure!(late.status == 412 && late.body["code"] == "precondition-failed", "{}", late.text);

        let patch = json!({ "days": null, "hotel": { "city": "Ostia" } });
        let patched = send(app, "mira", "PATCH", &path, Some(&patch), &[("If-Match", &replaced.etag)]).await?;
        let expected = json!({ "to": "Rome", "price": "20", "currency": "EUR", "hotel": { "city": "Ostia" }, "total": "20" });
        ensure!(patched.status == 200 && patched.body["data"] == expected, "{}", patched.text);
        let again = send(app, "mira", "PATCH", &path, Some(&json!({})), &[("If-Match", "*")]).await?;
        ensure!(again.body["revision"] == 3, "what changes nothing is no revision: {}", again.text);

        let gone = send(app, "eva", "DELETE", &path, None, &[("If-Match", &patched.etag), ("Idempotency-Key", "d")]).await?;
        ensure!(gone.status == 204 && gone.text.is_empty(), "{} {}", gone.status, gone.text);
        let replayed = send(app, "eva", "DELETE", &path, None, &[("If-Match", &patched.etag), ("Idempotency-Key", "d")]).await?;
        ensure!(replayed.status == 204 && replayed.text.is_empty(), "{} {}", replayed.status, replayed.text);
        for (method, body) in [("GET", None), ("DELETE", None), ("PUT", Some(&other))] {
            let missing = send(app, "eva", method, &path, body, &[("If-Match", "*")]).await?;
            ensure!(missing.status == 404, "{method}: {}", missing.text);
        }
        let list = send(app, "eva", "GET", "/outings/trips", None, &[]).await?;
        ensure!(list.body["items"] == json!([]), "{}", list.text);

        let all = send(app, "eva", "GET", &format!("{path}/revisions"), None, &[]).await?;
        let told: Vec<String> = all.body["items"].as_array().into_iter().flatten().map(|one| format!("{} {} {}", one["revision"], one["by"], one["deleted"])).collect();
        ensure!(told == [r#"4 "eva" true"#, r#"3 "mira" false"#, r#"2 "eva" false"#, r#"1 "eva" false"#], "{told:?}");
        let first = send(app, "eva", "GET", &format!("{path}/revisions/1"), None, &[]).await?;
        ensure!(first.body["data"] == made["data"], "{}", first.text);
        for wrong in ["5", "0", "x", "99999999999999999999"] {
            ensure!(send(app, "eva", "GET", &format!("{path}/revisions/{wrong}"), None, &[]).await?.status == 404);
        }
        ensure!(send(app, "eva", "GET", "/outings/trips/none/revisions", None, &[]).await?.status == 404);
        Ok(())
    }

    /// Pages of revisions miss none.
    async fn revisions_come_in_pages(app: App) {
        let made = make(app, "eva", "trips", &trip("Oslo", "1")).await?;
        let path = format!("/outings/trips/{}", id(&made));
        for n in 2..=5 {
            send(app, "eva", "PATCH", &path, Some(&json!({ "days": n })), &[("If-Match", "*")]).await?;
        }
        let (mut seen, mut next) = (Vec::new(), String::new());
        loop {
            let page = send(app, "eva", "GET", &format!("{path}/revisions?limit=2{next}"), None, &[]).await?;
            seen.extend(page.body["items"].as_array().into_iter().flatten().map(|one| one["revision"].clone()));
            match page.body["next"].as_str() {
                Some(cursor) => next = format!("&cursor={cursor}"),
                None => break,
            }
        }
        ensure!(seen == [5, 4, 3, 2, 1].map(Value::from), "{seen:?}");
        Ok(())
    }

    /// Each change is an event with what it needs, in order; those that change nothing are none.
    async fn changes_are_events(app: App) {
        let made = make(app, "eva", "trips", &trip("Oslo", "1")).await?;
        let path = format!("/outings/trips/{}", id(&made));
        send(app, "mira", "PATCH", &path, Some(&json!({ "days": 2 })), &[("If-Match", "*")]).await?;
        send(app, "mira", "PATCH", &path, Some(&json!({ "days": 2 })), &[("If-Match", "*")]).await?;
        send(app, "mira", "DELETE", &path, None, &[("If-Match", "*")]).await?;
        make(app, "ada", "projects", &json!({ "code": "P1", "title": "Quiet" })).await?;
        let events = app.call("eva", "GET", "/events", None).await?.1;
        let told: Vec<String> = events["items"].as_array().into_iter().flatten().map(|event| format!("{} {} {}", event["type"], event["subject"], event["data"])).collect();
        let (subject, of) = (format!("\"outings/trips/{}\"", id(&made)), id(&made));
        let expected = [
            format!(r#""outings.trip.created" {subject} {{"id":"{of}","number":null,"revision":1,"status":"active","by":"eva","data":{{"to":"Oslo","price":"1","currency":"EUR","total":"1"}}}}"#),
            format!(r#""outings.trip.updated" {subject} {{"id":"{of}","number":null,"revision":2,"status":"active","by":"mira","data":{{"to":"Oslo","price":"1","currency":"EUR","days":2,"total":"2"}},"changed":["/days","/total"]}}"#),
            format!(r#""outings.trip.deleted" {subject} {{"id":"{of}","number":null,"revision":3,"status":"active","by":"mira"}}"#),
        ];
        ensure!(told.iter().map(|line| sorted(line)).eq(expected.iter().map(|line| sorted(line))), "{told:#?}");
        Ok(())
    }

    /// Two who change the same revision at the same moment: one of them hears it.
    async fn of_two_at_once_one_is_told(app: App) {
        let made = make(app, "eva", "trips", &trip("Oslo", "1")).await?;
        let path = format!("/outings/trips/{}", id(&made));
        let (one, two) = (json!({ "days": 2 }), json!({ "days": 3 }));
        let headers = [("If-Match", "\"1\"")];
        let (one, two) = tokio::join!(send(app, "eva", "PATCH", &path, Some(&one), &headers), send(app, "mira", "PATCH", &path, Some(&two), &headers));
        let mut statuses = [one?.status, two?.status];
        statuses.sort_unstable();
        ensure!(statuses == [200, 412], "{statuses:?}");
        Ok(())
    }

    /// What a manifest does not offer is 405, and says what is possible.
    async fn what_is_not_offered_is_refused(app: App) {
        let made = make(app, "eva", "requests", &json!({ "what": "a trip" })).await?;
        let gone = send(app, "eva", "DELETE", &format!("/outings/requests/{}", id(&made)), None, &[("If-Match", "*")]).await?;
        ensure!(gone.status == 405 && gone.body["code"] == "method-not-allowed", "{}", gone.text);
        let forbidden = send(app, "eva", "POST", "/outings/projects", Some(&json!({ "code": "P1", "title": "x" })), &[]).await?;
        ensure!(forbidden.status == 403 && forbidden.text.contains("outings.projects.write"), "{}", forbidden.text);
        let patch = send(app, "eva", "PATCH", &format!("/outings/trips/{}", id(&made)), Some(&json!({})), &[("If-Match", "*"), ("Content-Type", "application/json-patch+json")]).await?;
        ensure!(patch.status == 415 && problems(&patch.body).is_empty(), "{}", patch.text);
        app.work().await
    }

    /// Suppliers of purchasing, whose code checks them, can be changed as well.
    async fn what_code_checks_is_changed_too(app: App) {
        let supplier = app.supplier("Nordwind").await?;
        let path = format!("/purchasing/suppliers/{supplier}");
        let refused = send(app, "eva", "PATCH", &path, Some(&json!({ "contact": "Ole" })), &[("If-Match", "*")]).await?;
        ensure!(refused.status == 403, "{}", refused.text);
        let changed = send(app, "paula", "PATCH", &path, Some(&json!({ "contact": "Ole" })), &[("If-Match", "*")]).await?;
        ensure!(changed.status == 200 && changed.body["data"]["contact"] == "Ole" && changed.body["revision"] == 2, "{}", changed.text);
        let wrong = send(app, "paula", "PATCH", &path, Some(&json!({ "email": "nobody" })), &[("If-Match", "*")]).await?;
        ensure!(wrong.status == 422 && problems(&wrong.body).iter().any(|problem| problem.starts_with("/email ")), "{}", wrong.text);
        Ok(())
    }
}

/// The letters of a line: the order of fields in an event does not matter.
fn sorted(line: &str) -> Vec<char> {
    let mut letters: Vec<char> = line.chars().collect();
    letters.sort_unstable();
    letters
}
