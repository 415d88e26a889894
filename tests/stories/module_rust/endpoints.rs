//! Requests that a module answers by itself.

use super::super::lifecycle::travel::installed;
use super::building::{SDK, packed};
use crate::support::folder::Folder;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::fs::{create_dir_all, write};
use std::sync::OnceLock;

/// The package of the stories, built once for both databases.
fn travel() -> Result<Vec<u8>> {
    static MADE: OnceLock<std::result::Result<Vec<u8>, String>> = OnceLock::new();
    let make = || -> Result<Vec<u8>> {
        let folder = Folder::new()?;
        let at = |path: &str| folder.path().join(path);
        create_dir_all(at("code/src"))?;
        write(at("module.yaml"), include_str!("module.yaml"))?;
        write(at("code/src/lib.rs"), include_str!("code.rs"))?;
        let manifest = include_str!("../../../modules/templates/rust/code/Cargo.toml.txt");
        let manifest = manifest.replace("__module__", "endpoints").replace("__sdk__", &format!("{{ path = {SDK:?} }}"));
        write(at("code/Cargo.toml"), manifest.replace("[dev-dependencies]\n", ""))?;
        let number = json!({ "type": "integer" });
        write(at("trip.json"), json!({ "type": "object", "properties": { "days": number } }).to_string())?;
        let note = json!({ "type": "object", "required": ["note"], "properties": { "note": { "type": "string" } } });
        write(at("note.json"), note.to_string())?;
        write(at("cost.json"), json!({ "type": "object", "required": ["cost"] }).to_string())?;
        let secret = json!({ "type": "string", "x-secret": true, "default": "hidden" });
        let config =
            json!({ "type": "object", "properties": { "rate": { "type": "integer", "default": 28 }, "key": secret } });
        write(at("config.json"), config.to_string())?;
        packed(folder.path())
    };
    MADE.get_or_init(|| make().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

async fn trip(app: &App) -> Result<String> {
    installed(app, "/modules", &travel()?).await?;
    let (status, made) = app.call("eva", "POST", "/travel/trips", Some(&json!({ "days": 3 }))).await?;
    ensure!(status == 201, "{status} {made}");
    Ok(made["id"].as_str().unwrap_or_default().to_owned())
}

async fn kept(app: &App) -> Result<usize> {
    let (_, events) = app.call("ada", "GET", "/events?limit=200", None).await?;
    let kept = events["items"].as_array().into_iter().flatten().filter(|event| event["type"] == "travel.trip.kept");
    Ok(kept.count())
}

stories! {
    async fn a_get_reads_objects_and_the_configuration(app: App) {
        let id = trip(app).await?;
        let path = format!("/travel/-/trips/{id}/cost");
        let (status, cost) = app.call("eva", "GET", &format!("{path}?currency=NOK"), None).await?;
        let expected = json!({ "cost": 84, "currency": "NOK", "settings": { "rate": 28 }, "for": "eva" });
        ensure!(status == 200 && cost == expected, "a secret is not for code: {status} {cost}");
        let set = json!({ "config": { "rate": 30 } });
        let (status, said) = app.call("ada", "PUT", "/modules/travel/config", Some(&set)).await?;
        ensure!(status == 200, "{status} {said}");
        let (_, cost) = app.call("eva", "GET", &path, None).await?;
        ensure!(cost["cost"] == 90, "{cost}");
        let (status, missing) = app.call("eva", "GET", "/travel/-/trips/none/cost", None).await?;
        ensure!(status == 404 && missing["detail"] == "there is no such trip" && missing["code"] == "module-refused", "{missing}");
        let (status, told) = app.call("eva", "GET", "/travel/-/told", None).await?;
        ensure!(status == 200 && told.as_str().is_some_and(|told| told.contains("a GET changes nothing")), "{status} {told}");
        ensure!(kept(app).await? == 0);
        Ok(())
    }

    /// What it did before it refused, or before it panicked, is gone; a key makes it safe to send again.
    async fn a_post_is_one_commit(app: App) {
        let id = trip(app).await?;
        let path = format!("/travel/-/trips/{id}/keep");
        let (status, refused) = app.call("eva", "POST", &path, Some(&json!({ "note": "full" }))).await?;
        ensure!(status == 409 && refused["detail"] == "the plane is full" && refused["errors"][0]["pointer"] == "/note", "{status} {refused}");
        let (status, failed) = app.call("eva", "POST", &path, Some(&json!({ "note": "panic" }))).await?;
        let message = failed["errors"][0]["message"].as_str().unwrap_or_default();
        ensure!(status == 422 && failed["errors"][0]["code"] == "module-failed" && message.contains("no seat left"), "{status} {failed}");
        ensure!(kept(app).await? == 0);
        for attempt in 0..2 {
            let key = [("Idempotency-Key", "keep-1")];
            let (status, done) = app.call_with("eva", "POST", &path, Some(&json!({ "note": "mine" })), &key).await?;
            ensure!(status == 201 && done["kept"] == *id, "{attempt}: {status} {done}");
        }
        ensure!(kept(app).await? == 1, "the second time was the same request");
        Ok(())
    }

    async fn what_does_not_fit_is_refused_before_the_code_runs(app: App) {
        let id = trip(app).await?;
        let keep = format!("/travel/-/trips/{id}/keep");
        let note = json!({ "note": "mine" });
        let asked: [(&str, &str, &str, Option<&Value>, u16); 7] = [
            ("eva", "POST", &keep, Some(&json!({})), 422),
            ("eva", "POST", &keep, None, 415),
            ("hanna", "POST", &keep, Some(&note), 403),
            ("eva", "DELETE", &keep, None, 405),
            ("eva", "GET", "/travel/-/nothing", None, 404),
            ("eva", "GET", "/nothing/-/told", None, 404),
            ("eva", "POST", "/travel/-/wrong", None, 422),
        ];
        for (person, method, path, body, expected) in asked {
            let (status, said) = app.call(person, method, path, body).await?;
            ensure!(status == expected, "{person} {method} {path}: {status} {said}");
            ensure!(said["request_id"].is_string(), "it is a problem: {said}");
        }
        let (_, described) = app.call("eva", "GET", "/openapi.json", None).await?;
        let paths = &described["paths"];
        let cost = &paths["/api/v1/{company}/travel/-/trips/{id}/cost"]["get"];
        ensure!(cost["summary"] == "What a trip costs", "{cost}");
        ensure!(described["components"]["schemas"]["travel.post-trips-id-keep.request"]["required"][0] == "note", "{paths}");
        Ok(())
    }
}
