//! What a schema declares is kept: every problem of an object at once, each at its place.

use super::{id, make, problems, send, trip};
use crate::support::{App, Database, stories};
use anyhow::ensure;
use serde_json::{Value, json};

stories! {
    /// Everything that is wrong is told at once, and nothing is stored.
    async fn every_problem_is_told_at_once(app: App) {
        let before = app.dump().await?;
        let bad = json!({ "to": "", "price": 5, "days": 0, "starts_at": "tomorrow", "total": "1", "more": true, "hotel": { "city": "a\u{202E}b" } });
        let (status, answer) = app.call("eva", "POST", "/outings/trips", Some(&bad)).await?;
        let expected = ["/currency schema", "/days schema", "/hotel/city direction-override", "/more schema", "/price schema", "/starts_at schema", "/to schema", "/total computed"];
        ensure!(status == 422 && problems(&answer) == expected, "{status} {answer}");
        let money = json!({ "to": "Oslo", "price": "1.005", "currency": "EUR", "project": "none" });
        let (status, answer) = app.call("eva", "POST", "/outings/trips", Some(&money)).await?;
        ensure!(status == 422 && problems(&answer) == ["/price amount", "/project unknown-object"], "{status} {answer}");
        let (_, answer) = app.call("eva", "POST", "/outings/trips", Some(&json!({ "to": "Oslo", "price": "1", "currency": "XAU" }))).await?;
        ensure!(problems(&answer) == ["/currency currency"], "{answer}");
        let (_, answer) = app.call("eva", "POST", "/outings/trips", Some(&json!([1]))).await?;
        ensure!(problems(&answer) == [" type"], "{answer}");
        let (_, answer) = app.call("eva", "POST", "/outings/trips", Some(&json!({ "to": "Oslo", "price": "one", "currency": "EUR" }))).await?;
        ensure!(problems(&answer) == ["/total computed"], "{answer}");
        ensure!(app.dump().await? == before);
        Ok(())
    }

    /// An object that is named must be there; one that was named before may be gone by now.
    async fn what_is_named_is_there(app: App) {
        let project = make(app, "ada", "projects", &json!({ "code": "P1", "title": "One" })).await?;
        let mut body = trip("Oslo", "1");
        body["project"] = project["id"].clone();
        let made = make(app, "eva", "trips", &body).await?;
        let place = format!("/outings/projects/{}", id(&project));
        let kept = send(app, "ada", "DELETE", &place, None, &[("If-Match", "*")]).await?;
        ensure!(kept.status == 409 && kept.body["code"] == "named-by-others", "{}", kept.text);
        let path = format!("/outings/trips/{}", id(&made));
        let let_go = json!({ "days": 2, "project": null });
        ensure!(send(app, "eva", "PATCH", &path, Some(&let_go), &[("If-Match", "*")]).await?.status == 200);
        let gone = send(app, "ada", "DELETE", &place, None, &[("If-Match", "*")]).await?;
        ensure!(gone.status == 204, "{}", gone.text);
        let (status, answer) = app.call("eva", "POST", "/outings/trips", Some(&body)).await?;
        ensure!(status == 422 && problems(&answer) == ["/project unknown-object"], "{answer}");
        Ok(())
    }

    /// Very many names and very many mistakes cost one statement, or a sentence.
    async fn very_much_is_told_in_few_words(app: App) {
        let mut known = Vec::new();
        for code in ["P1", "P2"] {
            known.push(make(app, "ada", "projects", &json!({ "code": code, "title": "x" })).await?["id"].clone());
        }
        let named = |ids: Vec<Value>| json!({ "what": "Taxi", "projects": ids });
        let many = (0..20_000).map(|n| known[n % 2].clone()).collect();
        make(app, "eva", "receipts", &named(many)).await?;
        let strangers = |count: usize| (0..count).map(|n| Value::from(format!("none-{n}")));
        let (_, answer) = app.call("eva", "POST", "/outings/receipts", Some(&named(known.iter().cloned().chain(strangers(2)).collect()))).await?;
        ensure!(problems(&answer) == ["/projects/2 unknown-object", "/projects/3 unknown-object"], "{answer}");
        let (_, answer) = app.call("eva", "POST", "/outings/receipts", Some(&named(strangers(1_000).collect()))).await?;
        ensure!(problems(&answer).len() == 100 && answer["detail"].as_str().is_some_and(|detail| detail.contains("100 problems or more")), "{answer}");
        let (status, answer) = app.call("eva", "POST", "/outings/receipts", Some(&named(strangers(1_001).collect()))).await?;
        ensure!(status == 422 && problems(&answer) == ["/projects/1000 too-many-objects"], "{answer}");
        let amounts = json!({ "what": "Taxi", "amounts": vec!["1.005"; 60_000] });
        let (status, answer) = app.call("eva", "POST", "/outings/receipts", Some(&amounts)).await?;
        ensure!(status == 422 && problems(&answer).len() == 100, "{status}");
        Ok(())
    }

    /// What must differ differs, alone and together, also at the same moment; a deleted object is in nobody's way.
    async fn what_must_differ_differs(app: App) {
        let project = |code: &str, owner: &str, no: u32| json!({ "code": code, "title": "x", "owner": owner, "no": no });
        let first = make(app, "ada", "projects", &project("P1", "eva", 1)).await?;
        let app: &App = app;
        let again =
            |body: serde_json::Value| async move { app.call("ada", "POST", "/outings/projects", Some(&body)).await };
        let (status, answer) = again(project("P1", "eva", 2)).await?;
        ensure!(status == 422 && problems(&answer) == ["/code not-unique"] && answer.to_string().contains(id(&first)), "{answer}");
        let (status, answer) = again(project("P2", "eva", 1)).await?;
        ensure!(status == 422 && problems(&answer) == ["/owner not-unique"], "{answer}");
        make(app, "ada", "projects", &project("P2", "eva", 11)).await?;
        make(app, "ada", "projects", &json!({ "code": "P3", "title": "without" })).await?;
        make(app, "ada", "projects", &json!({ "code": "P4", "title": "without" })).await?;
        let path = format!("/outings/projects/{}", id(&first));
        let taken = send(app, "ada", "PATCH", &path, Some(&json!({ "code": "P2" })), &[("If-Match", "*")]).await?;
        ensure!(taken.status == 422 && problems(&taken.body) == ["/code not-unique"], "{}", taken.text);
        let own = send(app, "ada", "PATCH", &path, Some(&json!({ "title": "still P1" })), &[("If-Match", "*")]).await?;
        ensure!(own.status == 200, "{}", own.text);
        send(app, "ada", "DELETE", &path, None, &[("If-Match", "*")]).await?;
        make(app, "ada", "projects", &project("P1", "eva", 1)).await?;
        let tried = futures::future::try_join_all((0..6).map(|_| again(json!({ "code": "NEW", "title": "at once" })))).await?;
        let mut statuses: Vec<u16> = tried.iter().map(|(status, _)| *status).collect();
        statuses.sort_unstable();
        ensure!(statuses == [201, 422, 422, 422, 422, 422], "{statuses:?}");
        Ok(())
    }

    /// A guarded field is changed by those who have its permission; everybody else may send it as it is.
    async fn guarded_fields_are_for_some(app: App) {
        let mut body = trip("Oslo", "1");
        let made = make(app, "eva", "trips", &body).await?;
        let path = format!("/outings/trips/{}", id(&made));
        let limit = json!({ "limit": "900" });
        let refused = send(app, "eva", "PATCH", &path, Some(&limit), &[("If-Match", "*")]).await?;
        ensure!(refused.status == 403 && refused.body["code"] == "guarded" && problems(&refused.body) == ["/limit guarded"], "{}", refused.text);
        ensure!(refused.text.contains("outings.trips.limit"));
        let set = send(app, "carl", "PATCH", &path, Some(&limit), &[("If-Match", "*")]).await?;
        ensure!(set.status == 200 && set.body["data"]["limit"] == "900", "{}", set.text);
        let beside = send(app, "eva", "PATCH", &path, Some(&json!({ "days": 2 })), &[("If-Match", "*")]).await?;
        ensure!(beside.status == 200, "{}", beside.text);
        let taken = send(app, "eva", "PUT", &path, Some(&body), &[("If-Match", "*")]).await?;
        ensure!(taken.status == 403, "leaving it out takes it away: {}", taken.text);
        body["limit"] = json!("1");
        ensure!(send(app, "eva", "POST", "/outings/trips", Some(&body), &[]).await?.status == 403);
        ensure!(send(app, "carl", "POST", "/outings/trips", Some(&body), &[]).await?.status == 201);
        Ok(())
    }
}
