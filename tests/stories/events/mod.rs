//! Events that a module consumes: in order, once, over restarts and updates, and what becomes of those that it cannot take.

mod code;
mod crashes;
mod diary;
mod failures;
mod goods;
mod refused;

use super::lifecycle::travel::{change, installed};
use crate::support::{App, Database, stories};
use anyhow::ensure;
use diary::{admin, diary, entries, redirect, subscription, trip};
use serde_json::json;

stories! {
    async fn a_module_hears_what_others_publish(app: App) {
        trip(app, "Bergen").await?;
        installed(app, "/modules", &diary("", "")?).await?;
        let id = trip(app, "Oslo").await?;
        redirect(app, &id, "Rome").await?;
        app.work().await?;
        ensure!(entries(app).await? == ["created Oslo", "updated Rome"], "what was before is over: {:?}", entries(app).await?);
        let (_, entry) = app.call("eva", "GET", &format!("/diary/entries?filter[trip]={id}&limit=1"), None).await?;
        let path = format!("/diary/entries/{}/revisions", entry["items"][0]["id"].as_str().unwrap_or_default());
        let (_, revisions) = app.call("eva", "GET", &path, None).await?;
        ensure!(revisions["items"][0]["by"] == "module:diary", "{revisions}");
        let events = app.events().await?;
        ensure!(events.iter().filter(|kind| *kind == "diary.noted").count() == 2, "{events:?}");
        let shown = subscription(app).await?;
        ensure!(shown["lag"] == 0 && shown["state"] == "active" && shown["type"] == "outings.trip.*", "{shown}");
        Ok(())
    }

    async fn nobody_else_writes_what_a_module_writes(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let entry = json!({ "trip": "1", "what": "made up", "to": "Oslo" });
        let (status, refused) = app.call("ada", "POST", "/diary/entries", Some(&entry)).await?;
        ensure!(status == 403, "{status} {refused}");
        for path in ["/modules/diary/subscriptions", "/modules/nothing/subscriptions"] {
            let (status, _) = app.call("eva", "GET", path, None).await?;
            ensure!(status == 403, "{path}: {status}");
        }
        let (status, _) = app.call("ada", "GET", "/modules/nothing/subscriptions", None).await?;
        ensure!(status == 404, "{status}");
        Ok(())
    }

    async fn a_filter_says_which_events_are_wanted(app: App) {
        let filtered = diary("start: diary/note", "start: diary/note, filter: \"{% $event.data.data.to = 'Oslo' %}\"")?;
        installed(app, "/modules", &filtered).await?;
        for to in ["Oslo", "Rome", "Oslo"] {
            trip(app, to).await?;
        }
        app.work().await?;
        ensure!(entries(app).await? == ["created Oslo", "created Oslo"], "{:?}", entries(app).await?);
        ensure!(subscription(app).await?["lag"] == 0);
        Ok(())
    }

    async fn a_subscription_may_begin_with_the_first_event(app: App) {
        trip(app, "Oslo").await?;
        installed(app, "/modules", &diary("start: diary/note", "start: diary/note, from: beginning")?).await?;
        app.work().await?;
        ensure!(entries(app).await? == ["created Oslo"], "{:?}", entries(app).await?);
        Ok(())
    }

    /// It rests while its module is disabled, goes on where it was, and stays where it is over an update.
    async fn a_subscription_keeps_its_place(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        trip(app, "Oslo").await?;
        app.work().await?;
        change(app, "POST", "/modules/diary/disable").await?;
        trip(app, "Rome").await?;
        app.work().await?;
        let resting = subscription(app).await?;
        ensure!(resting["state"] == "resting" && resting["lag"].as_u64() >= Some(1), "{resting}");
        change(app, "POST", "/modules/diary/enable").await?;
        ensure!(entries(app).await? == ["created Oslo", "created Rome"], "{:?}", entries(app).await?);
        installed(app, "/modules/diary/update", &diary("1.0.0", "1.1.0")?).await?;
        trip(app, "Kiel").await?;
        app.work().await?;
        ensure!(entries(app).await? == ["created Oslo", "created Rome", "created Kiel"], "{:?}", entries(app).await?);
        Ok(())
    }

    async fn events_are_replayed_from_any_place(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let place = subscription(app).await?["position"].clone();
        for to in ["Oslo", "Rome"] {
            trip(app, to).await?;
        }
        app.work().await?;
        let end = subscription(app).await?["end"].as_u64().unwrap_or_default();
        let set = admin(app, "replay", &json!({ "after": place })).await?;
        ensure!(set["position"] == place && set["lag"].as_u64() > Some(0), "{set}");
        app.work().await?;
        ensure!(entries(app).await?.len() == 4, "{:?}", entries(app).await?);
        let (status, refused) =
            app.call("ada", "POST", "/modules/diary/subscriptions/trips/replay", Some(&json!({ "after": end + 9_999 }))).await?;
        ensure!(status == 422 && refused["errors"][0]["pointer"] == "/after", "{status} {refused}");
        let (status, _) =
            app.call("ada", "POST", "/modules/diary/subscriptions/boats/replay", Some(&json!({ "after": 0 }))).await?;
        ensure!(status == 404, "{status}");
        Ok(())
    }

    async fn the_api_gives_events_of_a_type(app: App) {
        let id = trip(app, "Oslo").await?;
        redirect(app, &id, "Rome").await?;
        let (_, all) = app.call("ada", "GET", "/events?type=outings.trip.*", None).await?;
        ensure!(all["items"].as_array().map(Vec::len) == Some(2), "{all}");
        let (_, some) = app.call("ada", "GET", "/events?type=outings.trip.updated&limit=1", None).await?;
        let event = &some["items"][0];
        ensure!(event["type"] == "outings.trip.updated" && event["specversion"] == "1.0", "{some}");
        for field in ["id", "source", "subject", "time", "datacontenttype", "data"] {
            ensure!(!event[field].is_null(), "{field}: {event}");
        }
        let next = some["next"].as_u64().unwrap_or_default();
        let (_, none) = app.call("ada", "GET", &format!("/events?type=outings.trip.updated&after={next}"), None).await?;
        ensure!(none["items"] == json!([]) && none["next"].as_u64() >= Some(next), "{none}");
        Ok(())
    }

    /// Both look at the same moment, and each event is handled once.
    async fn two_nodes_deliver_each_event_once(app: App) {
        installed(app, "/modules", &diary("", "")?).await?;
        let mut expected = Vec::new();
        for n in 0..20 {
            trip(app, &format!("Town {n}")).await?;
            expected.push(format!("created Town {n}"));
        }
        let node = app.node(&app.clock.clone()).await?;
        let (one, two) = tokio::join!(app.hands().deliver_events(), node.hands.deliver_events());
        ensure!(one? + two? >= 20);
        app.work().await?;
        ensure!(entries(app).await? == expected, "{:?}", entries(app).await?);
        Ok(())
    }
}
