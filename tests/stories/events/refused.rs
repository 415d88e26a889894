//! What a handler may not do is refused and held, and is in nobody else's way.

use super::diary::{MANIFEST, admin, diary, diary_of, entries, subscription, trip};
use crate::stories::lifecycle::travel::installed;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::json;

/// Installs the diary with one change, sends it an event, and says why that is held.
async fn held_because(app: &App, from: &str, to: &str) -> Result<String> {
    installed(app, "/modules", &diary(from, to)?).await?;
    trip(app, "Oslo").await?;
    app.work().await?;
    ensure!(entries(app).await?.is_empty(), "nothing of it is left: {:?}", entries(app).await?);
    let shown = subscription(app).await?;
    ensure!(shown["held"] == 1 && shown["lag"] == 0, "{shown}");
    Ok(shown["failures"][0]["error"].as_str().unwrap_or_default().to_owned())
}

stories! {
    async fn a_subject_with_a_control_character_is_not_published(app: App) {
        let error = held_because(app, "'diary/entries/' & $id", r"'diary/entries/\\u0000' & $id").await?;
        ensure!(error.contains("Event.Invalid") && error.contains("the subject has a control character"), "{error}");
        Ok(())
    }

    /// The check of the package sees only what stands there, not what an expression makes.
    async fn nobody_publishes_the_events_of_another_module(app: App) {
        let error = held_because(app, r#""type": "diary.noted""#, r#""type": "{% 'outings.trip.' & 'deleted' %}""#).await?;
        let why = "the manifest of diary does not say that it publishes outings.trip.deleted";
        ensure!(error.contains("Event.Invalid") && error.contains(why), "{error}");
        let events = app.events().await?;
        ensure!(!events.iter().any(|kind| kind == "outings.trip.deleted"), "{events:?}");
        Ok(())
    }

    /// Five times 500 entries, each list of which is fine alone.
    async fn a_commit_has_an_end(app: App) {
        let many = r#""Note": { "Type": "Pass", "Assign": { "n": 0 }, "Next": "Many" },
            "Many": { "Type": "Task", "Resource": "object.create", "Arguments": { "kind": "diary/entries",
              "data": "{% [1..500].{ 'trip': '1', 'what': 'much', 'to': 'Oslo' } %}" }, "Assign": { "n": "{% $n + 1 %}" }, "Next": "Enough" },
            "Enough": { "Type": "Choice", "Choices": [{ "Condition": "{% $n < 5 %}", "Next": "Many" }], "Default": "Done" },
            "Done": { "Type": "Pass", "Next": "One" },
            "One": { "Type""#;
        let error = held_because(app, r#""Note": { "Type""#, many).await?;
        ensure!(error.contains("Object.Refused") && error.contains("at most 2000 objects"), "{error}");
        Ok(())
    }

    /// One event of the log is lost, as after a repair by hand: what is held of it fails, and all others are heard.
    async fn a_held_event_that_is_not_in_the_log_is_in_nobodys_way(app: App) {
        let second = "  - { name: again, type: outings.trip.*, start: diary/note }\n";
        let twice = format!("{MANIFEST}{second}");
        installed(app, "/modules", &diary_of(&[(MANIFEST, &twice)])?).await?;
        let key = |name: &str| store::SubscriptionKey { company: "acme".to_owned(), module: "diary".to_owned(), name: name.to_owned() };
        let lost = key("again");
        let held = store::NewHeldEvent {
            seq: 9_999, subject: "outings/trips/lost".to_owned(), status: store::HeldStatus::Ready, attempts: 1, run_at: 0, error: None,
        };
        app.store.write(move |unit| {
            let (lost, held) = (lost.clone(), held.clone());
            Box::pin(async move { unit.hold_event(&lost, &held).await })
        }).await?;
        trip(app, "Oslo").await?;
        app.work().await?;
        ensure!(entries(app).await? == ["created Oslo", "created Oslo"], "{:?}", entries(app).await?);
        let known = app.store.read().await?.held_event(&key("again"), 9_999).await?;
        let error = known.as_ref().and_then(|known| known.error.clone()).unwrap_or_default();
        ensure!(known.is_some_and(|known| known.attempts == 2) && error.contains("is not in the log"), "{error}");
        let path = "/modules/diary/subscriptions/again/skip";
        let (status, answer) = app.call("ada", "POST", path, Some(&json!({ "seq": 9_999 }))).await?;
        ensure!(status == 200 && answer["held"] == 0, "{status} {answer}");
        Ok(())
    }

    /// Skipping waits for who delivers, so both cannot have their way with the same event.
    async fn skipping_and_trying_again_at_once_leave_nothing_half_done(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        trip(app, "Atlantis").await?;
        app.work().await?;
        let seq = subscription(app).await?["failures"][0]["seq"].clone();
        admin(app, "retry", &json!({ "seq": seq })).await?;
        let (hands, skip) = (app.hands(), json!({ "seq": seq }));
        let (delivered, skipped) = tokio::join!(hands.deliver_events(), admin(app, "skip", &skip));
        delivered?;
        skipped?;
        app.work().await?;
        let shown = subscription(app).await?;
        ensure!(shown["held"] == 0 && entries(app).await?.is_empty(), "{shown}");
        Ok(())
    }
}
