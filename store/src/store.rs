//! The store as others hold it: cheap to clone, safe to share.

use crate::ahead::Ahead;
use crate::archive::Archive;
use crate::backend::{Backend, Dialect};
use crate::checkpoints::{Log, keep_checkpointing};
use crate::clock::{Clock, SystemClock};
use crate::crash::Crash;
use crate::definitions::DefinitionCache;
use crate::error::StoreError;
use crate::inline::{Inline, NoInline};
use crate::job::{Job, Pending};
use crate::ledger::Ledger;
use crate::listening::keep_listening;
use crate::module_log::{LogLevel, ModuleLog};
use crate::postgres::PostgresBackend;
use crate::sqlite::SqliteBackend;
use crate::together::Meetings;
use crate::unit::{Session, Unit};
use crate::writer::Writer;
use futures::future::BoxFuture;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};

/// How many units may wait; beyond that callers wait to wait.
const QUEUE: usize = 4_096;

/// What a store is opened with.
pub struct Options {
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// The tasks that run within a commit.
    pub inline: Arc<dyn Inline>,
    /// Crash points, for tests.
    pub crash: Arc<Crash>,
    /// Where finished instances are moved to.
    pub archive: Option<Archive>,
    /// How long the server of a database may take to answer a question; what is written has a bound of its own.
    pub read_within: Duration,
}

/// What [`Options::read_within`] is while people wait for an answer.
pub(crate) const READ_WITHIN: Duration = Duration::from_secs(5);

impl Default for Options {
    fn default() -> Self {
        let (clock, inline, crash) = (Arc::new(SystemClock), Arc::new(NoInline), Arc::new(Crash::never()));
        Self { clock, inline, crash, archive: None, read_within: READ_WITHIN }
    }
}

/// Bells that ring after a commit.
#[derive(Debug, Default)]
pub struct Wakes {
    /// There may be effects to perform.
    pub effects: Notify,
    /// There may be an earlier deadline.
    pub deadlines: Notify,
    /// There may be events to deliver.
    pub events: Notify,
    /// Counts the commits that changed what is installed.
    pub(crate) installed: Arc<AtomicU64>,
    /// Whether they ring for what other nodes commit, too.
    pub(crate) hearing: AtomicBool,
    pub(crate) stopped: watch::Sender<bool>,
}

pub(crate) struct Shared {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) inline: Arc<dyn Inline>,
    pub(crate) crash: Arc<Crash>,
    pub(crate) wakes: Wakes,
    pub(crate) log: Log,
    /// How many commits the writer has made.
    pub(crate) commits: Arc<AtomicU64>,
    pub(crate) definitions: Arc<DefinitionCache>,
    pub(crate) archive: Option<Archive>,
    pub(crate) module_log: Arc<ModuleLog>,
}

/// A store. Clones share one writer and one pool of readers.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    shared: Arc<Shared>,
    queue: mpsc::Sender<Box<dyn Job>>,
    together: Arc<Meetings>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

/// What a unit of work will load first, as far as its caller knows.
#[derive(Debug, Clone)]
pub enum About {
    /// No instance, or nobody knows which.
    Nothing,
    /// The instance of that company and id.
    Instance(String, String),
    /// The instance that was read ahead.
    Ahead(Ahead),
}

impl About {
    /// The instance of that company and id.
    pub fn instance(company: &str, id: &str) -> Self {
        Self::Instance(company.to_owned(), id.to_owned())
    }
}

/// A connection for reading, back in its pool when it is dropped.
pub type Reader = Session;

impl Store {
    /// Opens `sqlite://PATH` or `postgres://...`, brings its schema up to date and starts the writer.
    pub async fn open(url: &str, options: Options) -> Result<Self, StoreError> {
        let backend = backend(url, options.read_within).await?;
        backend.migrate().await?;
        let store = Self::with(backend, options).await?;
        store.read().await?.assert_schema().await?;
        Ok(store)
    }

    /// Brings the schema up to date and says how many migrations ran.
    pub async fn migrate(url: &str) -> Result<usize, StoreError> {
        let backend = backend(url, READ_WITHIN).await?;
        let count = backend.migrate().await?;
        backend.close().await;
        Ok(count)
    }

    async fn with(backend: Arc<dyn Backend>, options: Options) -> Result<Self, StoreError> {
        let Options { clock, inline, crash, archive, .. } = options;
        let (wakes, log, definitions) = (Wakes::default(), Log::default(), Arc::new(DefinitionCache::default()));
        let (commits, module_log) = (Arc::default(), Arc::<ModuleLog>::default());
        let (queue, receiver) = mpsc::channel(QUEUE);
        module_log.writes_to(&queue);
        let shared = Arc::new(Shared { clock, inline, crash, wakes, log, commits, definitions, archive, module_log });
        let writer = Writer::connect(backend.clone(), shared.clone(), receiver).await?;
        tokio::spawn(writer.run());
        tokio::spawn(keep_checkpointing(Arc::downgrade(&shared), backend.clone()));
        Ok(Self { backend, shared, queue, together: Arc::default() })
    }

    /// Runs a unit of work and answers once it is durable. It may run more than once, and only the last run counts.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, StoreError>> + Send + 'static,
    {
        self.write_about(About::Nothing, work).await
    }

    /// The same for a unit that moves an instance. Those of all units that wait and were not read ahead are loaded
    /// together.
    pub async fn write_about<T, F>(&self, about: About, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, StoreError>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Box::new(Pending::new(work, about, reply)), answer).await
    }

    /// Runs a unit of work as [`Store::write`] does, and stores nothing of it: what it answers is what would have come of it.
    pub async fn rehearse<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, StoreError>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Box::new(Pending::rehearsal(work, reply)), answer).await
    }

    async fn enqueue<T>(
        &self,
        job: Box<dyn Job>,
        answer: oneshot::Receiver<Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let stopped = || StoreError::Unavailable("the store is stopped".to_owned());
        self.queue.send(job).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// A connection for reading what is committed.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        Ok(self.shared.session(self.backend.reader().await?, Ledger::default()))
    }

    /// Has the bells ring for what other nodes commit, too. Where there are none, or none can be heard, they ring for
    /// what this one commits: whoever waits for them looks by itself now and then.
    pub fn listen(&self) {
        tokio::spawn(keep_listening(self.backend.clone(), self.shared.clone()));
    }

    pub(crate) fn together(&self) -> &Meetings {
        &self.together
    }

    /// The bells that ring after a commit.
    pub fn wakes(&self) -> &Wakes {
        &self.shared.wakes
    }

    /// What [`Session::installed_changes`] says.
    pub fn installed_changes(&self) -> u64 {
        self.shared.wakes.installed.load(Ordering::SeqCst)
    }

    /// How many commits this node has made.
    pub fn commits_made(&self) -> u64 {
        self.shared.commits.load(Ordering::SeqCst)
    }

    /// The time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.shared.clock.now_ms()
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    pub(crate) fn commits(&self) -> &AtomicU64 {
        &self.shared.commits
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.shared.clock.as_ref()
    }

    /// Notes a line about a module, outside a unit of work.
    pub fn note_of_module(&self, company: &str, module: &str, level: LogLevel, text: &str) {
        self.shared.module_log.note(company, module, self.now_ms(), level, text);
    }

    /// Passes a crash point outside a unit of work.
    pub fn crash_point(&self, name: &'static str) -> Result<(), StoreError> {
        self.shared.crash.point(name)
    }

    /// Waits for the units under way and closes every connection.
    pub async fn close(&self) {
        while self.shared.module_log.write_some().await {}
        // A unit that does nothing has everything before it committed.
        let _ = self.write(|_| Box::pin(async { Ok(()) })).await;
        let _ = self.backend.checkpoint().await;
        self.together.close().await;
        self.backend.close().await;
    }
}

pub(crate) async fn backend(url: &str, read_within: Duration) -> Result<Arc<dyn Backend>, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite://") {
        return Ok(Arc::new(SqliteBackend::open(Path::new(path)).await?));
    }
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Arc::new(PostgresBackend::open(url, read_within).await?));
    }
    let message = "the database URL must start with sqlite:// or postgres://".to_owned();
    Err(StoreError::Unavailable(message))
}
