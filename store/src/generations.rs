//! What a company has installed: a list of modules under a number, and one row that says which number counts.
//!
//! Lists are never changed. Whatever changes what is installed writes a new list first and then moves the pointer, which
//! is one row; going back moves it back.

use crate::backend::{Dialect, Row, args};
use crate::error::StoreError;
use crate::instances::text;
use crate::unit::{Session, Unit};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;

/// A module in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedModule {
    /// Its name.
    pub module: String,
    /// Its semantic version.
    pub version: String,
    /// The hash of its package file; none if it is compiled in.
    pub sha256: Option<String>,
    /// Whether it may be used.
    pub state: ModuleState,
}

/// Whether a module may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleState {
    /// It may.
    Enabled,
    /// Nothing new is begun; what runs goes on to its end.
    Draining,
    /// It may not. Its data is kept.
    Disabled,
}

/// What a company has installed, or had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Generation {
    /// From 1.
    pub number: u64,
    /// The one it was made from; 0 is what is compiled in.
    pub previous: u64,
    /// The modules, by name.
    pub modules: Vec<LockedModule>,
    /// Why it was made: `install travel 1.0.0`.
    pub reason: String,
    /// When, in milliseconds since 1970.
    pub made_at: i64,
    /// By whom.
    pub made_by: String,
}

/// A list to be written.
#[derive(Debug, Clone)]
pub struct NewGeneration {
    /// The one it is made from.
    pub previous: u64,
    /// The modules.
    pub modules: Vec<LockedModule>,
    /// Why it is made.
    pub reason: String,
    /// By whom.
    pub made_by: String,
}

impl Unit {
    /// Writes a list, which does not count yet; its number. A number is never used twice.
    pub async fn stage_generation(&mut self, company: &str, new: &NewGeneration) -> Result<u64, StoreError> {
        let NewGeneration { previous, modules, reason, made_by } = new;
        let number = self.next_number(company, "generation").await?;
        let sql = "INSERT INTO generation (company, number, previous, modules, reason, made_at, made_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let now = self.now_ms();
        self.execute(sql, args![company, number, *previous, text(modules)?, reason, now, made_by]).await?;
        u64::try_from(number).map_err(|error| StoreError::corrupt("a number", error))
    }

    /// Keeps all others from writing what belongs to the list that counts, until the end of the transaction in which another
    /// one comes to count.
    pub async fn lock_generation(&mut self, company: &str) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Postgres {
            let sql = "SELECT number FROM current_generation WHERE company = $1 FOR UPDATE";
            self.query_stored(sql, args![company]).await?;
        }
        Ok(())
    }

    /// Takes back a list that does not count.
    pub async fn drop_generation(&mut self, company: &str, number: u64) -> Result<(), StoreError> {
        let sql = "DELETE FROM generation WHERE company = $1 AND number = $2 AND NOT EXISTS \
                   (SELECT 1 FROM current_generation c WHERE c.company = $1 AND c.number = $2)";
        self.execute(sql, args![company, number]).await.map(|_| ())
    }

    /// Has `to` count instead of `from`; 0 is what is compiled in.
    ///
    /// # Errors
    /// `Conflict` if it is not `from` that counts.
    pub async fn point_to_generation(&mut self, company: &str, from: u64, to: u64) -> Result<(), StoreError> {
        let now = self.now_ms();
        self.ledger.held_lists.remove(company);
        let changed = if from == 0 {
            let sql = "INSERT INTO current_generation (company, number, since) VALUES ($1, $2, $3) \
                       ON CONFLICT (company) DO UPDATE SET number = excluded.number, since = excluded.since \
                       WHERE current_generation.number = 0";
            self.execute(sql, args![company, to, now]).await?
        } else {
            let sql = "UPDATE current_generation SET number = $3, since = $4 WHERE company = $1 AND number = $2";
            self.execute(sql, args![company, from, to, now]).await?
        };
        self.ledger.bells.installed = true;
        if changed == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

impl Session {
    /// The number that counts for a company; 0 is what is compiled in.
    pub async fn generation_number(&mut self, company: &str) -> Result<u64, StoreError> {
        let row = self.query_one("SELECT number FROM current_generation WHERE company = $1", args![company]).await?;
        row.map_or(Ok(0), |mut row| row.count())
    }

    /// The same within a unit of work, in which nobody moves it until the end of the transaction: what is written fits what
    /// counts, on every node. Nothing for a session that only reads.
    pub async fn held_generation_number(&mut self, company: &str) -> Result<Option<u64>, StoreError> {
        if !self.ledger.is_of_writer() {
            return Ok(None);
        }
        if let Some(number) = self.ledger.held_lists.get(company) {
            return Ok(Some(*number));
        }
        // SQLite has one writer, who sees what counts; on PostgreSQL another node may be about to move it.
        let sql = match self.dialect() {
            Dialect::Sqlite => "SELECT number FROM current_generation WHERE company = $1",
            Dialect::Postgres => "SELECT number FROM current_generation WHERE company = $1 FOR SHARE",
        };
        let row = self.query_stored(sql, args![company]).await?.into_iter().next();
        let number = row.map_or(Ok(0), |mut row| row.count())?;
        self.ledger.held_lists.insert(company.to_owned(), number);
        Ok(Some(number))
    }

    /// A list by its number.
    pub async fn generation(&mut self, company: &str, number: u64) -> Result<Option<Generation>, StoreError> {
        let sql = "SELECT number, previous, modules, reason, made_at, made_by FROM generation \
                   WHERE company = $1 AND number = $2";
        self.query_one(sql, args![company, number]).await?.map(generation).transpose()
    }

    /// The last lists of a company, newest first.
    pub async fn generations(&mut self, company: &str, limit: u32) -> Result<Vec<Generation>, StoreError> {
        let sql = "SELECT number, previous, modules, reason, made_at, made_by FROM generation \
                   WHERE company = $1 ORDER BY number DESC LIMIT $2";
        self.query(sql, args![company, limit]).await?.into_iter().map(generation).collect()
    }

    /// A number that changes whenever this node hears that somewhere something was installed.
    pub fn installed_changes(&self) -> u64 {
        self.installed.load(Ordering::SeqCst)
    }

    /// Whether the transaction of this session has changed what is installed, so that others do not see it yet.
    pub fn is_changing_installed(&self) -> bool {
        self.ledger.bells.installed
    }
}

fn generation(mut row: Row) -> Result<Generation, StoreError> {
    Ok(Generation {
        number: row.count()?,
        previous: row.count()?,
        modules: row.json("generation")?,
        reason: row.text()?,
        made_at: row.int()?,
        made_by: row.text()?,
    })
}
