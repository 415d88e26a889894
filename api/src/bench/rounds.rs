//! One long instance: does its last step cost what its first ones did?

use super::house::{Boss, Place};
use super::table::Line;
use anyhow::Result;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const NAME: &str = "bench/rounds";
/// How many rounds make a line.
const SOME: usize = 100;

/// Approves again and again in the same instance: a line for the first rounds and one for the last.
pub(super) async fn rounds(boss: &mut Boss, place: &Place, count: usize) -> Result<Vec<Line>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    boss.save(NAME, &definition()).await?;
    let id = boss.start(NAME, &json!({})).await?;
    let mut latencies = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        boss.approve(&id).await?;
        latencies.push(began.elapsed());
    }
    let line = |first: usize, some: &[Duration]| {
        let mut latencies = some.to_vec();
        latencies.sort_unstable();
        let work = format!("rounds {} to {}", first + 1, first + some.len());
        Line { work, clients: 1, database: place.name(), count: some.len(), took: some.iter().sum(), latencies }
    };
    let last = count.saturating_sub(SOME);
    let (head, tail) = (latencies.get(..SOME.min(count)), latencies.get(last..));
    Ok(vec![line(0, head.unwrap_or_default()), line(last, tail.unwrap_or_default())])
}

pub(super) fn definition() -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Approval",
                "Title": "Once more?",
                "Groups": [{ "Name": "one", "From": [{ "User": "boss" }] }],
                "Outcomes": { "approved": { "Next": "Work" }, "rejected": { "Next": "End" } }
            },
            "Work": { "Type": "Task", "Resource": "task.echo", "Arguments": {}, "Next": "Ask" },
            "End": { "Type": "Succeed" }
        }
    })
}
