//! What a module has left behind is deleted for good, and what tells of the past stays.

use super::migrations::{AFTER, BEFORE, MIGRATIONS, fill, make, version};
use super::travel::{change, installed, package, standing, trip};
use crate::support::{App, Database, stories};
use anyhow::{Context, ensure};
use futures::FutureExt;
use serde_json::json;

stories! {
    async fn a_module_that_was_taken_out_is_purged(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = make(app, json!({ "to": "Oslo" })).await?;
        let path = format!("/travel/trips/{oslo}/attachments/plan.json");
        let file = json!({ "a": "file" });
        let (status, attached) = app.call_with("eva", "PUT", &path, Some(&file), &[("If-Match", "*")]).await?;
        ensure!(status == 200 || status == 201, "{status} {attached}");
        fill(app, 250).await?;
        installed(app, "/modules/travel/update", &version("1.1.0", AFTER, MIGRATIONS)?).await?;
        let (status, refused) = app.call("ada", "POST", "/modules/travel/purge?plan=true", None).await?;
        ensure!(status == 409 && refused["code"] == "installed", "{status} {refused}");
        change(app, "DELETE", "/modules/travel").await?;
        let (status, refused) = app.call("eva", "POST", "/modules/travel/purge?plan=true", None).await?;
        ensure!(status == 403, "{status} {refused}");
        let (status, refused) = app.call("ada", "POST", "/modules/travel/purge", None).await?;
        ensure!(status == 409 && refused["code"] == "consent-needed", "{status} {refused}");
        let (_, planned) = app.call("ada", "POST", "/modules/travel/purge?plan=true", None).await?;
        let expected = json!({ "objects": 251, "revisions": 502, "attachments": 1, "documents": 0, "configurations": 0, "packages": 2 });
        ensure!(planned["plan"]["purge"] == expected, "{planned}");
        let blobs = app.store.read().await?.blob("acme", attached["sha256"].as_str().unwrap_or_default()).await;
        ensure!(blobs.is_ok(), "{attached}");

        let ended = change(app, "POST", "/modules/travel/purge").await?;
        ensure!(ended["status"] == "succeeded" && ended["output"]["objects"] == 251, "{ended}");
        let mut reader = app.store.read().await?;
        let left = reader.left_behind("acme", "travel").await?;
        ensure!(left == store::LeftBehind::default(), "{left:?}");
        let blob = reader.blob("acme", attached["sha256"].as_str().unwrap_or_default()).await;
        ensure!(blob.is_err(), "the bytes of the file are still there");
        drop(reader);
        // Nothing is left to purge, nor to go back to.
        let (status, refused) = app.call("ada", "POST", "/modules/travel/purge", None).await?;
        ensure!(status == 404, "{status} {refused}");
        let (status, refused) = app.call("ada", "POST", "/modules/travel/rollback", None).await?;
        ensure!(status == 409 && refused["code"] == "package-gone", "{status} {refused}");
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let (_, list) = app.call("eva", "GET", "/travel/trips", None).await?;
        ensure!(list["items"] == json!([]), "{list}");
        Ok(())
    }

    /// Instances and events stay, whatever they tell of.
    async fn what_tells_of_the_past_stays(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let (status, made) = trip(app, "travel").await?;
        ensure!(status == 201, "{status} {made}");
        let (status, begun) = app.call("ada", "POST", "/instances", Some(&json!({ "definition": "travel/trip" }))).await?;
        ensure!(status == 201, "{status} {begun}");
        let ended = change(app, "DELETE", "/modules/travel?running=cancel").await?;
        ensure!(ended["status"] == "succeeded", "{ended}");
        let (_, events) = app.call("eva", "GET", "/events", None).await?;
        ensure!(change(app, "POST", "/modules/travel/purge").await?["status"] == "succeeded");
        let path = format!("/instances/{}", begun["instance"].as_str().context("an instance")?);
        let (status, instance) = app.call("ada", "GET", &path, None).await?;
        ensure!(status == 200 && instance["status"] == "cancelled", "{status} {instance}");
        let (_, after) = app.call("eva", "GET", "/events", None).await?;
        ensure!(events["items"] == after["items"], "{events} {after}");
        ensure!(standing(app, "travel").await?.is_none());
        // The definition is there for the past only.
        let (status, refused) = app.call("ada", "POST", "/instances", Some(&json!({ "definition": "travel/trip" }))).await?;
        ensure!(status == 409, "{status} {refused}");
        Ok(())
    }

    /// Mail in the mailbox names files by their bytes.
    async fn the_files_of_stored_mail_stay(app: App) {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let oslo = make(app, json!({ "to": "Oslo" })).await?;
        let mut hashes = Vec::new();
        for name in ["sent", "kept"] {
            let path = format!("/travel/trips/{oslo}/attachments/{name}.json");
            let (status, attached) =
                app.call_with("eva", "PUT", &path, Some(&json!({ "a": name })), &[("If-Match", "*")]).await?;
            ensure!(status == 200 || status == 201, "{status} {attached}");
            hashes.push(attached["sha256"].as_str().context("a hash")?.to_owned());
        }
        let (sent, kept) = (hashes[0].clone(), hashes[1].clone());
        let bytes = app.store.read().await?.blob("acme", &sent).await?;
        let posted = bytes.clone();
        let mail = app.store.write(move |unit| {
            let bytes = posted.clone();
            async move {
                let sha256 = unit.put_blob("acme", &bytes).await?;
                let file = json!({ "name": "plan.json", "type": "application/json", "size": bytes.len(), "sha256": sha256 });
                unit.put_mail("acme", "<plan@acme>", "eva@acme.example", &json!({ "text": "", "attachments": [file] })).await
            }
            .boxed()
        });
        mail.await?;
        change(app, "DELETE", "/modules/travel").await?;
        ensure!(change(app, "POST", "/modules/travel/purge").await?["status"] == "succeeded");
        let mut reader = app.store.read().await?;
        ensure!(reader.blob("acme", &sent).await? == bytes, "the mail's file is gone");
        ensure!(reader.blob("acme", &kept).await.is_err(), "a file that nobody names is still there");
        Ok(())
    }
}
