//! An installation and an update are stopped at every crash point, and end as if nothing had happened.

use super::travel::{package, standing};
use crate::support::{App, Database, hours};
use anyhow::{Context, Result, ensure};
use store::Crash;

/// Install and update, as somebody does who tries again when there is no answer.
async fn play(app: &App) -> Result<()> {
    change(app, "/modules", "1.0.0").await?;
    change(app, "/modules/travel/update", "1.1.0").await
}

async fn change(app: &App, path: &str, version: &str) -> Result<()> {
    // Another life may have brought it further already.
    if standing(app, "travel").await?.is_some_and(|(known, _)| *known >= *version) {
        return Ok(());
    }
    let bytes = package("travel", version, "")?;
    let (status, planned) = app.upload("ada", &format!("{path}?plan=true"), &bytes, &[]).await?;
    ensure!(status == 200, "{status} {planned}");
    let consent = planned["plan"]["id"].as_str().unwrap_or_default();
    let (status, begun) = app.upload("ada", &format!("{path}?consent={consent}"), &bytes, &[]).await?;
    ensure!(status == 202, "{status} {begun}");
    app.work().await
}

async fn with_crash_at(app: &mut App, point: i64) -> Result<()> {
    app.restart_with(Crash::at(point)).await?;
    if play(app).await.is_ok() {
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
    play(app).await
}

async fn matrix(database: impl AsyncFn() -> Result<Database>) -> Result<()> {
    let mut app = App::on(database().await?).await?;
    app.restart().await?;
    play(&app).await?;
    let points = app.crash.passed();
    app.finish().await?;
    ensure!(points > 30, "only {points} crash points were passed");
    for point in (1..=points).step_by(step()) {
        let mut app = App::on(database().await?).await?;
        with_crash_at(&mut app, point).await.with_context(|| format!("crash at point {point} of {points}"))?;
        let found = standing(&app, "travel").await?;
        ensure!(found == Some(("1.1.0".to_owned(), "enabled".to_owned())), "crash at {point}: {found:?}");
        app.finish().await?;
    }
    println!("{} of {points} crash points: all end updated", (1..=points).step_by(step()).count());
    Ok(())
}

/// As for the other scenarios: every point with `COUNTERSIGN_TEST_ALL_POINTS`.
fn step() -> usize {
    let set = |name: &str| std::env::var_os(name).is_some();
    match (set("COUNTERSIGN_TEST_ALL_POINTS"), set("CI")) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 5,
    }
}

#[tokio::test]
async fn every_crash_point_of_an_installation_ends_alike_on_sqlite() -> Result<()> {
    matrix(async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_an_installation_ends_alike_on_postgres() -> Result<()> {
    matrix(async || Database::postgres().await).await
}
