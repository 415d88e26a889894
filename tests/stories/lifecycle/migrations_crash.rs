//! An update with a migration, and a rollback of one, are stopped at every crash point: the module and its objects are
//! the old ones or the new ones, whole, and at the end they are what they would have been.

use super::migrations::{AFTER, BEFORE, MIGRATIONS, make, version};
use super::travel::{installed, standing};
use crate::support::{App, Database, hours};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use store::Crash;

const TOWNS: [&str; 4] = ["Bern", "Oslo", "Riga", "Rome"];

#[derive(Debug, Clone, Copy)]
enum Scenario {
    /// From 1.0.0 to 1.1.0.
    Update,
    /// From 1.1.0 back to 1.0.0; one trip was changed and one was made in between.
    Rollback,
}

impl Scenario {
    /// What is there before anything is stopped.
    async fn prepare(self, app: &App) -> Result<()> {
        installed(app, "/modules", &version("1.0.0", BEFORE, "")?).await?;
        let (first, last) = TOWNS.split_at(3);
        for town in first {
            make(app, json!({ "to": town, "days": 2 })).await?;
        }
        match self {
            Self::Update => make(app, json!({ "to": last[0], "days": 2 })).await.map(|_| ()),
            Self::Rollback => {
                installed(app, "/modules/travel/update", &version("1.1.0", AFTER, MIGRATIONS)?).await?;
                make(app, json!({ "destination": last[0], "days": 2 })).await?;
                let all = trips(app).await?;
                let oslo = all.iter().find(|trip| trip["data"]["destination"] == "Oslo").context("Oslo")?;
                let path = format!("/travel/trips/{}", oslo["id"].as_str().unwrap_or_default());
                let patch = json!({ "days": 5 });
                let (status, changed) =
                    app.call_with("eva", "PATCH", &path, Some(&patch), &[("If-Match", "*")]).await?;
                ensure!(status == 200, "{status} {changed}");
                Ok(())
            }
        }
    }

    /// What somebody does who tries again when there is no answer.
    async fn play(self, app: &App) -> Result<()> {
        if standing(app, "travel").await?.is_some_and(|(version, _)| version == self.end()) {
            return Ok(());
        }
        let (status, begun) = match self {
            Self::Update => {
                let bytes = version("1.1.0", AFTER, MIGRATIONS)?;
                app.upload("ada", "/modules/travel/update", &bytes, &[]).await?
            }
            Self::Rollback => app.call("ada", "POST", "/modules/travel/rollback", None).await?,
        };
        ensure!(status == 202, "{status} {begun}");
        app.work().await
    }

    fn end(self) -> &'static str {
        match self {
            Self::Update => "1.1.0",
            Self::Rollback => "1.0.0",
        }
    }
}

async fn trips(app: &App) -> Result<Vec<Value>> {
    let (status, list) = app.call("eva", "GET", "/travel/trips?sort=id", None).await?;
    ensure!(status == 200, "{status} {list}");
    Ok(list["items"].as_array().cloned().unwrap_or_default())
}

/// Every trip is one of the version that counts, and is found by what that version finds it by.
async fn whole(app: &App, scenario: Scenario) -> Result<()> {
    let (version, state) = standing(app, "travel").await?.context("the module is gone")?;
    ensure!(state == "enabled", "{state}");
    let field = if version == "1.1.0" { "destination" } else { "to" };
    let all = trips(app).await?;
    let mut towns: Vec<&str> = all.iter().filter_map(|trip| trip["data"][field].as_str()).collect();
    towns.sort_unstable();
    ensure!(towns == TOWNS, "under {version}: {all:?}");
    let days: i64 = all.iter().filter_map(|trip| trip["data"]["days"].as_i64()).sum();
    ensure!(days == if matches!(scenario, Scenario::Update) { 8 } else { 11 }, "{all:?}");
    let hours = all.iter().filter(|trip| trip["data"]["hours"].is_i64()).count();
    ensure!(hours == if version == "1.1.0" { 4 } else { 0 }, "under {version}: {all:?}");
    for town in TOWNS.iter().filter(|_| version == "1.1.0") {
        let path = format!("/travel/trips?filter[destination]={town}");
        let (_, list) = app.call("eva", "GET", &path, None).await?;
        ensure!(list["items"].as_array().is_some_and(|found| found.len() == 1), "{town}: {list}");
    }
    Ok(())
}

async fn with_crash_at(app: &mut App, scenario: Scenario, point: i64) -> Result<()> {
    app.restart_with(Crash::at(point)).await?;
    if scenario.play(app).await.is_ok() {
        return whole(app, scenario).await;
    }
    ensure!(app.crash.is_dead(), "it failed without a crash");
    app.restart().await?;
    // Before anything goes on: what counts is whole.
    whole(app, scenario).await.context("right after the crash")?;
    app.pass(hours(1)).await?;
    app.pass(60_000).await?;
    whole(app, scenario).await.context("some time after the crash")?;
    scenario.play(app).await?;
    whole(app, scenario).await
}

async fn matrix(scenario: Scenario, database: impl AsyncFn() -> Result<Database>) -> Result<()> {
    let mut app = App::on(database().await?).await?;
    scenario.prepare(&app).await?;
    app.restart().await?;
    scenario.play(&app).await?;
    let points = app.crash.passed();
    app.finish().await?;
    ensure!(points > 20, "only {points} crash points were passed");
    for point in (1..=points).step_by(super::crashes::step()) {
        let mut app = App::on(database().await?).await?;
        scenario.prepare(&app).await?;
        let played = with_crash_at(&mut app, scenario, point).await;
        played.with_context(|| format!("crash at point {point} of {points}"))?;
        let found = standing(&app, "travel").await?;
        ensure!(found == Some((scenario.end().to_owned(), "enabled".to_owned())), "crash at {point}: {found:?}");
        app.finish().await?;
    }
    println!(
        "{scenario:?} x {} of {points} crash points: all end alike",
        (1..=points).step_by(super::crashes::step()).count()
    );
    Ok(())
}

#[tokio::test]
async fn every_crash_point_of_an_update_with_a_migration_ends_alike_on_sqlite() -> Result<()> {
    matrix(Scenario::Update, async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_an_update_with_a_migration_ends_alike_on_postgres() -> Result<()> {
    matrix(Scenario::Update, async || Database::postgres().await).await
}

#[tokio::test]
async fn every_crash_point_of_a_rollback_with_a_migration_ends_alike_on_sqlite() -> Result<()> {
    matrix(Scenario::Rollback, async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_a_rollback_with_a_migration_ends_alike_on_postgres() -> Result<()> {
    matrix(Scenario::Rollback, async || Database::postgres().await).await
}
