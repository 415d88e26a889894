//! The version fence: whoever is slower reads again, and every decision counts once.

use super::house::{decide, open};
use super::{House, memories};
use crate::support::Database;
use anyhow::{Result, ensure};
use futures::FutureExt;
use futures::future::{join_all, try_join_all};
use serde_json::json;
use std::collections::HashSet;
use store::{NewObject, Store, StoreError};
use workflow::{EventKind, Rejected};

/// How many of the answers were taken, and how many were told that they have decided before.
fn count(answers: &[Result<workflow::Instance, StoreError>]) -> Result<(usize, usize)> {
    let (mut taken, mut repeated) = (0, 0);
    for answer in answers {
        match answer {
            Ok(_) => taken += 1,
            Err(StoreError::Rejected(Rejected::Repeated { .. })) => repeated += 1,
            Err(error) => anyhow::bail!("{error}"),
        }
    }
    Ok((taken, repeated))
}

/// Sets the status of two objects, one after the other.
async fn set_both(store: &Store, ids: [&'static str; 2], status: String) -> Result<(), StoreError> {
    let work = store.write(move |unit| {
        let status = status.clone();
        async move {
            for id in ids {
                unit.set_object_status("acme", "test/things", id, &status).await?;
            }
            Ok(())
        }
        .boxed()
    });
    work.await
}

memories! {
    /// Two nodes, fifty people, four approvals, and everybody presses each button on both nodes at the same moment.
    async fn every_vote_counts_once(house: House) {
        house.people(50).await?;
        let other = house.second().await?;
        for _ in 0..4 {
            let id = house.start("vote").await?.id;
            let people: Vec<String> = (0..50).map(|n| format!("p{n}")).collect();
            let votes = people.iter().flat_map(|person| [decide(&house.store, &id, person), decide(&other, &id, person)]);
            let answers = join_all(votes).await;
            ensure!(count(&answers)? == (50, 50), "{:?}", count(&answers)?);
            let transitions = house.reader().await?.transitions("acme", &id).await?;
            let voted: Vec<&String> = transitions.iter().filter_map(|transition| match &transition.event.kind {
                EventKind::Voted { person, .. } => Some(person),
                _ => None,
            }).collect();
            ensure!(voted.len() == 50 && voted.iter().collect::<HashSet<_>>().len() == 50, "{}", voted.len());
            let instance = house.instance(&id).await?;
            let versions: Vec<u64> = transitions.iter().map(|transition| transition.version).collect();
            ensure!(versions == (1..=instance.version).collect::<Vec<_>>(), "{versions:?}");
            ensure!(instance.status_name() == "succeeded", "{}", instance.status_name());
        }
        Ok(())
    }

    /// Batches that lock instances in opposite order.
    async fn votes_on_many_instances_do_not_block_each_other(house: House) {
        house.people(20).await?;
        let other = house.second().await?;
        let (one, two) = (house.start("vote").await?.id, house.start("vote").await?.id);
        let people: Vec<String> = (0..20).map(|n| format!("p{n}")).collect();
        let votes = people.iter().flat_map(|person| {
            let here = [decide(&house.store, &one, person), decide(&house.store, &two, person)];
            let there = [decide(&other, &two, person), decide(&other, &one, person)];
            here.into_iter().chain(there)
        });
        let answers = join_all(votes).await;
        ensure!(count(&answers)? == (40, 40), "{:?}", count(&answers)?);
        for id in [one, two] {
            ensure!(house.instance(&id).await?.status_name() == "succeeded");
        }
        Ok(())
    }
}

/// Units that lock the same rows in opposite order: one is undone by PostgreSQL and run again, nobody hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlocks_are_run_again_on_postgres() -> Result<()> {
    let mut database = Database::postgres().await?;
    // A deadlock is looked for after a second otherwise.
    database.url = format!("{}%20-c%20deadlock_timeout%3D20ms", database.url);
    let house = House::on(database).await?;
    let other = open(&house.database.url, &house.clock).await?;
    for id in ["a", "b"] {
        let insert = house.store.write(move |unit| {
            let (kind, status, by) = ("test/things".to_owned(), "new".to_owned(), "p0".to_owned());
            let new = NewObject { kind, id: id.to_owned(), status, number: None, data: json!({}), by };
            async move { unit.insert_object("acme", &new).await.map(|_| ()) }.boxed()
        });
        insert.await?;
    }
    for round in 0..40 {
        let here = (0..3).map(|n| set_both(&house.store, ["a", "b"], format!("here {round} {n}")));
        let there = (0..3).map(|n| set_both(&other, ["b", "a"], format!("there {round} {n}")));
        try_join_all(here.map(FutureExt::boxed).chain(there.map(FutureExt::boxed))).await?;
        let mut reader = house.reader().await?;
        let (a, b) =
            (reader.object("acme", "test/things", "a").await?, reader.object("acme", "test/things", "b").await?);
        ensure!(a.status == b.status, "round {round}: {} and {}", a.status, b.status);
    }
    house.finish().await
}
