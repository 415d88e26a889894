//! Everything that `/metrics` tells.

use super::text::{Text, micros};
use crate::state::AppState;
use modules::{Limit, Meter, Part, Status};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use store::{StoreError, Waiting};

/// How long the database may take. Whoever collects waits for ten seconds or so.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the database says.
struct Stored {
    took: Duration,
    waiting: Vec<Waiting>,
    open_effects: u64,
}

pub(super) async fn all(state: &AppState) -> String {
    let stored = tokio::time::timeout(PATIENCE, stored(state)).await;
    let stored = match stored {
        Ok(Ok(stored)) => Some(stored),
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics are told without what the database says");
            None
        }
        Err(_) => None,
    };
    let mut text = Text::default();
    process(state, &mut text);
    requests(state, &mut text);
    modules(state, stored.as_ref(), &mut text);
    effects(state, stored.as_ref(), &mut text);
    database(state, stored.as_ref(), &mut text);
    text.end()
}

async fn stored(state: &AppState) -> Result<Stored, StoreError> {
    let begun = Instant::now();
    let mut reader = state.store.read().await?;
    let (waiting, open_effects) = (reader.waiting_tasks().await?, reader.open_effects().await?);
    Ok(Stored { took: begun.elapsed(), waiting, open_effects })
}

fn process(state: &AppState, text: &mut Text) {
    text.family("countersign_build_info", "gauge", "The version that runs.");
    text.sample("countersign_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let draining = u8::from(state.draining.load(Ordering::SeqCst));
    text.single("countersign_draining", "gauge", "Whether the node is about to stop.", draining);
    if let Some(bytes) = resident_bytes() {
        let help = "Memory that the process holds.";
        text.single("process_resident_memory_bytes", "gauge", help, bytes);
    }
    let (known, read) = state.registry.packages_read();
    text.single("countersign_packages_known", "gauge", "Packages that companies have.", known);
    text.single("countersign_packages_read", "gauge", "Of these, those whose files are in memory.", read);
}

/// Linux says how many pages a process holds; elsewhere it is not told. A page has 4 KiB wherever we build for.
fn resident_bytes() -> Option<u64> {
    let said = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(said.split_whitespace().nth(1)?.parse::<u64>().ok()? * 4_096)
}

fn requests(state: &AppState, text: &mut Text) {
    let name = "countersign_request_duration_seconds";
    text.family(name, "histogram", "Requests that were answered, by route.");
    for ((method, route, status), durations) in state.traffic.all() {
        let status = status.to_string();
        text.histogram(name, &[("method", method), ("route", &route), ("status", &status)], &durations);
    }
}

fn modules(state: &AppState, stored: Option<&Stored>, text: &mut Text) {
    let meters = state.registry.watch().all();
    let each = |text: &mut Text, name: &str, kind: &str, help: &str, value: &dyn Fn(&Meter) -> u64| {
        text.family(name, kind, help);
        meters.iter().for_each(|meter| text.sample(name, &labels(meter), value(meter)));
    };
    text.family("countersign_module_request_duration_seconds", "histogram", "Requests under a module's paths.");
    for meter in &meters {
        let durations = meter.totals().requests;
        text.histogram("countersign_module_request_duration_seconds", &labels(meter), &durations);
    }
    text.family("countersign_module_task_duration_seconds", "histogram", "Tasks that a module's code did in workers.");
    for meter in &meters {
        text.histogram("countersign_module_task_duration_seconds", &labels(meter), &meter.totals().tasks);
    }
    let help = "Requests that failed because of the module.";
    each(text, "countersign_module_requests_failed_total", "counter", help, &|meter| meter.totals().requests_failed);
    let help = "Tasks that failed.";
    each(text, "countersign_module_tasks_failed_total", "counter", help, &|meter| meter.totals().tasks_failed);
    let help = "Tasks in the hands of this node.";
    each(text, "countersign_module_tasks_in_hand", "gauge", help, &|meter| meter.tasks_in_hand() as u64);
    let help = "Reads that have a connection now.";
    each(text, "countersign_module_connections_in_use", "gauge", help, &|meter| meter.connections_in_use() as u64);
    limits(&meters, text);
    health(state, &meters, stored, text);
}

fn labels(meter: &Meter) -> [(&'static str, &str); 2] {
    [("company", &meter.key.company), ("module", &meter.key.module)]
}

fn limits(meters: &[Arc<Meter>], text: &mut Text) {
    let name = "countersign_module_limit_hits_total";
    text.family(name, "counter", "How often a module wanted more than it may have.");
    for meter in meters {
        let [company, module] = labels(meter);
        for limit in Limit::ALL {
            text.sample(name, &[company, module, ("limit", limit.name())], meter.totals().hits(limit));
        }
    }
}

fn health(state: &AppState, meters: &[Arc<Meter>], stored: Option<&Stored>, text: &mut Text) {
    let now_ms = state.store.now_ms();
    let waiting = by_module(stored);
    let of = |meter: &Meter| waiting.get(&(meter.key.company.as_str(), meter.key.module.as_str())).copied();
    let age = |meter: &Meter| of(meter).map(|waiting| now_ms.saturating_sub(waiting.oldest_at).max(0));
    let name = "countersign_module_health";
    text.family(name, "gauge", "0: ok, 1: degraded, 2: failing.");
    for meter in meters {
        let value = match meter.report(age(meter), now_ms).status {
            Status::Ok => 0,
            Status::Degraded => 1,
            Status::Failing => 2,
        };
        text.sample(name, &labels(meter), value);
    }
    let name = "countersign_module_isolated";
    text.family(name, "gauge", "Whether a part of a module is left alone.");
    for meter in meters {
        let [company, module] = labels(meter);
        for (part, word) in [(Part::Tasks, "tasks"), (Part::Hooks, "code")] {
            text.sample(name, &[company, module, ("part", word)], u8::from(meter.isolated(part).is_some()));
        }
    }
    let Some(stored) = stored else { return };
    let name = "countersign_module_tasks_waiting";
    text.family(name, "gauge", "Tasks that are not done, on all nodes.");
    for own in &stored.waiting {
        text.sample(name, &[("company", &own.company), ("module", &own.module)], own.count);
    }
    let name = "countersign_module_oldest_task_seconds";
    text.family(name, "gauge", "How old the oldest of them is.");
    for own in &stored.waiting {
        let seconds = now_ms.saturating_sub(own.oldest_at).max(0) / 1_000;
        text.sample(name, &[("company", &own.company), ("module", &own.module)], seconds);
    }
}

fn by_module(stored: Option<&Stored>) -> HashMap<(&str, &str), &Waiting> {
    let waiting = stored.into_iter().flat_map(|stored| &stored.waiting);
    waiting.map(|own| ((own.company.as_str(), own.module.as_str()), own)).collect()
}

fn effects(state: &AppState, stored: Option<&Stored>, text: &mut Text) {
    let name = "countersign_effect_duration_seconds";
    text.family(name, "histogram", "Effects that this node performed, by kind and how they ended.");
    for ((kind, ended), durations) in state.registry.watch().effects() {
        text.histogram(name, &[("kind", kind), ("ended", ended)], &durations);
    }
    if let Some(stored) = stored {
        let help = "Effects that are neither done nor given up, on all nodes.";
        text.single("countersign_effects_open", "gauge", help, stored.open_effects);
    }
}

fn database(state: &AppState, stored: Option<&Stored>, text: &mut Text) {
    let up = u8::from(stored.is_some());
    text.single("countersign_database_up", "gauge", "Whether the database answered just now.", up);
    if let Some(stored) = stored {
        let took = micros(u64::try_from(stored.took.as_micros()).unwrap_or(u64::MAX));
        text.single("countersign_database_read_seconds", "gauge", "How long that took.", took);
    }
    let commits = state.store.commits_made();
    text.single("countersign_commits_total", "counter", "Commits of this node.", commits);
}
