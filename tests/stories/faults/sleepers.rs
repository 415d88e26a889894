//! A node that falls asleep with an effect in its hands, for longer than its lease: another one takes the effect over, and
//! what the sleeper says after it has woken is refused.

use crate::stories::kill::Service;
use crate::support::Database;
use crate::support::process::{Process, fixed_address};
use crate::support::smtp::Behaviour;
use anyhow::{Context, Result, ensure};
use sqlx::{Connection, PgConnection};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(60);

/// The claims and the status of the only effect.
async fn effect(url: &str) -> Result<Option<(i64, String)>> {
    let mut connection = PgConnection::connect(url).await?;
    let row = sqlx::query_as("SELECT attempts, status FROM effect").fetch_optional(&mut connection).await?;
    connection.close().await?;
    Ok(row)
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !holds().await? {
        ensure!(begun.elapsed() < PATIENCE, "{what}");
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Another node on the same database, on a port of its own.
async fn another(service: &Service) -> Result<Process> {
    let address = fixed_address()?;
    let mut process = service.program.clone().with("COUNTERSIGN_LISTEN", &address).start(&["serve"])?;
    process.ready(&reqwest::Client::new(), &format!("http://{address}")).await?;
    Ok(process)
}

#[tokio::test]
async fn a_node_that_slept_longer_than_its_lease_is_refused() -> Result<()> {
    let service = Service::new(Database::postgres().await?).await?;
    let world = service.furnished().await?;
    let url = &service.database.url;
    // The sleeper has claimed the request to the manager and talks with a mail server that takes its time.
    world.smtp.set(Behaviour::Tarpit(Duration::from_millis(400))).await?;
    let sleeper = service.start(&world).await?;
    world.submit("the-order", 10_000).await?;
    until("nobody claims", async || Ok(effect(url).await?.is_some_and(|(claims, _)| claims == 1))).await?;
    sleeper.signal("STOP")?;
    ensure!(effect(url).await? == Some((1, "ready".to_owned())), "the effect is in the sleeper's hands");
    world.smtp.set(Behaviour::Accept).await?;
    let waking = another(&service).await?;
    until("nobody takes over", async || Ok(effect(url).await? == Some((2, "done".to_owned())))).await?;
    sleeper.signal("CONT")?;
    until("the sleeper is not refused", async || Ok(sleeper.err().contains("somebody else has taken over"))).await?;
    ensure!(effect(url).await? == Some((2, "done".to_owned())), "the late answer has changed nothing");
    let mails = world.smtp.mails_to("mira@acme.example");
    ensure!(mails.iter().all(|mail| mail.message_id == mails[0].message_id), "both sent the same mail");
    for process in [sleeper, waking] {
        ensure!(process.terminate().await?.code == Some(0), "a node did not end well");
    }
    let check = service.program.must(&["check", "--deep"]).await.context("the check")?;
    ensure!(check.contains(" 0 differences"), "{check}");
    service.database.remove().await
}
