//! Modules are installed, updated, set aside, taken out and rolled back while the service runs, and a stop at any moment
//! leaves the old or the new.

mod config;
mod crashes;
mod left_behind;
mod many;
mod measured;
mod migrations;
mod migrations_crash;
mod named;
mod needs;
mod purge;
mod secrets;
pub(crate) mod travel;
mod trust;

use crate::support::{App, Database, hours, stories};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use travel::{change, install, installed, package, sick, standing, trip};

fn is(found: Option<(String, String)>, version: &str, state: &str) -> bool {
    found.is_some_and(|(known, stands)| known == version && stands == state)
}

stories! {
    async fn an_upload_is_a_module_and_stays_one_after_a_restart(app: App) {
        ensure!(standing(app, "travel").await?.is_none());
        ensure!(trip(app, "travel").await?.0 == 404);
        let bytes = package("travel", "1.0.0", "")?;
        installed(app, "/modules", &bytes).await?;
        ensure!(is(standing(app, "travel").await?, "1.0.0", "enabled"));
        let (status, made) = trip(app, "travel").await?;
        ensure!(status == 201 && made["kind"] == "travel/trips", "{status} {made}");
        let (status, refused) = app.call("eva", "POST", "/travel/trips", Some(&json!({ "days": 3 }))).await?;
        ensure!(status == 422, "{status} {refused}");
        let (_, me) = app.call("eva", "GET", "/me", None).await?;
        ensure!(me["permissions"].as_array().is_some_and(|all| all.contains(&json!("travel.trips.create"))), "{me}");
        let (_, detail) = app.call("eva", "GET", "/modules/travel", None).await?;
        ensure!(detail["history"][0]["counts"] == true && detail["brings"]["collections"][0] == "trips", "{detail}");
        app.restart().await?;
        ensure!(trip(app, "travel").await?.0 == 201);
        Ok(())
    }

    async fn a_plan_changes_nothing_and_consent_is_to_what_was_shown(app: App) {
        let bytes = package("travel", "1.0.0", "")?;
        let (status, planned) = app.upload("ada", "/modules?plan=true", &bytes, &[]).await?;
        ensure!(status == 200 && planned["plan"]["consent"][0] == "requester may: Ask for trips (travel.trips.create)", "{planned}");
        ensure!(standing(app, "travel").await?.is_none());
        let (status, refused) = app.upload("ada", "/modules", &bytes, &[]).await?;
        ensure!(status == 409 && refused["code"] == "consent-needed", "{status} {refused}");
        let (status, refused) = app.upload("ada", "/modules?consent=0123", &bytes, &[]).await?;
        ensure!(status == 409 && refused["code"] == "plan-changed", "{status} {refused}");
        let (status, refused) = app.upload("eva", "/modules", &bytes, &[]).await?;
        ensure!(status == 403, "{status} {refused}");
        let (_, list) = app.call("ada", "GET", "/modules/travel", None).await?;
        ensure!(list["status"] == 404, "a refused package was kept: {list}");
        Ok(())
    }

    async fn of_two_who_change_at_once_the_second_is_told(app: App) {
        let (one, two) = (package("travel", "1.0.0", "")?, package("fleet", "1.0.0", "")?);
        let (status, begun) = install(app, "/modules", &one).await?;
        ensure!(status == 202, "{status} {begun}");
        let (status, refused) = install(app, "/modules", &two).await?;
        let detail = refused["detail"].as_str().unwrap_or_default();
        ensure!(status == 409 && refused["code"] == "change-under-way", "{status} {refused}");
        ensure!(detail.contains("ada has begun \"install travel 1.0.0\""), "{detail}");
        app.work().await?;
        installed(app, "/modules", &two).await?;
        ensure!(is(standing(app, "travel").await?, "1.0.0", "enabled") && is(standing(app, "fleet").await?, "1.0.0", "enabled"));
        Ok(())
    }

    async fn an_update_is_rolled_back_to_what_it_was(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let (_, before) = app.call("ada", "GET", "/modules", None).await?;
        installed(app, "/modules/travel/update", &package("travel", "1.1.0", "")?).await?;
        ensure!(is(standing(app, "travel").await?, "1.1.0", "enabled"));
        let (status, refused) = install_refused(app, "/modules/travel/update", &package("travel", "1.0.5", "")?).await?;
        ensure!(status == 409 && refused["code"] == "downgrade", "{status} {refused}");
        change(app, "POST", "/modules/travel/rollback").await?;
        ensure!(is(standing(app, "travel").await?, "1.0.0", "enabled"));
        let (_, after) = app.call("ada", "GET", "/modules", None).await?;
        ensure!(before["generation"] == after["generation"], "the same list counts again: {before} {after}");
        ensure!(trip(app, "travel").await?.0 == 201);
        Ok(())
    }

    async fn a_disabled_module_answers_with_a_sentence_and_keeps_its_data(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let (_, made) = trip(app, "travel").await?;
        let path = format!("/travel/trips/{}", made["id"].as_str().context("an id")?);
        change(app, "POST", "/modules/travel/disable").await?;
        for (method, path) in [("GET", path.as_str()), ("GET", "/travel/trips"), ("POST", "/travel/trips")] {
            let body = json!({ "to": "Oslo" });
            let (status, refused) = app.call("eva", method, path, (method == "POST").then_some(&body)).await?;
            ensure!(status == 409 && refused["code"] == "module-disabled", "{method} {path}: {status} {refused}");
        }
        let start = json!({ "definition": "travel/trip" });
        let (status, refused) = app.call("ada", "POST", "/instances", Some(&start)).await?;
        ensure!(status == 409 && refused["code"] == "module-disabled", "{status} {refused}");
        change(app, "POST", "/modules/travel/enable").await?;
        let (status, found) = app.call("eva", "GET", &path, None).await?;
        ensure!(status == 200 && found["data"]["to"] == "Oslo", "{status} {found}");
        change(app, "DELETE", "/modules/travel").await?;
        ensure!(app.call("eva", "GET", &path, None).await?.0 == 404);
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        ensure!(app.call("eva", "GET", &path, None).await?.0 == 200, "data is kept when a module is taken out");
        Ok(())
    }

    async fn workflows_that_run_are_refused_waited_for_or_cancelled(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let start = json!({ "definition": "travel/trip" });
        let (status, running) = app.call("ada", "POST", "/instances", Some(&start)).await?;
        ensure!(status == 201, "{status} {running}");
        let instance = running["instance"].as_str().context("an instance")?.to_owned();
        let (status, refused) = app.call("ada", "POST", "/modules/travel/rollback?plan=true", None).await?;
        ensure!(status == 409 && refused["code"] == "workflows-running", "{status} {refused}");
        let ended = change(app, "POST", "/modules/travel/disable").await?;
        ensure!(ended["status"] == "failed" && ended.to_string().contains("1 workflows of travel are under way"), "{ended}");
        ensure!(is(standing(app, "travel").await?, "1.0.0", "enabled"));

        let waiting = change(app, "POST", "/modules/travel/disable?running=wait").await?;
        ensure!(waiting["status"] == "running", "{waiting}");
        ensure!(is(standing(app, "travel").await?, "1.0.0", "draining"));
        let (status, refused) = trip(app, "travel").await?;
        ensure!(status == 409 && refused["code"] == "module-disabled", "{status} {refused}");
        let signal = json!({ "name": "back" });
        let (status, sent) = app.call("ada", "POST", &format!("/instances/{instance}/signals"), Some(&signal)).await?;
        ensure!(status == 200, "{status} {sent}");
        app.pass(hours(2)).await?;
        ensure!(is(standing(app, "travel").await?, "1.0.0", "disabled"));

        change(app, "POST", "/modules/travel/enable").await?;
        let (_, running) = app.call("ada", "POST", "/instances", Some(&start)).await?;
        let instance = running["instance"].as_str().context("an instance")?.to_owned();
        let ended = change(app, "DELETE", "/modules/travel?running=cancel").await?;
        ensure!(ended["status"] == "succeeded", "{ended}");
        let (_, cancelled) = app.call("ada", "GET", &format!("/instances/{instance}"), None).await?;
        ensure!(cancelled["status"] == "cancelled", "{cancelled}");
        ensure!(standing(app, "travel").await?.is_none());
        Ok(())
    }

    async fn more_workflows_than_one_commit_takes_are_cancelled(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let start = json!({ "definition": "travel/trip" });
        for _ in 0..230 {
            let (status, running) = app.call("ada", "POST", "/instances", Some(&start)).await?;
            ensure!(status == 201, "{status} {running}");
        }
        let begun = change(app, "POST", "/modules/travel/disable?running=cancel").await?;
        ensure!(begun["status"] == "running", "a hundred at once, and more a second later: {begun}");
        for _ in 0..2 {
            app.pass(2_000).await?;
        }
        ensure!(is(standing(app, "travel").await?, "1.0.0", "disabled"));
        Ok(())
    }

    /// Cancelled, it would leave what it has done so far.
    async fn a_change_is_not_cancelled(app: App) {
        let (status, begun) = install(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        ensure!(status == 202, "{status} {begun}");
        let path = format!("/instances/{}/cancel", begun["instance"].as_str().context("an instance")?);
        let (status, refused) = app.call("ada", "POST", &path, Some(&json!({ "reason": "too slow" }))).await?;
        ensure!(status == 409 && refused["code"] == "change-of-modules", "{status} {refused}");
        app.work().await?;
        ensure!(is(standing(app, "travel").await?, "1.0.0", "enabled"));
        Ok(())
    }

    /// Its workflow names code that nobody has, which shows when the new list is looked at as a whole.
    async fn what_is_not_well_is_taken_back_step_by_step(app: App) {
        installed(app, "/modules", &package("travel", "1.0.0", "")?).await?;
        let (_, before) = app.call("ada", "GET", "/modules", None).await?;
        let sick = sick("1.1.0")?;
        let (status, begun) = install(app, "/modules/travel/update", &sick).await?;
        ensure!(status == 202, "{status} {begun}");
        app.work().await?;
        let path = format!("/instances/{}", begun["instance"].as_str().context("an instance")?);
        let (_, ended) = app.call("ada", "GET", &path, None).await?;
        let cause = ended["error"]["cause"].as_str().unwrap_or_default();
        ensure!(ended["error"]["error"] == "Module.RolledBack", "{ended}");
        ensure!(cause.contains("there is no code named fleet.reserve"), "{cause}");
        ensure!(cause.ends_with("(undone: convert, stage)"), "{cause}");
        let (_, after) = app.call("ada", "GET", "/modules", None).await?;
        ensure!(before["generation"] == after["generation"] && before["items"] == after["items"], "{before} {after}");
        let (_, definitions) = app.call("ada", "GET", "/definitions", None).await?;
        let trips = definitions["items"].as_array().into_iter().flatten().find(|item| item["name"] == "travel/trip");
        let version = trips.and_then(|trips| trips["version"].as_u64()).unwrap_or_default();
        let (_, latest) = app.call("ada", "GET", &format!("/definitions/travel%2Ftrip/{version}"), None).await?;
        ensure!(latest.to_string().contains("signal.wait"), "the old workflow is the latest again: {latest}");
        // And the next change goes well.
        installed(app, "/modules/travel/update", &package("travel", "1.2.0", "")?).await?;
        ensure!(is(standing(app, "travel").await?, "1.2.0", "enabled"));
        Ok(())
    }

    async fn what_is_no_package_is_refused_and_nothing_changes(app: App) {
        let (_, before) = app.call("ada", "GET", "/modules", None).await?;
        let whole = package("travel", "1.0.0", "")?;
        let half = whole.get(..whole.len() / 2).unwrap_or_default();
        for bytes in [half, b"not a package".as_slice(), b"".as_slice()] {
            let (status, refused) = app.upload("ada", "/modules", bytes, &[]).await?;
            ensure!((400..500).contains(&status), "{status} {refused}");
        }
        let broken = travel::packed(&[("module.yaml", travel::manifest("travel", "1.0", ""))])?;
        let (status, refused) = app.upload("ada", "/modules", &broken, &[]).await?;
        ensure!(status == 422 && refused["errors"][0]["line"].is_u64(), "{status} {refused}");
        let stolen = package("purchasing", "9.0.0", "")?;
        let (status, refused) = app.upload("ada", "/modules/purchasing/update", &stolen, &[]).await?;
        ensure!(status == 409, "{status} {refused}");
        let (_, after) = app.call("ada", "GET", "/modules", None).await?;
        ensure!(before == after, "{before} {after}");
        Ok(())
    }

    /// The tasks of the lifecycle are the lifecycle's own.
    async fn nobody_else_does_what_only_a_change_may(app: App) {
        let thief = json!({ "StartAt": "A", "QueryLanguage": "JSONata", "States": { "A": { "Type": "Task",
            "Resource": "module.activate", "Arguments": { "from": 0, "to": 7 }, "End": true } } });
        let body = json!({ "name": "house/thief", "definition": thief });
        let (status, refused) = app.call("ada", "PUT", "/definitions", Some(&body)).await?;
        ensure!(status == 422, "{status} {refused}");
        Ok(())
    }
}

async fn install_refused(app: &App, path: &str, bytes: &[u8]) -> anyhow::Result<(u16, Value)> {
    app.upload("ada", &format!("{path}?plan=true"), bytes, &[]).await
}
