//! Another process holds SQLite's lock for writing for longer than anybody waits.

use super::House;
use super::house::take_number;
use crate::support::Database;
use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use sqlx::{Connection, SqliteConnection};
use store::StoreError;

/// Each is told, alone or together with others, nothing is stored, and once the lock is free all goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_held_is_told_and_survived() -> Result<()> {
    let house = House::on(Database::sqlite()?).await?;
    let path = house.database.url.strip_prefix("sqlite://").context("a file")?;
    let mut other = SqliteConnection::connect(path).await?;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await?;
    let alone = take_number(&house.store, false).await;
    ensure!(matches!(alone, Err(StoreError::Unavailable(_))), "{alone:?}");
    let together = join_all((0..20).map(|_| take_number(&house.store, false))).await;
    for told in together {
        ensure!(matches!(told, Err(StoreError::Unavailable(_))), "{told:?}");
    }
    sqlx::query("ROLLBACK").execute(&mut other).await?;
    ensure!(take_number(&house.store, false).await? == 1, "nothing was stored while the lock was held");
    other.close().await?;
    house.finish().await
}
