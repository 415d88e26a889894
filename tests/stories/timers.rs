//! Very many timers: those that are due fire once, those that are not cost nothing.

use crate::support::{App, Database, days, stories};
use anyhow::{Result, ensure};
use futures::FutureExt;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};
use store::NewInstance;
use workflow::{Actor, EventKind};

/// `COUNTERSIGN_TEST_TIMERS`: how many are due in the same second, among ten times as many that are open.
fn due() -> usize {
    let asked = std::env::var("COUNTERSIGN_TEST_TIMERS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(200)
}

fn waiting() -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "Pause",
        "States": {
            "Pause": { "Type": "Wait", "Seconds": "{% $states.input.seconds %}", "Next": "Done" },
            "Done": { "Type": "Succeed" }
        }
    })
}

/// Starts so many that wait for so long, spread over a second.
async fn start(app: &App, count: usize, seconds: i64) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for first in (0..count).step_by(100) {
        app.clock.pass(1);
        let size = 100.min(count - first);
        let batch = app.store.write(move |unit| {
            async move {
                let mut ids = Vec::new();
                for _ in 0..size {
                    let (company, definition) = ("acme".to_owned(), "test/wait".to_owned());
                    let input = json!({ "seconds": seconds });
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

async fn save(app: &App) -> Result<()> {
    let work = app
        .store
        .write(|unit| async move { unit.save_definition("acme", "test/wait", &waiting()).await.map(|_| ()) }.boxed());
    Ok(work.await?)
}

stories! {
    async fn many_timers_of_a_second_fire_once_each(app: App) {
        save(app).await?;
        let due = due();
        let open = start(app, 10 * due, 86_400).await?;
        let short = start(app, due, 60).await?;
        app.clock.pass(59_000);
        ensure!(app.hands().fire_due().await? == 0, "nothing is due yet");
        app.clock.pass(2_000);
        ensure!(app.hands().fire_due().await? == due && app.hands().fire_due().await? == 0);
        let mut reader = app.store.read().await?;
        for id in &short {
            let transitions = reader.transitions("acme", id).await?;
            let fired = transitions.iter().filter(|transition| transition.event.kind == EventKind::DeadlineReached);
            ensure!(fired.count() == 1 && transitions.len() == 2, "{id} fired otherwise than once");
        }
        for id in &open {
            ensure!(reader.instance("acme", id).await?.0.version == 1, "{id} moved");
        }
        ensure!(reader.due_instances(store::Clock::now_ms(app.clock.as_ref()), 10).await?.is_empty());
        Ok(())
    }

    /// The row of one that is due cannot be read: that is told of in the log, and the others do not wait for it.
    async fn one_that_cannot_be_told_keeps_nobody_waiting(app: App) {
        save(app).await?;
        let ids = start(app, 3, 60).await?;
        app.sql(&format!("UPDATE instance SET body = 'x' || body WHERE id = '{}'", ids[0])).await?;
        app.clock.pass(61_000);
        ensure!(app.hands().fire_due().await? == 2 && app.hands().fire_due().await? == 0);
        app.sql(&format!("UPDATE instance SET body = substr(body, 2) WHERE id = '{}'", ids[0])).await?;
        ensure!(app.hands().fire_due().await? == 1);
        Ok(())
    }

    /// However many are open: the database goes to those that are due by the index, and to the earliest at once.
    async fn open_timers_cost_nothing(app: App) {
        save(app).await?;
        start(app, 3_000, 86_400).await?;
        app.clock.pass(days(1) / 2);
        // The texts of `Session::due_instances` and `Session::earliest_deadline`.
        let due = "SELECT company, id FROM instance WHERE next_due IS NOT NULL AND next_due <= 1795424400000 ORDER BY next_due, id LIMIT 128";
        let earliest = "SELECT next_due FROM instance WHERE next_due IS NOT NULL ORDER BY next_due LIMIT 1";
        for sql in [due, earliest] {
            let plan = plan(app.url(), sql).await?;
            ensure!(plan.contains("instance_due"), "{sql}\n{plan}");
        }
        Ok(())
    }
}

/// How the database answers a query.
async fn plan(url: &str, sql: &str) -> Result<String> {
    if url.starts_with("sqlite:") {
        let mut connection = SqliteConnection::connect(url).await?;
        let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"))).fetch_all(&mut connection).await?;
        return Ok(rows.iter().map(|row| row.get::<String, _>("detail")).collect::<Vec<_>>().join("\n"));
    }
    let mut connection = PgConnection::connect(url).await?;
    sqlx::query("ANALYZE instance").execute(&mut connection).await?;
    let rows = sqlx::query(AssertSqlSafe(format!("EXPLAIN {sql}"))).fetch_all(&mut connection).await?;
    Ok(rows.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n"))
}
