//! Events that cannot be handled: tried again, set aside, and what is about the same subject waits behind them.

use super::diary::{admin, diary, entries, redirect, subscription, trip};
use crate::stories::lifecycle::travel::installed;
use crate::support::{App, Database, hours, stories};
use anyhow::ensure;
use serde_json::json;

stories! {
    async fn later_events_of_a_subject_wait_and_others_go_on(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let lost = trip(app, "Atlantis").await?;
        redirect(app, &lost, "Rome").await?;
        trip(app, "Oslo").await?;
        app.work().await?;
        ensure!(entries(app).await? == ["created Oslo"], "{:?}", entries(app).await?);
        let shown = subscription(app).await?;
        ensure!(shown["lag"] == 0 && shown["held"] == 2 && shown["dead"] == 0, "{shown}");
        let [first, second] = [&shown["failures"][0], &shown["failures"][1]];
        ensure!(first["status"] == "ready" && first["attempts"] == 1 && second["status"] == "waiting", "{shown}");
        let error = first["error"].as_str().unwrap_or_default();
        ensure!(error.contains("the workflow diary/note failed in Note: Object.Invalid") && error.contains("/to"), "{error}");
        let (_, instances) = app.call("ada", "GET", "/events?type=diary.*&limit=200", None).await?;
        ensure!(instances["items"].as_array().map(Vec::len) == Some(2), "nothing of what failed is left: {instances}");
        Ok(())
    }

    async fn what_fails_again_and_again_is_set_aside_until_an_admin_says_so(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let lost = trip(app, "Atlantis").await?;
        redirect(app, &lost, "Rome").await?;
        for _ in 0..20 {
            app.pass(hours(1)).await?;
        }
        let shown = subscription(app).await?;
        ensure!(shown["dead"] == 1 && shown["held"] == 2 && shown["failures"][0]["attempts"] == 8, "{shown}");
        // The module learns of Atlantis, and somebody has what it could not take tried again.
        installed(app, "/modules/diary/update", &learned()?).await?;
        admin(app, "retry", &json!({})).await?;
        app.work().await?;
        ensure!(entries(app).await? == ["created Atlantis", "updated Rome"], "in their order: {:?}", entries(app).await?);
        ensure!(subscription(app).await?["held"] == 0);
        Ok(())
    }

    async fn a_failed_event_is_passed_over(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let lost = trip(app, "Atlantis").await?;
        redirect(app, &lost, "Rome").await?;
        app.work().await?;
        let seq = subscription(app).await?["failures"][0]["seq"].clone();
        admin(app, "skip", &json!({ "seq": seq })).await?;
        app.work().await?;
        ensure!(entries(app).await? == ["updated Rome"], "{:?}", entries(app).await?);
        let (status, _) = app.call("ada", "POST", "/modules/diary/subscriptions/trips/skip", Some(&json!({ "seq": seq }))).await?;
        ensure!(status == 404, "it is gone: {status}");
        Ok(())
    }

    /// A replay lets go of what is held, because it comes again by itself, and in order.
    async fn a_replay_begins_anew_with_what_is_held(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let place = subscription(app).await?["position"].clone();
        trip(app, "Atlantis").await?;
        app.work().await?;
        installed(app, "/modules/diary/update", &learned()?).await?;
        let set = admin(app, "replay", &json!({ "after": place })).await?;
        ensure!(set["held"] == 0, "{set}");
        app.work().await?;
        ensure!(entries(app).await? == ["created Atlantis"], "{:?}", entries(app).await?);
        Ok(())
    }

    async fn what_does_not_fit_its_schema_is_not_published(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        trip(app, "Llanfairpwllgwyngyll").await?;
        app.work().await?;
        ensure!(entries(app).await?.is_empty());
        let shown = subscription(app).await?;
        let error = shown["failures"][0]["error"].as_str().unwrap_or_default();
        ensure!(error.contains("Event.Invalid: the data of diary.noted does not fit its schema: /to"), "{error}");
        Ok(())
    }
}

/// The next version, which takes Atlantis for a place.
fn learned() -> anyhow::Result<Vec<u8>> {
    super::diary::diary_of(&[("1.0.0", "1.1.0"), (", \"not\": { \"const\": \"Atlantis\" }", "")])
}
