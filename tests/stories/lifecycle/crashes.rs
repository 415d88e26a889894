//! An installation and an update are stopped at every crash point, and end as if nothing had happened.

use super::travel::{package, sick, standing};
use crate::support::{App, Database, hours};
use anyhow::{Context, Result, ensure};
use store::Crash;

/// What happens, as somebody does it who tries again when there is no answer.
#[derive(Debug, Clone, Copy)]
enum Scenario {
    /// Install and update.
    Well,
    /// Install, and an update that is taken back because it is not well.
    Sick,
}

impl Scenario {
    async fn play(self, app: &App) -> Result<()> {
        change(app, "/modules", "1.0.0", package("travel", "1.0.0", "")?).await?;
        let update = match self {
            Self::Well => package("travel", "1.1.0", "")?,
            Self::Sick => sick("1.1.0")?,
        };
        change(app, "/modules/travel/update", "1.1.0", update).await
    }

    /// The version in which it ends.
    fn end(self) -> &'static str {
        match self {
            Self::Well => "1.1.0",
            Self::Sick => "1.0.0",
        }
    }
}

async fn change(app: &App, path: &str, version: &str, bytes: Vec<u8>) -> Result<()> {
    // Another life may have brought it further already.
    if standing(app, "travel").await?.is_some_and(|(known, _)| *known >= *version) {
        return Ok(());
    }
    let (status, planned) = app.upload("ada", &format!("{path}?plan=true"), &bytes, &[]).await?;
    ensure!(status == 200, "{status} {planned}");
    let consent = planned["plan"]["id"].as_str().unwrap_or_default();
    let (status, begun) = app.upload("ada", &format!("{path}?consent={consent}"), &bytes, &[]).await?;
    ensure!(status == 202, "{status} {begun}");
    app.work().await
}

async fn with_crash_at(app: &mut App, scenario: Scenario, point: i64) -> Result<()> {
    app.restart_with(Crash::at(point)).await?;
    if scenario.play(app).await.is_ok() {
        return Ok(());
    }
    ensure!(app.crash.is_dead(), "it failed without a crash");
    app.restart().await?;
    // What a lease held when the power went is free again after it has ended.
    app.pass(hours(1)).await?;
    // A step that came to nothing for so long is tried again after a second.
    app.pass(60_000).await?;
    // Nothing half done: the module is as it was before a change, or as it is after it.
    let between = standing(app, "travel").await?;
    ensure!(between.is_none_or(|(_, state)| state == "enabled"));
    scenario.play(app).await
}

async fn matrix(scenario: Scenario, database: impl AsyncFn() -> Result<Database>) -> Result<()> {
    let mut app = App::on(database().await?).await?;
    app.restart().await?;
    scenario.play(&app).await?;
    let points = app.crash.passed();
    app.finish().await?;
    ensure!(points > 30, "only {points} crash points were passed");
    for point in (1..=points).step_by(step()) {
        let mut app = App::on(database().await?).await?;
        with_crash_at(&mut app, scenario, point)
            .await
            .with_context(|| format!("crash at point {point} of {points}"))?;
        let found = standing(&app, "travel").await?;
        ensure!(found == Some((scenario.end().to_owned(), "enabled".to_owned())), "crash at {point}: {found:?}");
        app.finish().await?;
    }
    println!("{scenario:?} x {} of {points} crash points: all end alike", (1..=points).step_by(step()).count());
    Ok(())
}

/// As for the other scenarios: every point with `COUNTERSIGN_TEST_ALL_POINTS`.
pub(super) fn step() -> usize {
    let set = |name: &str| std::env::var_os(name).is_some();
    match (set("COUNTERSIGN_TEST_ALL_POINTS"), set("CI")) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 5,
    }
}

#[tokio::test]
async fn every_crash_point_of_an_installation_ends_alike_on_sqlite() -> Result<()> {
    matrix(Scenario::Well, async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_an_installation_ends_alike_on_postgres() -> Result<()> {
    matrix(Scenario::Well, async || Database::postgres().await).await
}

#[tokio::test]
async fn every_crash_point_of_an_update_that_fails_ends_as_before_on_sqlite() -> Result<()> {
    matrix(Scenario::Sick, async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_an_update_that_fails_ends_as_before_on_postgres() -> Result<()> {
    matrix(Scenario::Sick, async || Database::postgres().await).await
}
