//! Timers: very many instances wait, some of them for the same second. How late is each told that its time has come?

use super::table::millis;
use crate::connections::Limits;
use crate::service::{Operation, Part, Service, Start};
use anyhow::{Result, ensure};
use futures::FutureExt;
use modules::Registry;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use store::{Company, NewInstance, Store};
use workflow::Actor;

const BENCH: &str = "bench";
const WAITS: &str = "bench/wait";
/// How many instances share a unit while they are prepared.
const BATCH: usize = 500;
/// How long the instances that are due wait: long enough to start them all.
const AHEAD_MS_EACH: i64 = 2;

/// How much is done.
#[derive(Debug, Clone)]
pub struct TimersPlan {
    /// `sqlite://...` or `postgres://...`, used for nothing else.
    pub database: String,
    /// How many wait for a year.
    pub open: usize,
    /// How many are due within one second.
    pub due: usize,
}

/// Runs the benchmark and prints its figures through `say`.
pub async fn run_timers(plan: TimersPlan, registry: Registry, say: impl Fn(String)) -> Result<()> {
    say("preparing ...".to_owned());
    let service = Service::start(Start {
        listen: ([127, 0, 0, 1], 0).into(),
        base_url: None,
        database: plan.database.clone(),
        smtp: None,
        mail_from: "bench@localhost".to_owned(),
        workers: 1,
        part: Part::Whole,
        drain: Duration::ZERO,
        archive: None,
        archive_after_days: None,
        limits: Limits::default(),
        operation: Operation::default(),
        registry,
    });
    let service = service.await?;
    let store = &service.store;
    furnish(store).await?;
    start(store, plan.open, |_| 31_536_000_000).await?;
    let lookup = lookup(store).await?;
    let (count, base) = (i64::try_from(plan.due)?, store.now_ms());
    let at = base + 2_000 + count * AHEAD_MS_EACH;
    let ids = start(store, plan.due, move |n| at + i64::try_from(n).unwrap_or(0) * 1_000 / count - base).await?;
    ensure!(store.now_ms() < at, "starting them took so long that some were due before; this machine is too slow");
    let mut late = lateness(store, &ids, at + 1_000).await?;
    service.stop().await;
    late.sort_unstable();
    let place = |percent: usize| {
        late.get((late.len() * percent / 100).min(late.len().saturating_sub(1))).copied().unwrap_or_default()
    };
    say(format!("{} instances wait, {} are due within a second", plan.open, plan.due));
    say(format!("looking for those that are due while none is: {:.3} ms", millis(lookup)));
    say(format!("told late by: p50 {} ms, p99 {} ms, at most {} ms", place(50), place(99), place(100)));
    Ok(())
}

fn definition() -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "Pause",
        "States": {
            "Pause": { "Type": "Wait", "Timestamp": "{% $fromMillis($states.input.until) %}", "Next": "Done" },
            "Done": { "Type": "Succeed" }
        }
    })
}

async fn furnish(store: &Store) -> Result<()> {
    let furnished = store.write(|unit| {
        async move {
            let company = Company { id: BENCH.to_owned(), name: "Bench".to_owned(), settings: json!({}) };
            unit.put_company(&company).await?;
            unit.save_definition(BENCH, WAITS, &definition()).await.map(|_| ())
        }
        .boxed()
    });
    Ok(furnished.await?)
}

/// Starts so many; the n-th waits so many milliseconds from the beginning on.
async fn start(
    store: &Store,
    count: usize,
    wait_ms: impl Fn(usize) -> i64 + Copy + Send + Sync + 'static,
) -> Result<Vec<String>> {
    let (mut ids, base) = (Vec::with_capacity(count), store.now_ms());
    for first in (0..count).step_by(BATCH) {
        let batch = store.write(move |unit| {
            async move {
                let mut ids = Vec::new();
                for n in first..(first + BATCH).min(count) {
                    let (company, definition) = (BENCH.to_owned(), WAITS.to_owned());
                    let input = json!({ "until": base + wait_ms(n) });
                    let new = NewInstance { company, definition, input, requester: None, subject: None };
                    ids.push(unit.start(Actor::System, new).await?.id);
                }
                Ok(ids)
            }
            .boxed()
        });
        ids.extend(batch.await?);
    }
    Ok(ids)
}

/// The median of looking for what is due.
async fn lookup(store: &Store) -> Result<Duration> {
    let (mut reader, mut times) = (store.read().await?, Vec::new());
    for _ in 0..200 {
        let started = Instant::now();
        ensure!(reader.due_instances(store.now_ms(), 128).await?.is_empty(), "nothing is due yet");
        times.push(started.elapsed());
    }
    times.sort_unstable();
    Ok(times.get(100).copied().unwrap_or_default())
}

/// Waits until all have moved, and reads how many milliseconds after its time each did.
async fn lateness(store: &Store, ids: &[String], last_ms: i64) -> Result<Vec<i64>> {
    while store.now_ms() <= last_ms || !store.read().await?.due_instances(store.now_ms(), 1).await?.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (mut reader, mut late) = (store.read().await?, Vec::with_capacity(ids.len()));
    for id in ids {
        let moved = reader.transitions(BENCH, id).await?;
        let due = moved.first().and_then(|first| match &first.event.kind {
            workflow::EventKind::Started { input, .. } => input.get("until").and_then(Value::as_i64),
            _ => None,
        });
        let fired = moved.get(1).map(|fired| fired.event.at);
        ensure!(moved.len() == 2, "{id} moved {} times", moved.len());
        late.extend(fired.zip(due).map(|(fired, due)| fired - due));
    }
    Ok(late)
}
