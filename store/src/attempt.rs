//! A part of a unit that may fail without the rest of it: what it has written is taken back, and the unit goes on.

use crate::error::StoreError;
use crate::ledger::Mark;
use crate::unit::Unit;

/// A part of a unit that has begun.
#[must_use = "it is to be ended, whatever became of it"]
pub struct Attempt(Mark);

impl Unit {
    /// Begins a part that may fail alone.
    pub async fn begin_attempt(&mut self) -> Result<Attempt, StoreError> {
        self.flush().await?;
        let mark = self.ledger.mark();
        self.execute("SAVEPOINT attempt", Vec::new()).await?;
        Ok(Attempt(mark))
    }

    /// Keeps what the part has written, or takes it back if it failed; the inner result is the part's own.
    ///
    /// # Errors
    /// What no caller can do anything about undoes the whole unit: the database is not there, somebody else was faster,
    /// a row cannot be read.
    pub async fn end_attempt<T>(
        &mut self,
        attempt: Attempt,
        done: Result<T, StoreError>,
    ) -> Result<Result<T, StoreError>, StoreError> {
        match done {
            Ok(done) => {
                self.execute("RELEASE SAVEPOINT attempt", Vec::new()).await?;
                Ok(Ok(done))
            }
            Err(error) if error.is_of_caller() => {
                self.take_back(attempt).await?;
                Ok(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    async fn take_back(&mut self, Attempt(mark): Attempt) -> Result<(), StoreError> {
        self.ledger.back_to(mark);
        self.execute("ROLLBACK TO SAVEPOINT attempt", Vec::new()).await?;
        self.execute("RELEASE SAVEPOINT attempt", Vec::new()).await?;
        Ok(())
    }
}
