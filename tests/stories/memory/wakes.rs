//! What one node commits wakes the others, on PostgreSQL; on SQLite there are no others.

use super::house::open;
use super::{House, memories};
use crate::support::Database;
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use sqlx::postgres::PgListener;
use std::time::Duration;
use store::Store;
use tokio::time::{sleep, timeout};

/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(20);

async fn listens(store: &Store) -> Result<()> {
    store.listen();
    let heard = async {
        while !store.wakes().hear_others() {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(PATIENCE, heard).await.context("it does not listen")?;
    // The bells that ring when it begins.
    rings(store).await
}

/// Waits for both bells.
async fn rings(store: &Store) -> Result<()> {
    let wakes = store.wakes();
    timeout(PATIENCE, futures::future::join(wakes.effects.notified(), wakes.deadlines.notified()))
        .await
        .map(drop)
        .context("the bells do not ring")
}

/// A commit that causes nothing for others to do.
async fn quiet(store: &Store) -> Result<()> {
    let published = store.write(|unit| async move { unit.next_number("acme", "quiet").await }.boxed());
    Ok(published.await.map(drop)?)
}

#[tokio::test]
async fn what_one_node_commits_rings_at_the_others() -> Result<()> {
    let house = House::on(Database::postgres().await?).await?;
    let other = open(&house.database.url, &house.clock).await?;
    listens(&other).await?;
    house.start("vote").await?;
    rings(&other).await?;
    other.close().await;
    house.finish().await
}

/// Whoever listens in hears one notification a transaction, however much it causes, and none for what causes nothing.
#[tokio::test]
async fn a_commit_that_causes_nothing_is_silent() -> Result<()> {
    let house = House::on(Database::postgres().await?).await?;
    let mut ear = PgListener::connect(&house.database.url).await?;
    let channel: String =
        sqlx::query_scalar("SELECT 'countersign_' || md5(current_schema())").fetch_one(&mut ear).await?;
    ear.listen(&channel).await?;
    quiet(&house.store).await?;
    house.start("vote").await?;
    quiet(&house.store).await?;
    house.start("work").await?;
    let mut heard = Vec::new();
    for _ in 0..2 {
        let notification = timeout(PATIENCE, ear.recv()).await.context("nothing is heard")??;
        heard.push(notification.payload().rsplit(' ').next().unwrap_or_default().to_owned());
    }
    // Three people are asked by a day; a task waits for nobody.
    ensure!(heard == ["ed", "e"], "{heard:?}");
    ensure!(ear.next_buffered().is_none());
    house.finish().await
}

/// The connection that listens is cut: it comes back, and the bells ring for what was missed.
#[tokio::test]
async fn after_a_cut_every_bell_rings() -> Result<()> {
    let house = House::on(Database::postgres().await?).await?;
    let name = format!("listening-{}", crate::support::database::unique());
    let other = open(&format!("{}&application_name={name}", house.database.url), &house.clock).await?;
    listens(&other).await?;
    let cut = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'");
    house.sql(&format!("{cut} AND query LIKE 'LISTEN%'")).await?;
    rings(&other).await?;
    house.start("vote").await?;
    rings(&other).await?;
    other.close().await;
    house.finish().await
}

memories! {
    /// On both databases: a node hears itself at once, and a store that stops ends its listening.
    async fn a_node_rings_for_itself(house: House) {
        house.store.listen();
        house.start("vote").await?;
        rings(&house.store).await
    }
}
