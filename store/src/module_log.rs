//! What the code of modules has logged, and where it has failed: the last lines of each module, for its admins.
//!
//! A line waits in memory until what it is about has ended, well or not, and is then written by a unit of its own: a log
//! that cannot be written costs no work, and work that was undone has still told why. A line may be lost if the process is
//! killed at once after it, and stands there twice if its unit had to run twice.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::handle::About;
use crate::job::{Job, Pending};
use crate::unit::{Session, Unit};
use futures::FutureExt;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// So many lines of a module are kept; older ones make room.
pub const KEPT_LOG_LINES: u64 = 1_000;
/// So many lines wait at most; beyond that the oldest are dropped, because nothing waits for a log.
const MOST_WAITING: usize = 2_000;
/// So many lines are written with one commit.
const AT_ONCE: usize = 200;
/// The longest line, in characters.
const MOST_CHARS: usize = 4_000;

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What the code has said.
    Info,
    /// Where it has failed.
    Error,
}

impl LogLevel {
    fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Error => "error",
        }
    }
}

/// A line that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Its place among the lines of its module, from 1 without gaps.
    pub n: u64,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// `info` or `error`.
    pub level: String,
    /// What was said.
    pub text: String,
}

/// A line on its way.
#[derive(Debug, Clone)]
struct NewLine {
    at: i64,
    level: LogLevel,
    text: String,
}

/// Company and module.
type Whose = (String, String);

/// The lines that wait to be written.
#[derive(Default)]
pub(crate) struct ModuleLog {
    waiting: Mutex<VecDeque<(Whose, NewLine)>>,
    /// Whether somebody writes already.
    writing: AtomicBool,
    /// The writer's, weak: a log does not keep a store alive.
    queue: OnceLock<mpsc::WeakSender<Box<dyn Job>>>,
}

impl ModuleLog {
    pub(crate) fn writes_to(&self, queue: &mpsc::Sender<Box<dyn Job>>) {
        let _ = self.queue.set(queue.downgrade());
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<(Whose, NewLine)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a line, and has it written as soon as the writer comes to it.
    pub(crate) fn note(self: &Arc<Self>, company: &str, module: &str, at: i64, level: LogLevel, text: &str) {
        {
            let mut waiting = self.waiting();
            if waiting.len() >= MOST_WAITING {
                waiting.pop_front();
            }
            let line = NewLine { at, level, text: plain(text) };
            waiting.push_back(((company.to_owned(), module.to_owned()), line));
        }
        if !self.writing.swap(true, Ordering::SeqCst) {
            tokio::spawn(self.clone().write_all());
        }
    }

    async fn write_all(self: Arc<Self>) {
        loop {
            while self.write_some().await {}
            self.writing.store(false, Ordering::SeqCst);
            // A line that came in between found somebody writing.
            if self.waiting().is_empty() || self.writing.swap(true, Ordering::SeqCst) {
                return;
            }
        }
    }

    /// Writes what waits; false if nothing did. What cannot be written is told in the log of the service, and dropped.
    pub(crate) async fn write_some(&self) -> bool {
        let some: Vec<(Whose, NewLine)> = {
            let mut waiting = self.waiting();
            let most = waiting.len().min(AT_ONCE);
            waiting.drain(..most).collect()
        };
        if some.is_empty() {
            return false;
        }
        let lines = some.len();
        let mut by_module: BTreeMap<Whose, Vec<NewLine>> = BTreeMap::new();
        some.into_iter().for_each(|(whose, line)| by_module.entry(whose).or_default().push(line));
        if let Err(error) = self.write(by_module).await {
            tracing::warn!(%error, lines, "what modules have logged was not kept");
        }
        true
    }

    async fn write(&self, by_module: BTreeMap<Whose, Vec<NewLine>>) -> Result<(), StoreError> {
        let stopped = || StoreError::Unavailable("the store is stopped".to_owned());
        let queue = self.queue.get().and_then(mpsc::WeakSender::upgrade).ok_or_else(stopped)?;
        let (reply, answer) = oneshot::channel();
        let by_module = Arc::new(by_module);
        let job = pending(reply, move |unit| {
            let by_module = by_module.clone();
            async move {
                for (whose, lines) in by_module.iter() {
                    unit.put_log_lines(whose, lines).await?;
                }
                Ok(())
            }
            .boxed()
        });
        queue.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

/// The type of a unit's code must be known where it is written down.
fn pending<F>(reply: oneshot::Sender<Result<(), StoreError>>, work: F) -> Box<dyn Job>
where
    F: for<'u> Fn(&'u mut Unit) -> futures::future::BoxFuture<'u, Result<(), StoreError>> + Send + 'static,
{
    Box::new(Pending::new(work, About::Nothing, reply))
}

/// Databases differ in what they make of a NUL, and a line has its bound.
fn plain(text: &str) -> String {
    text.chars().take(MOST_CHARS).map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

impl Unit {
    /// Notes a line about a module; it is kept whatever becomes of this unit.
    pub fn note_of_module(&self, company: &str, module: &str, level: LogLevel, text: &str) {
        self.module_log.note(company, module, self.now_ms(), level, text);
    }

    async fn put_log_lines(&mut self, (company, module): &Whose, lines: &[NewLine]) -> Result<(), StoreError> {
        let sql = "SELECT n FROM module_log WHERE company = $1 AND module = $2 ORDER BY n DESC LIMIT 1";
        let last = self.query_one(sql, args![company, module]).await?;
        let mut n = last.map_or(Ok(0), |mut row| row.count())?;
        for NewLine { at, level, text } in lines {
            n += 1;
            let sql = "INSERT INTO module_log (company, module, n, at, level, line) VALUES ($1, $2, $3, $4, $5, $6) \
                       ON CONFLICT DO NOTHING";
            // Another node was faster with this number: the writer runs this again.
            if self.execute(sql, args![company, module, n, *at, level.name(), text]).await? == 0 {
                return Err(StoreError::Conflict);
            }
        }
        let sql = "DELETE FROM module_log WHERE company = $1 AND module = $2 AND n <= $3";
        self.execute(sql, args![company, module, n.saturating_sub(KEPT_LOG_LINES)]).await.map(|_| ())
    }
}

impl Session {
    /// The lines of a module after one, oldest first.
    pub async fn log_lines_after(
        &mut self,
        company: &str,
        module: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<LogLine>, StoreError> {
        let sql = "SELECT n, at, level, line FROM module_log WHERE company = $1 AND module = $2 AND n > $3 \
                   ORDER BY n LIMIT $4";
        self.query(sql, args![company, module, after, limit]).await?.into_iter().map(line).collect()
    }

    /// The last lines of a module, oldest first.
    pub async fn last_log_lines(
        &mut self,
        company: &str,
        module: &str,
        limit: u32,
    ) -> Result<Vec<LogLine>, StoreError> {
        let sql = "SELECT n, at, level, line FROM module_log WHERE company = $1 AND module = $2 \
                   ORDER BY n DESC LIMIT $3";
        self.query(sql, args![company, module, limit]).await?.into_iter().rev().map(line).collect()
    }
}

fn line(mut row: Row) -> Result<LogLine, StoreError> {
    Ok(LogLine { n: row.count()?, at: row.int()?, level: row.text()?, text: row.text()? })
}
