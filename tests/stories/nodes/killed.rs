//! `kill -9` of one node while the others work.

use super::{Cluster, first_effect, under_load, until};
use crate::support::smtp::Behaviour;
use anyhow::{Result, ensure};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How often a node is killed.
const KILLS: u64 = 8;

#[tokio::test]
async fn any_node_may_be_killed_at_any_time() -> Result<()> {
    under_load(Cluster::new().await?, async |cluster, chance| {
        for _ in 0..KILLS {
            sleep(chance.ms(20, 400)).await;
            let place = usize::try_from(chance.between(0, 2))?;
            cluster.nodes[place].kill()?;
            // Whoever knocked at the dead one asks the others.
            cluster.goes_on(3).await?;
            let world = cluster.world.clone();
            cluster.nodes[place].start(&world, &["serve"]).await?;
        }
        Ok(())
    })
    .await
}

/// The request to the manager is in the hands of a node that talks with a slow mail server. It dies; another one takes over
/// although nobody has told it.
#[tokio::test]
async fn what_a_dead_node_had_in_hand_is_done_by_another() -> Result<()> {
    let mut cluster = Cluster::new().await?;
    let (world, url) = (cluster.world.clone(), cluster.service.database.url.clone());
    world.smtp.set(Behaviour::Tarpit(Duration::from_secs(2))).await?;
    cluster.nodes[0].start(&world, &["serve"]).await?;
    world.submit("the-order", 10_000).await?;
    until("nobody claims", async || Ok(first_effect(&url).await?.is_some_and(|(claims, _)| claims == 1))).await?;
    for node in &mut cluster.nodes[1..] {
        node.start(&world, &["serve"]).await?;
    }
    ensure!(first_effect(&url).await? == Some((1, "ready".to_owned())), "it is still in hand");
    world.smtp.set(Behaviour::Accept).await?;
    cluster.nodes[0].kill()?;
    let killed = Instant::now();
    until("nobody takes over", async || Ok(first_effect(&url).await? == Some((2, "done".to_owned())))).await?;
    println!("done by another {} ms after the kill", killed.elapsed().as_millis());
    cluster.nodes[0].start(&world, &["serve"]).await?;
    ended_with_one_mail(cluster).await
}

/// The work takes twice as long as a lease. Its node renews the lease, so the others leave it alone.
#[tokio::test]
async fn an_effect_that_takes_longer_than_its_lease_is_done_once() -> Result<()> {
    let mut cluster = Cluster::new().await?;
    let (world, url) = (cluster.world.clone(), cluster.service.database.url.clone());
    cluster.start_all().await?;
    world.smtp.set(Behaviour::Tarpit(Duration::from_millis(1_300))).await?;
    world.submit("the-order", 10_000).await?;
    until("it is not done", async || Ok(first_effect(&url).await?.is_some_and(|(_, status)| status == "done"))).await?;
    ensure!(first_effect(&url).await? == Some((1, "done".to_owned())), "somebody took over what was in hand");
    world.smtp.set(Behaviour::Accept).await?;
    ended_with_one_mail(cluster).await
}

/// The nodes end well, the manager was mailed once, and everything fits.
async fn ended_with_one_mail(mut cluster: Cluster) -> Result<()> {
    for node in &mut cluster.nodes {
        node.terminate().await?;
    }
    let mails = cluster.world.smtp.mails_to("mira@acme.example");
    ensure!(!mails.is_empty() && mails.iter().all(|mail| mail.message_id == mails[0].message_id), "{}", mails.len());
    let check = cluster.service.program.must(&["check", "--deep"]).await?;
    ensure!(check.contains(" 0 differences"), "{check}");
    cluster.service.database.remove().await
}
