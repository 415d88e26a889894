//! What the database alone can do: the rows of a decision, written without language, history or HTTP. For benchmarks.

use crate::backend::{Arg, Connection, Statement, args};
use crate::error::StoreError;
use crate::handle::backend;
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// Writes the rows of so many decisions (an instance updated, a transition inserted) in groups of `group`, each group
/// committed durably, into a database that is used for nothing else. How long that took.
pub async fn raw_decisions(
    url: &str,
    decisions: u32,
    group: u32,
    body: &str,
    event: &str,
    entries: &str,
) -> Result<Duration, StoreError> {
    let backend = backend(url).await?;
    backend.migrate().await?;
    let mut writer = backend.writer().await?;
    execute(writer.as_mut(), "BEGIN", Vec::new()).await?;
    for n in 0..decisions {
        let sql = "INSERT INTO instance (company, id, definition, definition_version, version, status, next_due, hash, body) \
                   VALUES ('raw', $1, 'raw', 1, 2, 'running', NULL, '', $2)";
        execute(writer.as_mut(), sql, args![format!("{n:036}"), body]).await?;
    }
    execute(writer.as_mut(), "COMMIT", Vec::new()).await?;
    backend.checkpoint().await?;
    let hash = "0".repeat(64);
    let started = Instant::now();
    for first in (0..decisions).step_by(usize::try_from(group).unwrap_or(1)) {
        execute(writer.as_mut(), "BEGIN", Vec::new()).await?;
        for n in first..(first + group).min(decisions) {
            let id = format!("{n:036}");
            let sql = "INSERT INTO transition (company, instance, version, at, event, entries, effects, hash) VALUES ('raw', $1, 3, 0, $2, $3, 0, $4)";
            execute(writer.as_mut(), sql, args![&id, event, entries, &hash]).await?;
            let sql = "UPDATE instance SET version = 3, status = 'succeeded', hash = $2, body = $3 WHERE company = 'raw' AND id = $1 AND version = 2";
            execute(writer.as_mut(), sql, args![&id, &hash, body]).await?;
        }
        execute(writer.as_mut(), "COMMIT", Vec::new()).await?;
    }
    let took = started.elapsed();
    drop(writer);
    backend.close().await;
    Ok(took)
}

async fn execute(connection: &mut dyn Connection, sql: &'static str, args: Vec<Arg>) -> Result<(), StoreError> {
    let statement = Statement { sql: Cow::Borrowed(sql), args };
    connection.run(vec![statement]).await.map(|_| ()).map_err(|broken| broken.error)
}
