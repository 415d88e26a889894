//! Group commit: the units that wait at a moment share one transaction, each behind a savepoint of its own.
//!
//! There is no artificial delay: one waiting unit is committed alone. A unit that fails is rolled back to its savepoint
//! and leaves its neighbours untouched. Nobody is answered before the commit is durable.

use crate::backend::{Backend, Connection, Dialect};
use crate::error::StoreError;
use crate::handle::{Shared, Wakes};
use crate::unit::{Session, Unit};
use futures::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot};

/// The most units in one transaction: bounds how long a commit keeps the others waiting.
const MAX_BATCH: usize = 512;
/// How often a unit is run again when another node was faster.
const MAX_ATTEMPTS: u32 = 4;

/// A unit of work that waits for its turn.
pub(crate) trait Job: Send {
    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Ran>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// What became of a unit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    Keep,
    Undo,
    Again,
    Stop(&'static str),
}

pub(crate) struct Pending<T, F> {
    work: F,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Pending<T, F> {
    pub(crate) fn new(work: F, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { work, result: None, reply }
    }
}

impl<T, F> Job for Pending<T, F>
where
    T: Send + 'static,
    F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, StoreError>> + Send + 'static,
{
    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Ran> {
        Box::pin(async move {
            let result = (self.work)(unit).await;
            let ran = match &result {
                Ok(_) => Ran::Keep,
                Err(StoreError::Conflict) => Ran::Again,
                Err(StoreError::Crashed(point)) => Ran::Stop(point),
                Err(_) => Ran::Undo,
            };
            self.result = Some(result);
            ran
        })
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            // A unit that failed by itself says why, whatever became of the others.
            (Err(_), Some(Err(own))) => Err(own),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(StoreError::Unavailable("the unit was not run".to_owned())),
        };
        // A caller that went away does not need its answer.
        let _ = self.reply.send(answer);
    }
}

/// The one task that writes.
pub(crate) struct Writer {
    backend: Arc<dyn Backend>,
    shared: Arc<Shared>,
    queue: mpsc::Receiver<Box<dyn Job>>,
    unit: Unit,
}

impl Writer {
    pub(crate) async fn connect(
        backend: Arc<dyn Backend>,
        shared: Arc<Shared>,
        queue: mpsc::Receiver<Box<dyn Job>>,
    ) -> Result<Self, StoreError> {
        let unit = shared.unit(backend.writer().await?);
        Ok(Self { backend, shared, queue, unit })
    }

    /// Commits until the store is dropped, or until a commit has failed on SQLite.
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while self.queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let committed = self.commit(&mut batch).await;
            let failed = committed.as_ref().err().map(ToString::to_string);
            for job in batch.drain(..) {
                job.answer(match &failed {
                    None => Ok(()),
                    Some(message) => Err(self.failure(message)),
                });
            }
            if failed.is_some() && !self.recover().await {
                break;
            }
        }
        self.queue.close();
        self.shared.wakes.stopped.notify_waiters();
    }

    fn failure(&self, message: &str) -> StoreError {
        if self.shared.crash.is_dead() {
            StoreError::Crashed("commit")
        } else {
            StoreError::Unavailable(message.to_owned())
        }
    }

    async fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        self.shared.crash.point("before_begin")?;
        let begin = match self.unit.dialect() {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        };
        self.unit.execute(begin, Vec::new()).await?;
        (self.unit.effects, self.unit.deadlines) = (false, false);
        for job in batch {
            self.run_one(job.as_mut()).await?;
        }
        self.shared.crash.point("before_commit")?;
        self.unit.execute("COMMIT", Vec::new()).await?;
        self.wake();
        self.shared.crash.point("after_commit")
    }

    async fn run_one(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        for attempt in 1..=MAX_ATTEMPTS {
            self.unit.execute("SAVEPOINT one", Vec::new()).await?;
            match job.run(&mut self.unit).await {
                Ran::Keep => {
                    self.shared.crash.point("after_work")?;
                    self.unit.execute("RELEASE SAVEPOINT one", Vec::new()).await?;
                    return Ok(());
                }
                Ran::Stop(point) => return Err(StoreError::Crashed(point)),
                ran => {
                    self.unit.execute("ROLLBACK TO SAVEPOINT one", Vec::new()).await?;
                    self.unit.execute("RELEASE SAVEPOINT one", Vec::new()).await?;
                    if ran == Ran::Undo || attempt == MAX_ATTEMPTS {
                        return Ok(());
                    }
                }
            }
        }
        Ok(())
    }

    fn wake(&self) {
        if self.unit.effects {
            self.shared.wakes.effects.notify_one();
        }
        if self.unit.deadlines {
            self.shared.wakes.deadlines.notify_one();
        }
    }

    /// After a failed batch: PostgreSQL gets a new connection; on SQLite nothing is tried again on that handle, because
    /// after a failed fsync nobody knows what the disk holds. The process is to end and start anew.
    async fn recover(&mut self) -> bool {
        if self.unit.dialect() == Dialect::Sqlite || self.shared.crash.is_dead() {
            tracing::error!("a commit has failed; the store is stopped");
            return false;
        }
        loop {
            match self.backend.writer().await {
                Ok(connection) => {
                    self.unit = self.shared.unit(connection);
                    return true;
                }
                Err(error) => tracing::warn!(%error, "no connection to the database; trying again"),
            }
            tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        }
    }
}

impl Shared {
    fn unit(&self, connection: Box<dyn Connection>) -> Unit {
        Unit {
            session: Session { connection, definitions: self.definitions.clone() },
            clock: self.clock.clone(),
            inline: self.inline.clone(),
            effects: false,
            deadlines: false,
        }
    }
}

impl Wakes {
    /// Resolves when the store has stopped for good.
    pub async fn wait_stopped(&self) {
        self.stopped.notified().await;
    }
}
