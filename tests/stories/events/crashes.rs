//! An order that is sent, expected and received, stopped at every crash point: nothing is lost and nothing is there twice.

use super::goods::{all, only, package, receive, sent};
use crate::stories::lifecycle::travel::installed;
use crate::support::{App, Database, hours};
use anyhow::{Context, Result, ensure};
use store::Crash;

async fn play(app: &mut App) -> Result<()> {
    sent(app).await?;
    receive(app, "3", "first").await?;
    receive(app, "2", "second").await
}

async fn begun(database: Database) -> Result<App> {
    let mut app = App::on(database).await?;
    app.supplier("Nordwind").await?;
    installed(&app, "/modules", &package()?).await?;
    app.restart().await?;
    Ok(app)
}

async fn assert_counts(app: &App) -> Result<()> {
    let stock = only(app, "stock").await?;
    ensure!(stock["data"]["quantity"] == "5" && stock["revision"] == 2, "{stock}");
    let expected = only(app, "expected-receipts").await?;
    ensure!(expected["status"] == "received", "{expected}");
    ensure!(all(app, "receipts").await?.len() == 2);
    only(app, "items").await?;
    let told = app.events().await?;
    ensure!(told.iter().filter(|kind| *kind == "inventory.received").count() == 2, "{told:?}");
    Ok(())
}

async fn matrix(database: impl AsyncFn() -> Result<Database>) -> Result<()> {
    let mut app = begun(database().await?).await?;
    play(&mut app).await?;
    assert_counts(&app).await?;
    let points = app.crash.passed();
    app.finish().await?;
    ensure!(points > 50, "only {points} crash points were passed");
    for point in (1..=points).step_by(step()) {
        let mut app = begun(database().await?).await?;
        app.restart_with(Crash::at(point)).await?;
        if play(&mut app).await.is_err() {
            ensure!(app.crash.is_dead(), "it failed without a crash at {point} of {points}");
            app.restart().await?;
            app.pass(hours(1)).await?;
            play(&mut app).await.with_context(|| format!("crash at point {point} of {points}"))?;
        }
        assert_counts(&app).await.with_context(|| format!("crash at point {point} of {points}"))?;
        app.finish().await?;
    }
    println!("events x {} of {points} crash points: all end alike", (1..=points).step_by(step()).count());
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
async fn every_crash_point_between_order_and_stock_ends_alike_on_sqlite() -> Result<()> {
    matrix(async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_between_order_and_stock_ends_alike_on_postgres() -> Result<()> {
    matrix(async || Database::postgres().await).await
}
