//! Group commit: the units that wait at a moment share one transaction, and each of them stands or falls alone.
//!
//! There is no artificial delay: one waiting unit is committed alone. Nobody is answered before the commit is durable.

use crate::ahead::Moved;
use crate::backend::{Backend, Connection, Dialect};
use crate::error::StoreError;
use crate::handle::{Shared, Wakes};
use crate::job::Job;
use crate::ledger::{Bells, Ledger};
use crate::unit::{Session, Unit};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;

/// The most units in one transaction: bounds how long a commit keeps the others waiting.
const MAX_BATCH: usize = 512;
/// How often a unit is run again when another node was faster.
const MAX_ATTEMPTS: u32 = 4;
/// How long to wait before the next try to reach PostgreSQL.
const RECONNECT_AFTER: Duration = Duration::from_millis(250);
/// So long units wait for a new connection; then they are refused, so that nobody waits for ever.
const PATIENCE: Duration = Duration::from_secs(2);

/// The one task that writes.
pub(crate) struct Writer {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) shared: Arc<Shared>,
    queue: mpsc::Receiver<Box<dyn Job>>,
    pub(crate) unit: Unit,
    pub(crate) moved: Moved,
}

impl Writer {
    pub(crate) async fn connect(
        backend: Arc<dyn Backend>,
        shared: Arc<Shared>,
        queue: mpsc::Receiver<Box<dyn Job>>,
    ) -> Result<Self, StoreError> {
        let unit = shared.unit(backend.writer().await?);
        let moved = Moved::counting(shared.commits.clone());
        Ok(Self { backend, shared, queue, unit, moved })
    }

    /// Commits until the store is dropped, or until a commit has failed on SQLite.
    pub(crate) async fn run(mut self) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while self.queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
            if !self.serve(&mut batch).await {
                return;
            }
            self.shared.log.begin_anew(self.backend.as_ref()).await;
        }
    }

    /// Commits a batch and answers it; false if the store has to stop.
    async fn serve(&mut self, batch: &mut Vec<Box<dyn Job>>) -> bool {
        let committed = self.commit(batch).await;
        let mut slow = Vec::new();
        for job in batch.drain(..) {
            if committed.is_ok() && job.was_too_slow() {
                slow.push(job);
            } else {
                job.answer(self.verdict(&committed));
            }
        }
        if let Err(error) = &committed
            && !self.recover(error).await
        {
            return false;
        }
        for job in slow {
            if !self.serve_alone(job).await {
                return false;
            }
        }
        true
    }

    /// Runs a unit again, in a transaction of its own and with its instance locked. In the batch it would keep what its
    /// neighbours have locked: two nodes that wait for each other would do so again and again.
    async fn serve_alone(&mut self, mut job: Box<dyn Job>) -> bool {
        self.unit.ledger.locking = true;
        let mut committed = Ok(());
        for _ in 1..MAX_ATTEMPTS {
            committed = self.commit(std::slice::from_mut(&mut job)).await;
            if committed.is_err() || !job.was_too_slow() {
                break;
            }
        }
        self.unit.ledger.locking = false;
        job.answer(self.verdict(&committed));
        match &committed {
            Ok(()) => true,
            Err(error) => self.recover(error).await,
        }
    }

    fn verdict(&self, committed: &Result<(), StoreError>) -> Result<(), StoreError> {
        match committed {
            Ok(()) => Ok(()),
            Err(_) if self.shared.crash.is_dead() => Err(StoreError::Crashed("commit")),
            Err(StoreError::Unavailable(message)) => Err(StoreError::Unavailable(message.clone())),
            Err(error) => Err(StoreError::Unavailable(error.to_string())),
        }
    }

    /// After a failed batch: PostgreSQL gets a new connection; on SQLite nothing is tried again on that handle, because
    /// after a failed fsync nobody knows what the disk holds. The process is to end and start anew.
    async fn recover(&mut self, error: &StoreError) -> bool {
        if self.unit.dialect() == Dialect::Sqlite || self.shared.crash.is_dead() {
            // Who waits for an answer may be gone, so the reason is told here.
            tracing::error!(%error, "a commit has failed; the store is stopped");
            return false;
        }
        let connecting = connect_again_and_again(self.backend.clone());
        let Some(connection) = self.refuse_until(connecting).await else { return false };
        self.unit = self.shared.unit(connection);
        self.moved.forget();
        // The batch may have been committed although its answer was lost: look for what it has left to do.
        self.shared.wakes.ring(Bells::ALL);
        true
    }

    /// Waits for a connection, and after a while refuses the units that wait for it too. Nothing if the store was dropped,
    /// so that no more will come.
    async fn refuse_until(
        &mut self,
        connecting: impl Future<Output = Box<dyn Connection>>,
    ) -> Option<Box<dyn Connection>> {
        let mut connecting = std::pin::pin!(connecting);
        if let Ok(connection) = tokio::time::timeout(PATIENCE, &mut connecting).await {
            return Some(connection);
        }
        loop {
            tokio::select! {
                connection = &mut connecting => return Some(connection),
                job = self.queue.recv() => {
                    job?.answer(Err(StoreError::Unavailable("there is no connection to it".to_owned())));
                }
            }
        }
    }
}

async fn connect_again_and_again(backend: Arc<dyn Backend>) -> Box<dyn Connection> {
    loop {
        match backend.writer().await {
            Ok(connection) => return connection,
            Err(error) => tracing::warn!(%error, "no connection to the database; trying again"),
        }
        tokio::time::sleep(RECONNECT_AFTER).await;
    }
}

/// However the writer ends, by a failed commit or by a bug of its own, everybody hears that the store has stopped.
impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.close();
        self.shared.wakes.stopped.send_replace(true);
    }
}

impl Shared {
    pub(crate) fn unit(&self, connection: Box<dyn Connection>) -> Unit {
        let session = self.session(connection, Ledger::of_writer());
        Unit { session, clock: self.clock.clone(), inline: self.inline.clone(), depth: 0 }
    }

    pub(crate) fn session(&self, connection: Box<dyn Connection>, ledger: Ledger) -> Session {
        let (definitions, crash, archive) = (self.definitions.clone(), self.crash.clone(), self.archive.clone());
        let (installed, module_log) = (self.wakes.installed.clone(), self.module_log.clone());
        Session { connection, definitions, crash, ledger, archive, installed, module_log }
    }
}

impl Wakes {
    pub(crate) fn ring(&self, bells: Bells) {
        if bells.effects {
            self.effects.notify_one();
        }
        if bells.deadlines {
            self.deadlines.notify_one();
        }
        if bells.events {
            self.events.notify_one();
        }
        if bells.installed {
            self.installed.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Resolves when the store has stopped for good, at once if it has already.
    pub async fn wait_stopped(&self) {
        // The sender is here, so waiting cannot fail.
        let _ = self.stopped.subscribe().wait_for(|stopped| *stopped).await;
    }
}
