//! Decisions over HTTP: a person approves, the approval closes, the workflow ends; durable before it is answered.

use super::disk::Probe;
use super::house::{Boss, COMPANY, Place, furnish, settle};
use super::table::{HEAD, Line};
use anyhow::Result;
use futures::FutureExt;
use modules::Registry;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{NewInstance, RawRows, Store, write_raw};
use workflow::Actor;

const NAME: &str = "bench/ask";

/// How much is decided.
#[derive(Debug, Clone)]
pub struct Decisions {
    /// Decisions of one client, one after the other.
    pub alone: usize,
    /// Decisions of many clients at once.
    pub together: usize,
    /// How many clients there are then.
    pub clients: usize,
}

/// Runs the benchmark and prints its table through `say`.
pub async fn decisions(place: Place, plan: Decisions, registry: Registry, say: impl Fn(String)) -> Result<()> {
    say("preparing ...".to_owned());
    let service = place.service(&registry, 1).await?;
    furnish(&service.store).await?;
    let ids = start(&service.store, plan.alone + plan.together).await?;
    settle(&service.store).await?;
    let (first, rest) = ids.split_at(plan.alone);
    let mut probe = Probe::new(&place.folder)?;
    let alone = alone(service.address, first, &place, &mut probe).await?;
    let together = together(service.address, rest, plan.clients, &place).await?;
    let rows = service.store.read().await?.raw_rows(COMPANY, ids.first().map_or("", String::as_str), 2).await?;
    service.stop().await;
    let raw = raw(&place, &rows, plan.together).await?;
    say(HEAD.to_owned());
    say(alone.row(raw));
    say(together.row(raw));
    say(alone.in_syncs(probe.median()?));
    Ok(())
}

fn definition() -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Ask",
        "States": {
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

async fn start(store: &Store, count: usize) -> Result<Vec<String>> {
    let saved = store.write(|unit| async move { unit.save_definition(COMPANY, NAME, &definition()).await }.boxed());
    saved.await?;
    let mut ids = Vec::with_capacity(count);
    for first in (0..count).step_by(500) {
        ids.extend(start_some(store, first..(first + 500).min(count)).await?);
    }
    Ok(ids)
}

async fn start_some(store: &Store, numbers: std::ops::Range<usize>) -> Result<Vec<String>> {
    let started = store.write(move |unit| {
        let numbers = numbers.clone();
        async move {
            let mut ids = Vec::with_capacity(numbers.len());
            for n in numbers {
                let (company, definition, input) = (COMPANY.to_owned(), NAME.to_owned(), json!({ "n": n }));
                let new = NewInstance { company, definition, input, requester: None, subject: None };
                ids.push(unit.start(Actor::System, new).await?.id);
            }
            Ok(ids)
        }
        .boxed()
    });
    Ok(started.await?)
}

/// One client, with a sync of the disk between two decisions.
async fn alone(address: SocketAddr, ids: &[String], place: &Place, probe: &mut Probe) -> Result<Line> {
    let mut boss = Boss::at(address).await?;
    let mut latencies = Vec::with_capacity(ids.len());
    for id in ids {
        let started = Instant::now();
        boss.approve(id).await?;
        latencies.push(started.elapsed());
        probe.sync()?;
    }
    let took = latencies.iter().sum();
    latencies.sort_unstable();
    let (work, database) = ("decision, alone".to_owned(), place.name());
    Ok(Line { work, clients: 1, database, count: ids.len(), took, latencies })
}

async fn together(address: SocketAddr, ids: &[String], clients: usize, place: &Place) -> Result<Line> {
    let started = Instant::now();
    let ids: Arc<Vec<String>> = Arc::new(ids.to_vec());
    let tasks: Vec<_> =
        (0..clients).map(|client| tokio::spawn(one_client(address, ids.clone(), client, clients))).collect();
    let mut latencies = Vec::with_capacity(ids.len());
    for task in tasks {
        latencies.extend(task.await??);
    }
    let took = started.elapsed();
    latencies.sort_unstable();
    let (work, database) = ("decisions, many at once".to_owned(), place.name());
    Ok(Line { work, clients, database, count: ids.len(), took, latencies })
}

async fn one_client(
    address: SocketAddr,
    ids: Arc<Vec<String>>,
    client: usize,
    clients: usize,
) -> Result<Vec<Duration>> {
    let mut boss = Boss::at(address).await?;
    let mut latencies = Vec::new();
    for id in ids.iter().skip(client).step_by(clients) {
        let started = Instant::now();
        boss.approve(id).await?;
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

/// Decisions a second that the database alone writes, in groups of 100.
#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rate for people")]
async fn raw(place: &Place, rows: &RawRows, count: usize) -> Result<f64> {
    let took = write_raw(&place.raw(), rows, count, 100).await?;
    Ok(count as f64 / took.decided.as_secs_f64())
}
