//! What the database alone can do: the rows of a workflow, written without language, history or HTTP. For benchmarks.

use crate::backend::{Arg, Backend, Connection, Dialect, Statement, args};
use crate::checkpoints::CHECKPOINT_EVERY;
use crate::clock::{Clock, SystemClock};
use crate::error::StoreError;
use crate::handle::{READ_WITHIN, backend};
use crate::rows::{EFFECTS, Fenced, INSTANCES, NEW_INSTANCES, TRANSITIONS};
use crate::unit::{Session, Unit, new_id};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The company of all that is written.
const COMPANY: &str = "raw";

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

/// Writes the rows of so many instances into a database that is used for nothing else, as fast as we know how: many
/// rows a statement, in groups of `group` instances, each committed durably with one crossing to the driver, the log
/// moved into the database from beside. First what starts them, then what ends them.
pub async fn write_raw(url: &str, rows: &RawRows, count: usize, group: usize) -> Result<RawTimes, StoreError> {
    let backend = backend(url, READ_WITHIN).await?;
    backend.migrate().await?;
    let mut writer = backend.writer().await?;
    // A name of its own, should the database have seen another run.
    let run = new_id(SystemClock.now_ms());
    let ids: Vec<String> = (0..count).map(|n| format!("{run}/{n:08}")).collect();
    let checkpoints = tokio::spawn(checkpoint(backend.clone()));
    let started = rows.write(writer.as_mut(), &ids, group, Half::Started).await?;
    let decided = rows.write(writer.as_mut(), &ids, group, Half::Decided).await?;
    checkpoints.abort();
    drop(writer);
    backend.close().await;
    Ok(RawTimes { started, decided })
}

/// As often as a store does.
async fn checkpoint(backend: Arc<dyn Backend>) {
    loop {
        tokio::time::sleep(CHECKPOINT_EVERY).await;
        // Whatever is wrong with the database, the writer hears of it.
        let _ = backend.checkpoint().await;
    }
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
        for ids in ids.chunks(group.max(1)) {
            let written = self.statements(writer.dialect(), ids, half).into_iter().map(|fenced| fenced.statement);
            let statements = written.chain([Statement::of("COMMIT")]).collect();
            writer.begin().await?;
            writer.run(statements).await.map_err(|broken| broken.error)?;
        }
        Ok(began.elapsed())
    }

    fn statements(&self, dialect: Dialect, ids: &[String], half: Half) -> Vec<Fenced> {
        let versions = match half {
            Half::Started => 1..=self.started,
            Half::Decided => self.started + 1..=u64::MAX,
        };
        let (mut transitions, mut effects) = (Vec::new(), Vec::new());
        for id in ids {
            transitions.extend(self.transitions.iter().filter(|row| versions.contains(&row.0)).map(|row| {
                let (version, event, entries, hash) = row;
                args![COMPANY, id, *version, 0_i64, event, entries, 0_i64, hash]
            }));
            effects.extend(
                (0_i64..)
                    .zip(&self.effects)
                    .filter(|(_, row)| versions.contains(&row.0))
                    .map(|(n, row)| args![COMPANY, id, row.0, n, &row.1, "ready", 0_i64, 0_i64, 0_i64]),
            );
        }
        let instances: Vec<_> = ids.iter().map(|id| self.instance(id, half)).collect();
        let shape = match half {
            Half::Started => &NEW_INSTANCES,
            Half::Decided => &INSTANCES,
        };
        let transitions = TRANSITIONS.statements(dialect, transitions.into_iter());
        let effects = EFFECTS.statements(dialect, effects.into_iter());
        let instances = shape.statements(dialect, instances.into_iter());
        [transitions, effects, instances].into_iter().flatten().collect()
    }

    fn instance(&self, id: &str, half: Half) -> Vec<Arg> {
        let (version, hash) = self.transitions.last().map_or((0, ""), |(version, _, _, hash)| (*version, hash));
        let (nothing, never): (Option<String>, Option<i64>) = (None, None);
        match half {
            Half::Started => {
                let (kind, subject) = (nothing.clone(), nothing);
                args![COMPANY, id, "raw", 1_i64, self.started, "running", kind, subject, never, hash, &self.body]
            }
            Half::Decided => args![COMPANY, id, self.started, version, "succeeded", never, hash, &self.body],
        }
    }
}
