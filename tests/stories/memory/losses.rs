//! What is lost on the way: connections, transactions. Nothing that was acknowledged.

use super::House;
use super::house::{numbers, open, take_number};
use crate::support::Database;
use anyhow::{Context, Result, bail, ensure};
use futures::FutureExt;
use futures::future::join_all;
use serde_json::json;
use sqlx::{Connection, PgConnection};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use store::{Store, StoreError};
use tokio::time::{sleep, timeout};

/// How long the store may need to find its way back.
const BACK_WITHIN: Duration = Duration::from_secs(2);

/// A house whose sessions have a name of their own, and that name.
async fn named_house() -> Result<(House, String)> {
    let mut database = Database::postgres().await?;
    let name = format!("cut-{}", crate::support::database::unique());
    database.url = format!("{}&application_name={name}", database.url);
    Ok((House::on(database).await?, name))
}

/// Ends every session of that name, as an administrator or a restart does; how many there were.
async fn cut(house: &House, name: &str) -> Result<i64> {
    let (url, _) = house.database.url.split_once("&application_name").context("a URL with a name")?;
    let mut connection = PgConnection::connect(url).await?;
    let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
    let ended = sqlx::query_scalar(sql).bind(name).fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(ended)
}

/// Takes numbers until it is told to stop; those that were acknowledged, and how many were refused.
async fn take_numbers(store: Store, stop: Arc<AtomicBool>) -> Result<(Vec<i64>, usize)> {
    let (mut taken, mut refused) = (Vec::new(), 0);
    while !stop.load(Ordering::SeqCst) {
        match take_number(&store, false).await {
            Ok(number) => taken.push(number),
            Err(StoreError::Unavailable(_)) => refused += 1,
            Err(error) => bail!("{error}"),
        }
    }
    Ok((taken, refused))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_cut_loses_nothing_that_was_acknowledged() -> Result<()> {
    let (house, name) = named_house().await?;
    let stop = Arc::new(AtomicBool::new(false));
    let takers: Vec<_> = (0..8).map(|_| tokio::spawn(take_numbers(house.store.clone(), stop.clone()))).collect();
    for _ in 0..6 {
        sleep(Duration::from_millis(150)).await;
        ensure!(cut(&house, &name).await? > 0);
    }
    let begun = Instant::now();
    while take_number(&house.store, false).await.is_err() {
        ensure!(begun.elapsed() < BACK_WITHIN, "the store does not come back");
        sleep(Duration::from_millis(20)).await;
    }
    stop.store(true, Ordering::SeqCst);
    let (mut taken, mut refused) = (Vec::new(), 0);
    for taker in join_all(takers).await {
        let (mine, not) = taker??;
        taken.extend(mine);
        refused += not;
    }
    let kept = numbers(&mut house.reader().await?).await?;
    let known: HashSet<i64> = kept.iter().copied().collect();
    ensure!(known.len() == kept.len(), "a number was given twice");
    let lost: Vec<&i64> = taken.iter().filter(|number| !known.contains(number)).collect();
    ensure!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    ensure!(kept == (1..=i64::try_from(kept.len())?).collect::<Vec<_>>(), "the numbers have gaps");
    println!("{} acknowledged, {} kept, {refused} refused, 6 cuts", taken.len(), kept.len());
    ensure!(refused > 0 || taken.len() + 1 == kept.len());
    house.finish().await
}

/// A server that was restarted over night: whoever comes first in the morning does not notice.
#[tokio::test]
async fn a_connection_that_is_cut_while_idle_is_not_noticed() -> Result<()> {
    let (house, name) = named_house().await?;
    for expected in 1..=3 {
        ensure!(cut(&house, &name).await? > 0);
        ensure!(take_number(&house.store, false).await? == expected);
        ensure!(numbers(&mut house.reader().await?).await?.len() == usize::try_from(expected)?);
    }
    house.finish().await
}

/// A mail whose commit fails.
async fn doomed(store: &Store) -> Result<(), StoreError> {
    store.write(|unit| async move { unit.put_mail("acme", "doomed", "p0", &json!({})).await }.boxed()).await
}

/// From now on a commit fails if a mail is in it: a foreign key that is only looked at in the end.
async fn doom(house: &House) -> Result<()> {
    house.sql("CREATE TABLE known (id BIGINT PRIMARY KEY)").await?;
    house.sql("CREATE TABLE doom (id BIGINT REFERENCES known (id) DEFERRABLE INITIALLY DEFERRED)").await?;
    if house.is_sqlite() {
        return house.sql("CREATE TRIGGER doomed AFTER INSERT ON mail BEGIN INSERT INTO doom VALUES (1); END").await;
    }
    house.sql("CREATE FUNCTION doomed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO doom VALUES (1); RETURN NEW; END $$").await?;
    house.sql("CREATE TRIGGER doomed AFTER INSERT ON mail FOR EACH ROW EXECUTE FUNCTION doomed()").await
}

/// After a commit has failed nobody knows what the disk holds, so the store stops and says so, also to those who ask late.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_stops_the_store_on_sqlite() -> Result<()> {
    let mut house = House::on(Database::sqlite()?).await?;
    let early = house.store.clone();
    let early = tokio::spawn(async move { early.wakes().wait_stopped().await });
    doom(&house).await?;
    ensure!(take_number(&house.store, false).await? == 1 && !early.is_finished());
    let (before, failed, after) =
        tokio::join!(take_number(&house.store, false), doomed(&house.store), take_number(&house.store, false));
    ensure!(matches!(&failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    timeout(BACK_WITHIN, early).await.context("who waited before hears of it")??;
    timeout(BACK_WITHIN, house.store.wakes().wait_stopped()).await.context("who waits afterwards hears of it")?;
    let later = take_number(&house.store, false).await;
    ensure!(matches!(&later, Err(StoreError::Unavailable(why)) if why.contains("stopped")), "{later:?}");
    house.store = open(&house.database.url, &house.clock).await?;
    house.sql("DROP TRIGGER doomed").await?;
    let acknowledged = 1 + [&before, &after].into_iter().filter(|answer| answer.is_ok()).count();
    let kept = numbers(&mut house.reader().await?).await?.len();
    ensure!(kept == acknowledged, "{kept} kept, {acknowledged} acknowledged");
    ensure!(house.reader().await?.mails(1).await?.is_empty());
    ensure!(take_number(&house.store, false).await? == i64::try_from(kept)? + 1);
    house.finish().await
}

/// A full disk: SQLite rolls the whole transaction back in the middle of a unit. Nothing of the batch may be kept.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_sqlite_has_rolled_back_stops_the_store() -> Result<()> {
    let mut house = House::on(Database::sqlite()?).await?;
    house
        .sql("CREATE TRIGGER full BEFORE INSERT ON mail BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END")
        .await?;
    let (before, failed, after) =
        tokio::join!(take_number(&house.store, false), doomed(&house.store), take_number(&house.store, false));
    ensure!(matches!(&failed, Err(StoreError::Unavailable(why)) if why.contains("full")), "{failed:?}");
    timeout(BACK_WITHIN, house.store.wakes().wait_stopped()).await.context("the store stops")?;
    house.store = open(&house.database.url, &house.clock).await?;
    let acknowledged = [&before, &after].into_iter().filter(|answer| answer.is_ok()).count();
    ensure!(numbers(&mut house.reader().await?).await?.len() == acknowledged, "{before:?} {after:?}");
    house.finish().await
}

/// PostgreSQL says for sure that a commit has failed; the store goes on with a new connection.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_fails_is_got_over_on_postgres() -> Result<()> {
    let house = House::on(Database::postgres().await?).await?;
    doom(&house).await?;
    for _ in 0..3 {
        let failed = doomed(&house.store).await;
        ensure!(matches!(&failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    }
    ensure!(take_number(&house.store, false).await? == 1);
    ensure!(house.reader().await?.mails(1).await?.is_empty());
    house.finish().await
}

/// Nobody is told that a store has stopped that has not.
#[tokio::test]
async fn a_store_at_work_has_not_stopped() -> Result<()> {
    let house = House::on(Database::sqlite()?).await?;
    ensure!(
        timeout(Duration::from_millis(50), house.store.wakes().wait_stopped()).await.is_err(),
        "it has not stopped"
    );
    house.finish().await
}
