//! Nodes that are replaced one after the other, by the same program or by one that knows more: nobody's request fails.

use super::balancer::Balancer;
use super::{Cluster, under_load};
use anyhow::{Result, ensure};

/// What a newer program's migration would do: it adds.
const NEWER: [&str; 3] = [
    "ALTER TABLE instance ADD COLUMN colour TEXT",
    "CREATE TABLE paint (company TEXT NOT NULL PRIMARY KEY, colour TEXT NOT NULL)",
    "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
     SELECT max(version) + 1, 'colours', true, '\\x00', 0 FROM _sqlx_migrations",
];

/// Each node is asked to end, ends, and begins again; people go where the balancer sends them.
async fn one_after_the_other(cluster: &mut Cluster, between: &[&str]) -> Result<()> {
    let bases = cluster.nodes.iter().map(|node| node.base.clone()).collect();
    let _balancer = Balancer::before(bases, cluster.world.clone())?;
    let before = cluster.world.ledger().unanswered().len();
    for place in 0..3 {
        cluster.goes_on(3).await?;
        cluster.nodes[place].terminate().await?;
        if place == 0 {
            for statement in between {
                cluster.service.database.sql(statement).await?;
            }
        }
        let world = cluster.world.clone();
        cluster.nodes[place].start(&world, &["serve"]).await?;
    }
    cluster.goes_on(3).await?;
    let failed = cluster.world.ledger().unanswered().get(before..).unwrap_or_default().to_vec();
    ensure!(failed.is_empty(), "{} requests failed: {failed:?}", failed.len());
    // From here on nobody asks who is ready, but all are.
    cluster.world.doors.set(cluster.nodes.iter().map(|node| node.base.clone()).collect());
    Ok(())
}

/// The nodes answer for long enough after they were asked to end that a busy balancer has noticed.
async fn draining() -> Result<Cluster> {
    let mut cluster = Cluster::new().await?;
    for node in &mut cluster.nodes {
        node.program = node.program.clone().with("COUNTERSIGN_DRAIN_SECONDS", "3");
    }
    Ok(cluster)
}

#[tokio::test]
async fn a_rolling_restart_costs_nobody_a_request() -> Result<()> {
    under_load(draining().await?, async |cluster, _| one_after_the_other(cluster, &[]).await).await
}

/// The first node that was replaced has brought the schema further; the others go on with the program that they have, and
/// can be started again with it.
#[tokio::test]
async fn a_schema_that_grows_under_way_costs_nobody_a_request() -> Result<()> {
    under_load(draining().await?, async |cluster, _| one_after_the_other(cluster, &NEWER).await).await
}
