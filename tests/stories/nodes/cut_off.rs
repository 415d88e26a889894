//! A node that is cut off from the database: it says so, the others go on, and it comes back by itself.

use super::{Cluster, PATIENCE, under_load};
use crate::support::wire::{Condition, Wire};
use anyhow::{Context, Result, ensure};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// How long a node that is cut off may think about a request. Its own bounds are shorter.
const ANSWERS_WITHIN: Duration = Duration::from_secs(25);

/// The last node reaches its database by a wire of its own.
async fn wired() -> Result<(Cluster, Wire)> {
    let mut cluster = Cluster::new().await?;
    let database = cluster.service.database.alike();
    let wire = Wire::to(database.address()?).await?;
    let node = &mut cluster.nodes[2];
    let url = database.through(&wire.address())?.url;
    node.program = node.program.clone().with("COUNTERSIGN_DATABASE", url);
    Ok((cluster, wire))
}

/// Every kind of request is answered with 503: it says that it cannot, and does not leave anybody waiting.
async fn says_that_it_cannot(cluster: &Cluster) -> Result<()> {
    let (world, door, begun) = (&cluster.world, &cluster.nodes[2].base, Instant::now());
    let http = reqwest::Client::new();
    let read = http.get(format!("{door}/api/v1/acme/purchasing/orders")).bearer_auth(world.token("eva"));
    let write = world.posting(door, "eva", "/purchasing/orders", "never-asked-again", &world.order_of(100));
    let write = write.timeout(ANSWERS_WITHIN);
    let health = http.get(format!("{door}/readyz"));
    let (read, write, health) =
        timeout(ANSWERS_WITHIN, async { tokio::try_join!(read.send(), write.send(), health.send()) })
            .await
            .context("a request is left waiting")??;
    println!("a node that is cut off has said so after {} ms", begun.elapsed().as_millis());
    for (what, answer) in [("read", read), ("write", write), ("health", health)] {
        ensure!(answer.status() == 503, "{what}: {}", answer.status());
    }
    Ok(())
}

async fn is_ready_again(base: &str) -> Result<()> {
    let (begun, http) = (Instant::now(), reqwest::Client::new());
    while !http.get(format!("{base}/readyz")).send().await.is_ok_and(|answer| answer.status() == 200) {
        ensure!(begun.elapsed() < PATIENCE, "it does not come back");
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn cut_off_and_let_back(condition: Condition) -> Result<()> {
    let (cluster, wire) = wired().await?;
    under_load(cluster, async |cluster, _| {
        cluster.goes_on(5).await?;
        wire.set(condition);
        tokio::try_join!(says_that_it_cannot(cluster), cluster.goes_on(10))?;
        wire.set(Condition::Sound);
        is_ready_again(&cluster.nodes[2].base).await?;
        cluster.goes_on(5).await
    })
    .await
}

#[tokio::test]
async fn a_node_whose_connections_are_reset_comes_back() -> Result<()> {
    cut_off_and_let_back(Condition::Cut).await
}

#[tokio::test]
async fn a_node_whose_network_swallows_everything_comes_back() -> Result<()> {
    cut_off_and_let_back(Condition::Dead).await
}
