//! Deadlines are parted among nodes: what one has in hand, another leaves alone.

use super::House;
use crate::support::{Database, days};
use anyhow::{Result, ensure};
use futures::FutureExt;
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::Notify;

async fn fire(store: &Store, limit: u32) -> Result<usize, StoreError> {
    store.write(move |unit| async move { unit.fire_due(limit).await }.boxed()).await
}

/// Fires some and does not commit before it is told to.
async fn fire_and_wait(store: Store, limit: u32, fired: Arc<Notify>, go_on: Arc<Notify>) -> Result<usize, StoreError> {
    let work = store.write(move |unit| {
        let (fired, go_on) = (fired.clone(), go_on.clone());
        async move {
            let count = unit.fire_due(limit).await?;
            fired.notify_one();
            go_on.notified().await;
            Ok(count)
        }
        .boxed()
    });
    work.await
}

#[tokio::test]
async fn what_one_node_has_in_hand_another_leaves_alone() -> Result<()> {
    let house = House::on(Database::postgres().await?).await?;
    let other = house.second().await?;
    let mut ids = Vec::new();
    for _ in 0..12 {
        ids.push(house.start("vote").await?.id);
    }
    house.clock.pass(days(1));
    let (fired, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let slow = tokio::spawn(fire_and_wait(house.store.clone(), 5, fired.clone(), go_on.clone()));
    fired.notified().await;
    ensure!(fire(&other, 100).await? == 7, "the others, without waiting for the five");
    ensure!(fire(&other, 100).await? == 0, "nothing is left for it");
    go_on.notify_one();
    ensure!(slow.await?? == 5);
    for id in &ids {
        let instance = house.instance(id).await?;
        ensure!(instance.status_name() == "failed" && instance.version == 3, "{id} is at {}", instance.version);
    }
    other.close().await;
    house.finish().await
}
