//! A session reads; a unit of work reads and writes, all of it or nothing.

use crate::backend::{Arg, Connection, Dialect, Row};
use crate::clock::Clock;
use crate::definitions::DefinitionCache;
use crate::error::StoreError;
use crate::inline::Inline;
use rand::RngCore;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A connection for reading. The methods stand with their subjects: instances, objects, people, ...
pub struct Session {
    pub(crate) connection: Box<dyn Connection>,
    pub(crate) definitions: Arc<DefinitionCache>,
}

impl Session {
    pub(crate) async fn query(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<Row>, StoreError> {
        self.connection.query(sql, args).await
    }

    pub(crate) async fn query_one(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<Option<Row>, StoreError> {
        Ok(self.query(sql, args).await?.into_iter().next())
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.connection.dialect()
    }
}

/// A unit of work: what is read and written between two commits, for one caller.
pub struct Unit {
    pub(crate) session: Session,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) inline: Arc<dyn Inline>,
    /// Effects were written, so workers are to be woken after the commit.
    pub(crate) effects: bool,
    /// A deadline was written, so the timer is to be woken after the commit.
    pub(crate) deadlines: bool,
    /// Instances are locked before they are read: somebody else was faster before.
    pub(crate) locking: bool,
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
    pub(crate) async fn execute(&mut self, sql: &'static str, args: Vec<Arg>) -> Result<u64, StoreError> {
        self.session.connection.execute(sql, args).await
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
