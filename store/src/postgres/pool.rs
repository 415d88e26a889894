//! The connections for reading. Not the driver's pool: that one waits without end for a dead server, whenever a
//! connection comes back to it.

use super::connect;
use super::connection::Line;
use crate::backend::{Broken, Connection, Dialect, Row, Statement};
use crate::error::StoreError;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use sqlx::postgres::PgConnectOptions;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// How many connections there are at once.
const PLACES: usize = 8;
/// How long whoever wants to read waits for a place and a connection.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// How long a connection that was idle may take to say that it is still one.
const ALIVE_WITHIN: Duration = Duration::from_secs(1);

pub(super) struct Pool {
    options: PgConnectOptions,
    read_within: Duration,
    places: Arc<Semaphore>,
    idle: Mutex<Vec<Line>>,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, read_within: Duration) -> Self {
        let (places, idle) = (Arc::new(Semaphore::new(PLACES)), Mutex::default());
        Self { options, read_within, places, idle }
    }

    /// A connection that has answered a moment ago.
    pub(super) async fn reader(self: Arc<Self>) -> Result<Reader, StoreError> {
        let late = |_| StoreError::Unavailable("no connection for reading became free in time".to_owned());
        timeout(READY_WITHIN, self.wait()).await.map_err(late)?
    }

    async fn wait(self: Arc<Self>) -> Result<Reader, StoreError> {
        let stopped = |_| StoreError::Unavailable("the store is stopped".to_owned());
        let place = self.places.clone().acquire_owned().await.map_err(stopped)?;
        let line = match self.alive().await {
            Some(line) => line,
            None => Line::new(connect(&self.options).await?, self.read_within),
        };
        Ok(Reader { line: Some(line), pool: self, _place: place })
    }

    /// An idle connection. Where one is dead the others are too: whatever cut it has cut them.
    async fn alive(&self) -> Option<Line> {
        let mut line = self.idle().pop()?;
        if line.answers(ALIVE_WITHIN).await {
            return Some(line);
        }
        self.idle().clear();
        None
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Line>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nobody read any more.
    pub(super) async fn close(&self) {
        self.places.close();
        let idle = std::mem::take(&mut *self.idle());
        join_all(idle.into_iter().map(|line| line.close(ALIVE_WITHIN))).await;
    }
}

/// A connection for reading, back in the pool when it is dropped, unless an answer is missing.
pub(super) struct Reader {
    /// There until it is dropped.
    line: Option<Line>,
    pool: Arc<Pool>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let sound = self.line.take().filter(|line| line.is_sound() && !self.pool.places.is_closed());
        self.pool.idle().extend(sound);
    }
}

impl Connection for Reader {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }
    fn has_begun(&self) -> bool {
        false
    }
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        async {
            match &mut self.line {
                Some(line) => line.query(statement).await,
                None => Err(StoreError::Unavailable("the reader was dropped".to_owned())),
            }
        }
        .boxed()
    }
    fn run(&mut self, _: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>> {
        let error = StoreError::Corrupt("a reader does not write".to_owned());
        async { Err(Broken { at: 0, error }) }.boxed()
    }
}
