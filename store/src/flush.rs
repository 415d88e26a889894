//! Writing what the ledger holds back, alone or together with the commit.

use crate::backend::{Broken, Dialect, Statement};
use crate::error::StoreError;
use crate::rows::Fenced;
use crate::unit::Session;

/// At most so many statements cross together with the commit. More of them come in too many combinations for each to
/// stay prepared, and then it is not the crossing that takes the time.
const FEW: usize = 5;

/// Why a transaction was not committed.
#[derive(Debug)]
pub(crate) enum Uncommitted {
    /// A row could not be written, so nothing was.
    Flush(StoreError),
    /// The commit itself has failed, and nobody knows what became of it.
    Commit(StoreError),
}

impl Session {
    /// Writes what is held back. `Conflict` if somebody else moved one of the instances.
    pub(crate) async fn flush(&mut self) -> Result<(), StoreError> {
        let flushed = match self.held_back() {
            Ok(held_back) => self.write(held_back).await,
            Err(error) => Err(error),
        };
        // A part may have been written, and the ledger holds it back no more.
        self.ledger.broken |= flushed.is_err();
        flushed
    }

    /// Writes what is held back and commits.
    pub(crate) async fn commit(&mut self) -> Result<(), Uncommitted> {
        let held_back = self.held_back().map_err(Uncommitted::Flush)?;
        if self.dialect() == Dialect::Sqlite && held_back.len() <= FEW {
            return self.commit_with(held_back).await;
        }
        self.write(held_back).await.map_err(Uncommitted::Flush)?;
        self.commit_with(Vec::new()).await
    }

    fn held_back(&mut self) -> Result<Vec<Fenced>, StoreError> {
        let dialect = self.dialect();
        self.ledger.take().statements(dialect)
    }

    async fn write(&mut self, held_back: Vec<Fenced>) -> Result<(), StoreError> {
        for Fenced { statement, rows } in held_back {
            self.crash.point("before_flush")?;
            let changed = self.connection.run(vec![statement]).await.map_err(|broken| broken.error)?;
            if changed != [rows] {
                return Err(StoreError::Conflict);
            }
            self.crash.point("after_flush")?;
        }
        Ok(())
    }

    /// One crossing for all. That the rows are there to be changed is certain on SQLite, though it is seen only after the
    /// commit: they were read after this transaction had taken the only lock for writing; or they were read ahead, and
    /// then, had another process moved the instance since, its transition would be there and ours could not be inserted.
    async fn commit_with(&mut self, held_back: Vec<Fenced>) -> Result<(), Uncommitted> {
        self.pass("before_flush", held_back.len())?;
        self.pass("before_commit", 1)?;
        if held_back.is_empty() && !self.connection.has_begun() {
            return Ok(());
        }
        let (mut statements, rows): (Vec<_>, Vec<_>) =
            held_back.into_iter().map(|Fenced { statement, rows }| (statement, rows)).unzip();
        self.connection.announce(self.ledger.bells);
        statements.push(Statement::of("COMMIT"));
        match self.connection.run(statements).await {
            Ok(changed) if changed.starts_with(&rows) => Ok(()),
            Ok(changed) => Err(Uncommitted::Commit(StoreError::Corrupt(format!("{rows:?} rows became {changed:?}")))),
            Err(Broken { at, error }) if at < rows.len() => Err(Uncommitted::Flush(error)),
            Err(Broken { error, .. }) => Err(Uncommitted::Commit(error)),
        }
    }

    fn pass(&self, point: &'static str, times: usize) -> Result<(), Uncommitted> {
        (0..times).try_for_each(|_| self.crash.point(point)).map_err(Uncommitted::Commit)
    }
}
