//! Instances that are read ahead of the units that move them: what others did meanwhile is never lost.
//!
//! On PostgreSQL nothing is read ahead; the stories hold there as well.

use super::house::{decide, decide_about, open};
use super::{House, memories};
use crate::support::Database;
use anyhow::{Context, Result, ensure};
use futures::future::{join_all, try_join_all};
use store::{About, Store, StoreError};
use workflow::Rejected;

async fn ahead(store: &Store, id: &str) -> About {
    store.read_ahead("acme", id).await.map_or_else(|| About::instance("acme", id), About::Ahead)
}

memories! {
    async fn twenty_who_read_before_anybody_voted_are_all_counted(house: House) {
        house.people(20).await?;
        let other = house.second().await?;
        let id = house.start("vote").await?.id;
        let people: Vec<String> = (0..20).map(|n| format!("p{n}")).collect();
        let nodes = || [&house.store, &other].into_iter().cycle().zip(&people);
        let read = join_all(nodes().map(|(node, _)| ahead(node, &id))).await;
        let votes = nodes().zip(read).map(|((node, person), read)| decide_about(node, read, &id, person));
        try_join_all(votes).await?;
        let instance = house.instance(&id).await?;
        ensure!(instance.status_name() == "succeeded", "{}", instance.status_name());
        // It was started, the voters were found, twenty voted.
        ensure!(instance.version == 22, "{}", instance.version);
        Ok(())
    }

    /// The same button twice at the same moment.
    async fn a_vote_that_was_read_ahead_counts_once(house: House) {
        house.people(20).await?;
        let other = house.second().await?;
        let id = house.start("vote").await?.id;
        let (mut taken, mut repeated) = (0, 0);
        for n in 0..20 {
            let person = format!("p{n}");
            let read = [ahead(&house.store, &id).await, ahead(&other, &id).await];
            let votes = [&house.store, &other].into_iter().zip(read);
            for answer in join_all(votes.map(|(node, read)| decide_about(node, read, &id, &person))).await {
                match answer {
                    Ok(_) => taken += 1,
                    Err(StoreError::Rejected(Rejected::Repeated { .. })) => repeated += 1,
                    Err(error) => anyhow::bail!("{error}"),
                }
            }
        }
        ensure!((taken, repeated) == (20, 20), "{taken} taken, {repeated} repeated");
        Ok(())
    }
}

/// The process that read ahead does not know of what the other has committed; its transition has taken the version.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_process_did_to_the_same_file_is_seen() -> Result<()> {
    let house = House::on(Database::sqlite()?).await?;
    house.people(4).await?;
    let other = open(&house.database.url, &house.clock).await?;
    let ids = [house.start("vote").await?.id, house.start("vote").await?.id];
    let mut read = Vec::new();
    for id in &ids {
        read.push(house.store.read_ahead("acme", id).await.context("it is there")?);
        decide(&other, id, "p0").await?;
    }
    // The first alone, the second together with one that nobody else has moved.
    let third = house.start("vote").await?.id;
    let mut read = read.into_iter().map(About::Ahead);
    decide_about(&house.store, read.next().context("the first")?, &ids[0], "p1").await?;
    let together = [
        decide_about(&house.store, read.next().context("the second")?, &ids[1], "p1"),
        decide_about(&house.store, ahead(&house.store, &third).await, &third, "p1"),
    ];
    try_join_all(together).await?;
    let versions = try_join_all([&ids[0], &ids[1], &third].map(|id| house.instance(id))).await?;
    ensure!(versions.iter().map(|instance| instance.version).eq([4, 4, 3]), "two voted, two voted, one voted");
    other.close().await;
    house.finish().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_read_ahead_of_what_is_not_there() -> Result<()> {
    let house = House::on(Database::sqlite()?).await?;
    let id = house.start("vote").await?.id;
    ensure!(house.store.read_ahead("acme", &id).await.is_some());
    for (company, id) in [("acme", "none"), ("acme", "no\0ne"), ("other", id.as_str())] {
        ensure!(house.store.read_ahead(company, id).await.is_none(), "{company} {id}");
    }
    house.finish().await
}
