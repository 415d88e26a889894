//! Three nodes on one PostgreSQL: any of them dies, is cut off, is replaced, and the others go on. What was answered
//! stays, and nothing is done twice.
//!
//! The nodes are processes of the real program; the mail server, the wires and the clients are the test's.

mod balancer;
mod cut_off;
mod killed;
mod replaced;
mod shared;

use super::kill::people::{self, Clients, World};
use super::kill::{Service, closed_and_proved, proof};
use crate::support::Database;
use crate::support::chance::Chance;
use crate::support::process::{Process, Program, fixed_address};
use anyhow::{Context, Result, ensure};
use sqlx::{Connection, PgConnection};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(30);

/// A place for a node: its address stays the same over its lives.
struct Node {
    program: Program,
    base: String,
    process: Option<Process>,
}

impl Node {
    /// Starts it and waits until it is ready.
    async fn start(&mut self, world: &World, command: &[&str]) -> Result<()> {
        let mut process = self.program.start(command)?;
        process.ready(&world.http, &self.base).await?;
        self.process = Some(process);
        Ok(())
    }

    fn running(&mut self) -> Result<Process> {
        self.process.take().context("the node does not run")
    }

    fn kill(&mut self) -> Result<()> {
        self.running()?.kill()
    }

    async fn terminate(&mut self) -> Result<()> {
        let ended = self.running()?.terminate().await?;
        ensure!(ended.code == Some(0), "a node ended with {:?}\n{}", ended.code, ended.err);
        Ok(())
    }
}

/// The nodes with what they share.
struct Cluster {
    service: Service,
    world: Arc<World>,
    nodes: Vec<Node>,
}

impl Cluster {
    /// A furnished database and places for three nodes, none of which runs yet.
    async fn new() -> Result<Self> {
        let service = Service::new(Database::postgres().await?).await?;
        let world = service.furnished().await?;
        let nodes = (0..3).map(|_| place(&service.program)).collect::<Result<Vec<_>>>()?;
        world.doors.set(nodes.iter().map(|node| node.base.clone()).collect());
        Ok(Self { service, world, nodes })
    }

    async fn start_all(&mut self) -> Result<()> {
        for node in &mut self.nodes {
            node.start(&self.world, &["serve"]).await?;
        }
        Ok(())
    }

    /// Waits until so many more orders and decisions were answered well.
    async fn goes_on(&self, more: usize) -> Result<()> {
        let before = self.world.ledger().answered();
        self.world.until_answered_so_often(before + more).await
    }

    /// Every order ends well, the nodes end in order, and nothing is lost or doubled.
    async fn proved(mut self, clients: Clients) -> Result<()> {
        let (url, world) = (self.service.database.url.clone(), self.world.clone());
        let Clients { submitters, mut approvers } = clients;
        tokio::select! {
            proved = closed_and_proved(&url, &world, submitters) => proved?,
            Some(trouble) = approvers.join_next() => trouble??,
        }
        for node in &mut self.nodes {
            node.terminate().await?;
        }
        let mails = proof::of_mails(&self.world)?;
        let check = self.service.program.must(&["check", "--deep"]).await?;
        ensure!(check.contains(" 0 differences"), "{check}");
        println!("{}; {mails}; {}", self.world.ledger().summary(), check.trim());
        self.service.database.remove().await
    }
}

fn place(program: &Program) -> Result<Node> {
    let address = fixed_address()?;
    let base = format!("http://{address}");
    Ok(Node { program: program.clone().with("COUNTERSIGN_LISTEN", address), base, process: None })
}

/// Tells a story of three nodes under load, with its seed.
async fn under_load(
    mut cluster: Cluster,
    story: impl AsyncFnOnce(&mut Cluster, &mut Chance) -> Result<()>,
) -> Result<()> {
    let seed = Chance::seed()?;
    println!("COUNTERSIGN_TEST_SEED={seed}");
    let mut chance = Chance::from(seed);
    cluster.start_all().await?;
    let mut clients = people::begin(&cluster.world, &mut chance);
    tokio::select! {
        told = story(&mut cluster, &mut chance) => told.with_context(|| format!("seed {seed}"))?,
        Some(trouble) = clients.approvers.join_next() => trouble?.with_context(|| format!("seed {seed}"))?,
    }
    cluster.proved(clients).await.with_context(|| format!("seed {seed}"))
}

/// The claims and the status of the effect that was caused first.
async fn first_effect(url: &str) -> Result<Option<(i64, String)>> {
    let mut connection = PgConnection::connect(url).await?;
    let sql = "SELECT attempts, status FROM effect ORDER BY created_at, instance, version, n LIMIT 1";
    let row = sqlx::query_as(sql).fetch_optional(&mut connection).await?;
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
