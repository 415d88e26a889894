//! One transaction for the units of a batch: first as fast as can be, and once more with care if that surprises.
//!
//! In the fast way what units write is held back in the ledger and written together at the end. A unit that fails is
//! undone by dropping what it left there; there are no savepoints. A unit that fails although it has written directly, or
//! rows that meet those of another node, undo everything, and the same units are run again behind a savepoint each, as
//! slow as that is. Units may run more than once; whoever calls knows that.

use crate::error::StoreError;
use crate::flush::Uncommitted;
use crate::handle::About;
use crate::job::{Job, Ran};
use crate::ledger::{Place, place_of};
use crate::writer::Writer;

/// How a transaction ended.
enum Ended {
    Committed,
    RolledBack,
    /// Nothing is stored, and the same units are to be run once more, with care.
    Surprised,
}

impl Writer {
    /// Runs and commits a batch. An error means that nobody knows what became of it.
    pub(crate) async fn commit(&mut self, batch: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        let ended = match batch {
            [only] => self.run_alone(only.as_mut()).await?,
            several => match self.run_quickly(several).await? {
                Ended::Surprised => self.run_carefully(several).await?,
                ended => ended,
            },
        };
        if matches!(ended, Ended::Committed) {
            self.shared.wakes.ring(self.unit.ledger.bells);
            self.note_moved();
            self.shared.crash.point("after_commit")?;
        }
        Ok(())
    }

    /// A unit alone needs no savepoint: it is undone with its transaction.
    async fn run_alone(&mut self, job: &mut dyn Job) -> Result<Ended, StoreError> {
        self.begin().await?;
        self.look_ahead(job.take_about());
        match self.work(job).await? {
            Ran::Keep if self.unit.ledger.broken => job.fail(went_on()),
            Ran::Keep => match self.unit.commit().await {
                Ok(()) => return Ok(Ended::Committed),
                Err(Uncommitted::Flush(error)) => job.fail(error),
                Err(Uncommitted::Commit(error)) => return Err(error),
            },
            _ => {}
        }
        self.roll_back().await
    }

    /// Runs units without a savepoint, which is right as long as none of them fails after it has written, and nothing
    /// that is held back meets what another node has committed. Whatever else happens is a surprise.
    async fn run_quickly(&mut self, batch: &mut [Box<dyn Job>]) -> Result<Ended, StoreError> {
        self.begin().await?;
        let unknown: Vec<Place> = batch.iter_mut().filter_map(|job| self.look_ahead(job.take_about())).collect();
        if self.unit.load_all(&unknown.iter().collect()).await.is_err() {
            return self.be_surprised().await;
        }
        for n in 0..batch.len() {
            let Some(job) = batch.get_mut(n) else { break };
            let ran = self.work(job.as_mut()).await?;
            if let Some(why) = self.locked_out(job.as_ref()) {
                return self.fail_all(batch, &why).await;
            }
            match ran {
                Ran::Undo if self.unit.ledger.wrote => return self.be_surprised().await,
                Ran::Undo => self.unit.ledger.undo(),
                _ => self.unit.ledger.keep(),
            }
            if self.unit.ledger.broken {
                return self.be_surprised().await;
            }
        }
        match self.unit.commit().await {
            Ok(()) => Ok(Ended::Committed),
            Err(Uncommitted::Flush(_)) => self.be_surprised().await,
            Err(Uncommitted::Commit(error)) => Err(error),
        }
    }

    /// Takes what was read ahead as loaded, unless it has moved since; otherwise says what is to be loaded.
    fn look_ahead(&mut self, about: About) -> Option<Place> {
        match about {
            About::Nothing => None,
            About::Instance(company, id) => Some((company, id)),
            About::Ahead(ahead) => {
                let place = place_of(&ahead.loaded);
                if !self.moved.allows(ahead.as_of, &place) {
                    return Some(place);
                }
                self.unit.ledger.remember(&ahead.loaded);
                None
            }
        }
    }

    /// Has what was read before this commit judged by what it has moved.
    fn note_moved(&mut self) {
        if self.unit.ledger.rewrote {
            self.moved.forget();
        } else {
            self.moved.note(self.unit.ledger.moved.drain(..));
        }
    }

    /// Runs units behind a savepoint each: whatever one of them does, it does to itself.
    async fn run_carefully(&mut self, batch: &mut [Box<dyn Job>]) -> Result<Ended, StoreError> {
        self.begin().await?;
        for n in 0..batch.len() {
            let Some(job) = batch.get_mut(n) else { break };
            match self.run_behind_savepoint(job.as_mut()).await {
                Ok(()) => {}
                Err(StoreError::Unavailable(why)) if !self.unit.session.connection.has_begun() => {
                    return self.fail_all(batch, &why).await;
                }
                Err(error) => return Err(error),
            }
        }
        match self.unit.commit().await {
            Ok(()) => Ok(Ended::Committed),
            Err(Uncommitted::Flush(error) | Uncommitted::Commit(error)) => Err(error),
        }
    }

    /// Why the transaction could not begin, if that is what a unit has found: another process holds SQLite's lock for
    /// writing. The others would each wait as long for it.
    fn locked_out(&self, job: &dyn Job) -> Option<String> {
        if self.unit.session.connection.has_begun() { None } else { job.unavailable().map(str::to_owned) }
    }

    async fn fail_all(&mut self, batch: &mut [Box<dyn Job>], why: &str) -> Result<Ended, StoreError> {
        batch.iter_mut().for_each(|job| job.fail(StoreError::Unavailable(why.to_owned())));
        self.roll_back().await
    }

    async fn run_behind_savepoint(&mut self, job: &mut dyn Job) -> Result<(), StoreError> {
        self.unit.execute("SAVEPOINT one", Vec::new()).await?;
        if self.work(job).await? == Ran::Keep {
            match self.keep().await {
                Ok(()) => return Ok(()),
                Err(error @ StoreError::Crashed(_)) => return Err(error),
                // PostgreSQL keeps nothing of a unit that went on after a statement had failed.
                Err(error) => job.fail(error),
            }
        }
        self.unit.execute("ROLLBACK TO SAVEPOINT one", Vec::new()).await?;
        self.unit.execute("RELEASE SAVEPOINT one", Vec::new()).await?;
        self.unit.ledger.forget();
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), StoreError> {
        self.unit.flush().await?;
        self.unit.execute("RELEASE SAVEPOINT one", Vec::new()).await?;
        self.unit.ledger.keep();
        Ok(())
    }

    /// Runs the code of a unit.
    async fn work(&mut self, job: &mut dyn Job) -> Result<Ran, StoreError> {
        match job.run(&mut self.unit).await {
            Ran::Keep => self.shared.crash.point("after_work").map(|()| Ran::Keep),
            Ran::Undo => Ok(Ran::Undo),
            Ran::Stop(point) => Err(StoreError::Crashed(point)),
        }
    }

    async fn begin(&mut self) -> Result<(), StoreError> {
        self.shared.crash.point("before_begin")?;
        self.unit.ledger.clear();
        if self.unit.session.connection.begin().await.is_ok() {
            return Ok(());
        }
        // The connection was lost while nobody used it. Nothing has been done yet, so nobody has to hear of it.
        let locking = self.unit.ledger.locking;
        self.unit = self.shared.unit(self.backend.writer().await?);
        self.unit.ledger.locking = locking;
        self.unit.session.connection.begin().await
    }

    async fn be_surprised(&mut self) -> Result<Ended, StoreError> {
        self.roll_back().await.map(|_| Ended::Surprised)
    }

    async fn roll_back(&mut self) -> Result<Ended, StoreError> {
        if self.unit.session.connection.has_begun() {
            self.unit.execute("ROLLBACK", Vec::new()).await?;
        }
        self.unit.ledger.clear();
        Ok(Ended::RolledBack)
    }
}

/// PostgreSQL keeps nothing of a transaction in which a statement has failed, whatever the unit made of the failure.
fn went_on() -> StoreError {
    StoreError::Corrupt("a unit of work went on after a statement had failed".to_owned())
}
