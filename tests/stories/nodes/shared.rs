//! Work that is parted among nodes: some answer, others work.

use super::{Cluster, first_effect, until};
use crate::stories::kill::people;
use crate::support::chance::Chance;
use anyhow::{Result, ensure};

const ANSWERS: &[&str] = &["serve", "--no-work"];
const WORKS: &[&str] = &["work"];

/// Two nodes answer, one works.
#[tokio::test]
async fn those_who_answer_leave_the_work_to_those_who_work() -> Result<()> {
    let mut cluster = Cluster::new().await?;
    let (world, url) = (cluster.world.clone(), cluster.service.database.url.clone());
    let faces: Vec<String> = cluster.nodes[..2].iter().map(|node| node.base.clone()).collect();
    world.doors.set(faces);
    for node in &mut cluster.nodes[..2] {
        node.start(&world, ANSWERS).await?;
    }
    world.submit("the-order", 10_000).await?;
    ensure!(first_effect(&url).await? == Some((0, "ready".to_owned())), "nobody is there to work");
    cluster.nodes[2].start(&world, WORKS).await?;
    until("nobody works", async || Ok(first_effect(&url).await? == Some((1, "done".to_owned())))).await?;
    let api = format!("{}/api/v1/acme/me", cluster.nodes[2].base);
    ensure!(world.http.get(api).bearer_auth(world.token("eva")).send().await?.status() == 404, "it only works");
    let clients = people::begin(&world, &mut Chance::from(Chance::seed()?));
    cluster.goes_on(20).await?;
    // Whoever answers does so while nobody works, and what was asked meanwhile is done afterwards.
    cluster.nodes[2].kill()?;
    world.submit("while-nobody-works", 10_000).await?;
    cluster.nodes[2].start(&world, WORKS).await?;
    cluster.proved(clients).await
}
