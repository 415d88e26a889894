//! Decisions over HTTP: a person approves, the approval closes, the workflow ends; durable before it is answered.

use super::disk::fdatasync_median;
use super::http::Client;
use super::table::{HEAD, Line, millis};
use crate::connections::Limits;
use crate::service::{Part, Service, Start};
use anyhow::Result;
use futures::FutureExt;
use modules::Registry;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{Company, NewInstance, Person, Store, raw_decisions};
use workflow::Actor;

const COMPANY: &str = "bench";
const TOKEN: &str = "a-token-that-only-this-benchmark-uses";

/// How much is done.
#[derive(Debug, Clone)]
pub struct Plan {
    /// `sqlite://...` in a folder that is used for nothing else, or `postgres://...`.
    pub database: String,
    /// The folder whose disk is measured.
    pub folder: PathBuf,
    /// Decisions of one client, one after the other.
    pub alone: usize,
    /// Decisions of many clients at once.
    pub together: usize,
    /// How many clients there are then.
    pub clients: usize,
}

/// Runs the benchmark and prints its table through `say`.
pub async fn run(plan: Plan, registry: Registry, say: impl Fn(String)) -> Result<()> {
    say("preparing ...".to_owned());
    let sync = fdatasync_median(&plan.folder, 400)?;
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
        registry,
    });
    let service = service.await?;
    furnish(&service.store).await?;
    let ids = start(&service.store, plan.alone + plan.together).await?;
    settle(&service.store).await?;
    let sample = sample(&service.store, &ids).await?;
    let (first, rest) = ids.split_at(plan.alone);
    let alone = decide(service.address, first, 1, "decision, alone").await?;
    let together = decide(service.address, rest, plan.clients, "decisions, many at once").await?;
    service.stop().await;
    let raw = raw(&plan, &sample, together.count).await?;
    say(format!("median fdatasync of 4 KiB: {:.2} ms", millis(sync)));
    say(HEAD.to_owned());
    say(alone.row(raw));
    say(together.row(raw));
    say(ratio(&alone, sync));
    Ok(())
}

#[expect(clippy::float_arithmetic, reason = "a ratio for people")]
fn ratio(alone: &Line, sync: Duration) -> String {
    let median = alone.percentile(50);
    format!("a decision alone takes {:.1} times the median fdatasync", median.as_secs_f64() / sync.as_secs_f64())
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

async fn furnish(store: &Store) -> Result<()> {
    let furnished = store.write(|unit| {
        async move {
            unit.put_company(&Company { id: COMPANY.to_owned(), name: "Bench".to_owned(), settings: json!({}) })
                .await?;
            let (id, name, email) = ("boss".to_owned(), "Boss".to_owned(), "boss@localhost".to_owned());
            let roles = vec!["admin".to_owned()];
            unit.put_person(COMPANY, &Person { id, name, email, manager: None, department: None, roles, active: true })
                .await?;
            unit.put_token(COMPANY, TOKEN, "boss", "bench").await?;
            unit.save_definition(COMPANY, "bench/ask", &definition()).await.map(|_| ())
        }
        .boxed()
    });
    Ok(furnished.await?)
}

async fn start(store: &Store, count: usize) -> Result<Vec<String>> {
    let mut ids = Vec::with_capacity(count);
    for first in (0..count).step_by(500) {
        let batch = store.write(move |unit| {
            async move {
                let mut ids = Vec::new();
                for n in first..(first + 500).min(count) {
                    let new = NewInstance {
                        company: COMPANY.to_owned(),
                        definition: "bench/ask".to_owned(),
                        input: json!({ "n": n }),
                        requester: None,
                        subject: None,
                    };
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

/// Waits until the mails of the requests are written, so that only decisions are measured.
async fn settle(store: &Store) -> Result<()> {
    while store.read().await?.open_effects().await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

async fn decide(address: SocketAddr, ids: &[String], clients: usize, work: &str) -> Result<Line> {
    let started = Instant::now();
    let ids: Arc<Vec<String>> = Arc::new(ids.to_vec());
    let tasks: Vec<_> =
        (0..clients).map(|client| tokio::spawn(one_client(address, ids.clone(), client, clients))).collect();
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    let took = started.elapsed();
    latencies.sort_unstable();
    Ok(Line { work: work.to_owned(), clients, count: ids.len(), took, latencies })
}

async fn one_client(
    address: SocketAddr,
    ids: Arc<Vec<String>>,
    client: usize,
    clients: usize,
) -> Result<Vec<Duration>> {
    let mut connection = Client::connect(address, TOKEN).await?;
    let mut latencies = Vec::new();
    for id in ids.iter().skip(client).step_by(clients) {
        let started = Instant::now();
        connection.post(&format!("/api/v1/{COMPANY}/instances/{id}/decisions"), r#"{"decision":"approve"}"#).await?;
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}

/// The texts of a decision's rows, as they are stored.
async fn sample(store: &Store, ids: &[String]) -> Result<[String; 3]> {
    let Some(id) = ids.first() else { return Ok(Default::default()) };
    let mut reader = store.read().await?;
    let (instance, _) = reader.instance(COMPANY, id).await?;
    let last = reader.transitions(COMPANY, id).await?.pop();
    let (event, entries) = last.map(|transition| (transition.event, transition.entries)).unzip();
    Ok([serde_json::to_string(&instance)?, serde_json::to_string(&event)?, serde_json::to_string(&entries)?])
}

/// Decisions a second that the database alone writes, in groups of 100.
#[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rate for people")]
async fn raw(plan: &Plan, [body, event, entries]: &[String; 3], count: usize) -> Result<f64> {
    let url = match plan.database.strip_prefix("sqlite://") {
        Some(_) => format!("sqlite://{}", plan.folder.join("raw.db").display()),
        None => plan.database.clone(),
    };
    let took = raw_decisions(&url, u32::try_from(count)?, 100, body, event, entries).await?;
    Ok(count as f64 / took.as_secs_f64())
}
