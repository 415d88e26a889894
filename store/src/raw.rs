//! What the database alone can do: the rows of a workflow, written without language, history or HTTP. For benchmarks.

use crate::backend::{Arg, Connection, Statement, args};
use crate::clock::{Clock, SystemClock};
use crate::error::StoreError;
use crate::handle::{READ_WITHIN, backend};
use crate::unit::{Session, Unit, new_id};
use std::borrow::Cow;
use std::time::{Duration, Instant};

/// The rows of one instance, as they are stored.
#[derive(Debug, Clone, Default)]
pub struct RawRows {
    /// The version up to which it went when it was started; what is above it was written by the decision.
    started: u64,
    /// Version, event, entries and hash.
    transitions: Vec<(u64, String, String, String)>,
    /// Version and body.
    effects: Vec<(u64, String)>,
    body: String,
}

/// How long the two halves took.
#[derive(Debug, Clone, Copy, Default)]
pub struct RawTimes {
    /// The rows of starting.
    pub started: Duration,
    /// The rows of deciding.
    pub decided: Duration,
}

impl Session {
    /// The rows of an instance that one decision has ended; it was started with `started` events.
    pub async fn raw_rows(&mut self, company: &str, id: &str, started: u64) -> Result<RawRows, StoreError> {
        let sql = "SELECT version, event, entries, hash FROM transition WHERE company = $1 AND instance = $2 ORDER BY version";
        let transitions = self.query(sql, args![company, id]).await?.into_iter();
        let transitions = transitions.map(|mut row| Ok((row.count()?, row.text()?, row.text()?, row.text()?)));
        let transitions = transitions.collect::<Result<_, StoreError>>()?;
        let sql = "SELECT version, body FROM effect WHERE company = $1 AND instance = $2 ORDER BY version, n";
        let effects = self.query(sql, args![company, id]).await?.into_iter();
        let effects = effects.map(|mut row| Ok((row.count()?, row.text()?))).collect::<Result<_, StoreError>>()?;
        let sql = "SELECT body FROM instance WHERE company = $1 AND id = $2";
        let body = self.query_one(sql, args![company, id]).await?.map_or(Ok(String::new()), |mut row| row.text())?;
        Ok(RawRows { started, transitions, effects, body })
    }
}

impl Unit {
    /// Declares all that is to be performed done, as if it had been.
    pub async fn retire_effects(&mut self) -> Result<(), StoreError> {
        let sql = "UPDATE effect SET status = 'done', ended_at = $1 WHERE status = 'ready'";
        let now = self.now_ms();
        self.execute(sql, args![now]).await.map(|_| ())
    }
}

/// Writes the rows of so many instances, a statement a row, in groups of `group`, each of them committed durably, into a
/// database that is used for nothing else: first what starts them, then what ends them.
pub async fn write_raw(url: &str, rows: &RawRows, count: usize, group: usize) -> Result<RawTimes, StoreError> {
    let backend = backend(url, READ_WITHIN).await?;
    backend.migrate().await?;
    let mut writer = backend.writer().await?;
    // A name of its own, should the database have seen another run.
    let run = new_id(SystemClock.now_ms());
    let ids: Vec<String> = (0..count).map(|n| format!("{run}/{n:08}")).collect();
    let started = rows.write(writer.as_mut(), &ids, group, Half::Started).await?;
    backend.checkpoint().await?;
    let decided = rows.write(writer.as_mut(), &ids, group, Half::Decided).await?;
    drop(writer);
    backend.close().await;
    Ok(RawTimes { started, decided })
}

/// Which of the rows are written.
#[derive(Debug, Clone, Copy)]
enum Half {
    Started,
    Decided,
}

impl RawRows {
    async fn write(
        &self,
        writer: &mut dyn Connection,
        ids: &[String],
        group: usize,
        half: Half,
    ) -> Result<Duration, StoreError> {
        let began = Instant::now();
        for group in ids.chunks(group.max(1)) {
            run(writer, "BEGIN", Vec::new()).await?;
            for id in group {
                match half {
                    Half::Started => self.start(writer, id).await?,
                    Half::Decided => self.decide(writer, id).await?,
                }
            }
            run(writer, "COMMIT", Vec::new()).await?;
        }
        Ok(began.elapsed())
    }

    async fn start(&self, writer: &mut dyn Connection, id: &str) -> Result<(), StoreError> {
        self.append(writer, id, 1..=self.started).await?;
        let sql = "INSERT INTO instance (company, id, definition, definition_version, version, status, next_due, hash, body) \
                   VALUES ('raw', $1, 'raw', 1, $2, 'running', NULL, '', $3)";
        run(writer, sql, args![id, self.started, &self.body]).await
    }

    async fn decide(&self, writer: &mut dyn Connection, id: &str) -> Result<(), StoreError> {
        self.append(writer, id, self.started + 1..=u64::MAX).await?;
        let sql = "UPDATE instance SET version = $3, status = 'succeeded', hash = $4, body = $5 \
                   WHERE company = 'raw' AND id = $1 AND version = $2";
        let (version, hash) = self.transitions.last().map_or((0, ""), |(version, _, _, hash)| (*version, hash));
        run(writer, sql, args![id, self.started, version, hash, &self.body]).await
    }

    async fn append(
        &self,
        writer: &mut dyn Connection,
        id: &str,
        versions: std::ops::RangeInclusive<u64>,
    ) -> Result<(), StoreError> {
        for (version, event, entries, hash) in self.transitions.iter().filter(|(n, ..)| versions.contains(n)) {
            let sql = "INSERT INTO transition (company, instance, version, at, event, entries, effects, hash) VALUES ('raw', $1, $2, 0, $3, $4, 0, $5)";
            run(writer, sql, args![id, *version, event, entries, hash]).await?;
        }
        for (n, (version, body)) in (0_i64..).zip(&self.effects).filter(|(_, (version, _))| versions.contains(version))
        {
            let sql = "INSERT INTO effect (company, instance, version, n, body, status, run_at, attempts, created_at) VALUES ('raw', $1, $2, $3, $4, 'ready', 0, 0, 0)";
            run(writer, sql, args![id, *version, n, body]).await?;
        }
        Ok(())
    }
}

async fn run(connection: &mut dyn Connection, sql: &'static str, args: Vec<Arg>) -> Result<(), StoreError> {
    let statement = Statement { sql: Cow::Borrowed(sql), args };
    connection.run(vec![statement]).await.map(|_| ()).map_err(|broken| broken.error)
}
