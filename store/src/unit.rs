//! A session reads; a unit of work reads and writes, all of it or nothing.

use crate::archive::Archive;
use crate::backend::{Arg, Connection, Dialect, Row, Statement};
use crate::clock::Clock;
use crate::crash::Crash;
use crate::definitions::DefinitionCache;
use crate::error::StoreError;
use crate::inline::Inline;
use crate::ledger::{Asked, Ledger};
use crate::module_log::ModuleLog;
use crate::tables::{meets_instances, meets_ledger, only_reads};
use futures::FutureExt;
use futures::future::BoxFuture;
use rand::RngCore;
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

/// A connection for reading. The methods stand with their subjects: instances, objects, people, ...
pub struct Session {
    pub(crate) connection: Box<dyn Connection>,
    pub(crate) definitions: Arc<DefinitionCache>,
    pub(crate) crash: Arc<Crash>,
    pub(crate) ledger: Ledger,
    /// Where finished instances went, if there is an archive.
    pub(crate) archive: Option<Archive>,
    /// Counts the commits that changed what is installed, as this node hears of them.
    pub(crate) installed: Arc<AtomicU64>,
    /// What is to be told of modules.
    pub(crate) module_log: Arc<ModuleLog>,
}

impl Session {
    // Boxed, as are the others on which much of the store stands: the code of an unboxed future is compiled again in every
    // crate that awaits it.
    pub(crate) fn query(&mut self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.ask(sql, args).boxed()
    }

    async fn ask(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.prepare(sql).await?;
        if !self.ledger.keeps(sql) {
            return self.query_stored(sql, args).await;
        }
        let asked = Asked { sql, args };
        if let Some(rows) = self.ledger.answer(&asked) {
            return Ok(rows);
        }
        let rows = self.query_stored(sql, asked.args.clone()).await?;
        self.ledger.keep_answer(asked, &rows);
        Ok(rows)
    }

    /// Runs a query over what is written, whatever the ledger holds back.
    pub(crate) async fn query_stored(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.run_query(Statement { sql: Cow::Borrowed(sql), args }).await
    }

    pub(crate) async fn run_query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let rows = self.connection.query(statement).await;
        self.ledger.broken |= rows.is_err() && self.dialect() == Dialect::Postgres;
        rows
    }

    pub(crate) async fn query_one(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }

    /// What must be known before a statement runs: the rows that are held back, if it meets them.
    async fn prepare(&mut self, sql: &str) -> Result<(), StoreError> {
        if self.ledger.is_dirty() && meets_ledger(sql) {
            self.flush().await?;
        }
        if !only_reads(sql) {
            self.ledger.begin_writing();
            self.ledger.rewrote |= meets_instances(sql);
        }
        Ok(())
    }
}

/// A unit of work: what is read and written between two commits, for one caller.
pub struct Unit {
    pub(crate) session: Session,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) inline: Arc<dyn Inline>,
    /// How deep workflows have started each other within this unit.
    pub(crate) depth: u32,
}

impl Deref for Unit {
    type Target = Session;
    fn deref(&self) -> &Session {
        &self.session
    }
}

impl DerefMut for Unit {
    fn deref_mut(&mut self) -> &mut Session {
        &mut self.session
    }
}

impl Unit {
    pub(crate) fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> BoxFuture<'_, Result<u64, StoreError>> {
        self.change(sql, args).boxed()
    }

    async fn change(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.session.prepare(sql).await?;
        let changed = self.session.connection.run(vec![Statement { sql: Cow::Borrowed(sql), args }]).await;
        self.ledger.broken |= changed.is_err() && self.dialect() == Dialect::Postgres;
        Ok(changed.map_err(|broken| broken.error)?.into_iter().sum())
    }

    /// The time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A new time-ordered id (UUID version 7).
    pub fn new_id(&self) -> String {
        new_id(self.now_ms())
    }
}

pub(crate) fn new_id(now_ms: i64) -> String {
    let mut chance = [0_u8; 10];
    rand::rng().fill_bytes(&mut chance);
    let millis = u64::try_from(now_ms).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid().to_string()
}
