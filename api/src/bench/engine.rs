//! Whole workflows over HTTP: an instance is started, three tasks do nothing, somebody approves from outside, it ends.
//! Every step is durable before it is answered.

use super::disk::Probe;
use super::house::{Boss, COMPANY, Place, furnish, settle};
use super::prefill::prefill;
use super::rounds::rounds;
use super::table::{HEAD, Line, millis};
use crate::service::Service;
use anyhow::{Result, ensure};
use futures::FutureExt;
use futures::future::try_join_all;
use modules::Registry;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use store::{RawRows, write_raw};

pub(super) const NAME: &str = "bench/work";
/// The events of a start: it is started, three tasks end, the approver is found.
const STARTED: u64 = 5;

/// Commits of a single approval, for comparison.
const ALONE: u32 = 300;

/// How much is done.
#[derive(Debug, Clone)]
pub struct Engine {
    /// Workflows of one client, one after the other.
    pub alone: usize,
    /// Workflows of many clients at once.
    pub together: usize,
    /// How many clients there are then.
    pub clients: usize,
    /// How many workers each node has, who send the requests meanwhile.
    pub workers: usize,
    /// How many nodes share the database and the clients.
    pub nodes: usize,
    /// How many instances are open before anything is measured.
    pub open: usize,
    /// How many rounds a single long instance makes.
    pub rounds: usize,
}

/// Runs the benchmark and prints its table through `say`.
pub async fn engine(place: Place, plan: Engine, registry: Registry, say: impl Fn(String)) -> Result<()> {
    ensure!(plan.nodes == 1 || !place.is_sqlite(), "on SQLite there is one node");
    prefill(&place, &registry, plan.open, &say).await?;
    let services = try_join_all((0..plan.nodes.max(1)).map(|_| place.service(&registry, plan.workers))).await?;
    let addresses: Vec<SocketAddr> = services.iter().map(|service| service.address).collect();
    let lines = measured(&place, &plan, &services, &addresses).await?;
    say(format!("{} nodes, {} workers each, {} open instances before", services.len(), plan.workers, plan.open));
    for service in services {
        service.stop().await;
    }
    let raw = raw(&place, &lines.rows, plan.together).await?;
    say(HEAD.to_owned());
    lines.alone.iter().chain([&lines.together]).chain(&lines.rounds).for_each(|line| say(line.row(raw)));
    lines.alone.iter().for_each(|line| say(line.in_syncs(lines.sync)));
    say(raw_alone(&place, &lines.rows, lines.sync).await?);
    Ok(())
}

/// What was measured.
struct Lines {
    alone: [Line; 3],
    together: Line,
    rounds: Vec<Line>,
    sync: Duration,
    rows: RawRows,
}

async fn measured(place: &Place, plan: &Engine, services: &[Service], addresses: &[SocketAddr]) -> Result<Lines> {
    let Some(first) = services.first() else { anyhow::bail!("there is no node") };
    furnish(&first.store).await?;
    let mut boss = Boss::at(first.address).await?;
    boss.save(NAME, &definition()).await?;
    let mut probe = Probe::new(&place.folder)?;
    let (alone, last) = alone(&mut boss, place, plan.alone, &mut probe).await?;
    let rows = first.store.read().await?.raw_rows(COMPANY, &last, STARTED).await?;
    rest(&first.store, plan.workers).await?;
    let together = together(place, plan, addresses).await?;
    rest(&first.store, plan.workers).await?;
    let rounds = rounds(&mut boss, place, plan.rounds).await?;
    Ok(Lines { alone, together, rounds, sync: probe.median()?, rows })
}

/// Waits for the workers, or does as if they had worked.
async fn rest(store: &store::Store, workers: usize) -> Result<()> {
    if workers == 0 {
        store.write(|unit| async move { unit.retire_effects().await }.boxed()).await?;
    }
    settle(store).await
}

pub(super) fn definition() -> Value {
    let task = |next: &str| {
        let arguments = json!({ "n": "{% $states.input.n %}" });
        json!({ "Type": "Task", "Resource": "task.echo", "Arguments": arguments, "Next": next })
    };
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "One",
        "States": {
            "One": task("Two"),
            "Two": task("Three"),
            "Three": task("Ask"),
            "Ask": {
                "Type": "Approval",
                "Title": "{% 'Request ' & $string($states.input.n) %}",
                "Groups": [{ "Name": "one", "From": [{ "User": "boss" }] }],
                "Outcomes": { "approved": { "Next": "Yes" }, "rejected": { "Next": "No" } }
            },
            "Yes": { "Type": "Succeed" },
            "No": { "Type": "Succeed" }
        }
    })
}

/// One client, with a sync of the disk after each answer; and the last instance.
async fn alone(boss: &mut Boss, place: &Place, count: usize, probe: &mut Probe) -> Result<([Line; 3], String)> {
    let (mut starts, mut approvals, mut last) = (Vec::new(), Vec::new(), String::new());
    for n in 0..count {
        let began = Instant::now();
        last = boss.start(NAME, &json!({ "n": n })).await?;
        starts.push(began.elapsed());
        probe.sync()?;
        let began = Instant::now();
        boss.approve(&last).await?;
        approvals.push(began.elapsed());
        probe.sync()?;
    }
    let whole = starts.iter().zip(&approvals).map(|(start, approval)| *start + *approval).collect();
    let lines = [("start", starts), ("approval to durable next step", approvals), ("whole workflow", whole)];
    let line = |(work, mut latencies): (&str, Vec<Duration>)| {
        let took = latencies.iter().sum();
        latencies.sort_unstable();
        Line { work: work.to_owned(), clients: 1, database: place.name(), count, took, latencies }
    };
    Ok((lines.map(line), last))
}

async fn together(place: &Place, plan: &Engine, addresses: &[SocketAddr]) -> Result<Line> {
    let left = Arc::new(AtomicUsize::new(plan.together));
    let began = Instant::now();
    let clients = addresses.iter().cycle().take(plan.clients);
    let tasks: Vec<_> = clients.map(|address| tokio::spawn(one_client(*address, left.clone()))).collect();
    let mut latencies = Vec::with_capacity(plan.together);
    for task in tasks {
        latencies.extend(task.await??);
    }
    let took = began.elapsed();
    latencies.sort_unstable();
    let (work, count) = (format!("whole workflows on {} nodes", addresses.len()), latencies.len());
    Ok(Line { work, clients: plan.clients, database: place.name(), count, took, latencies })
}

async fn one_client(address: SocketAddr, left: Arc<AtomicUsize>) -> Result<Vec<Duration>> {
    let mut boss = Boss::at(address).await?;
    let mut latencies = Vec::new();
    while let Ok(n) = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)) {
        let began = Instant::now();
        let id = boss.start(NAME, &json!({ "n": n })).await?;
        let stands = boss.approve(&id).await?;
        latencies.push(began.elapsed());
        ensure!(stands["status"] == "succeeded", "{stands}");
    }
    Ok(latencies)
}

/// Whole workflows a second that the database alone writes, in groups of 100.
#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rate for people")]
async fn raw(place: &Place, rows: &RawRows, count: usize) -> Result<f64> {
    let took = write_raw(&place.raw(), rows, count, 100).await?;
    Ok(count as f64 / (took.started + took.decided).as_secs_f64())
}

/// What the database alone takes for the rows of one approval, in a commit of their own.
#[expect(clippy::float_arithmetic, reason = "a ratio for people")]
async fn raw_alone(place: &Place, rows: &RawRows, sync: Duration) -> Result<String> {
    let took = write_raw(&place.raw(), rows, ALONE as usize, 1).await?.decided / ALONE;
    let syncs = took.as_secs_f64() / sync.as_secs_f64();
    Ok(format!(
        "the rows of an approval, by the database alone: {:.2} ms, {syncs:.1} times the fdatasync",
        millis(took)
    ))
}
