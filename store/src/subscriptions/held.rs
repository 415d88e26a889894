//! Events that a subscription could not handle. Those about the same subject wait behind them, so that what happens to
//! one thing is always heard in its order; all others go on.

use super::{SubscriptionKey, SubscriptionState, key};
use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// So many events of a subscription are held at most; then it stands still.
pub const MAX_HELD: u64 = 1_000;

/// Where a held event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldStatus {
    /// It is tried again.
    Ready,
    /// It waits behind an earlier one about the same subject.
    Waiting,
    /// It was tried often enough; somebody has to look.
    Dead,
}

impl HeldStatus {
    /// Its word, as it is stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Dead => "dead",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Ready, Self::Waiting, Self::Dead].into_iter().find(|status| status.word() == word);
        known.ok_or_else(|| StoreError::Corrupt(format!("the status of a held event: {word}")))
    }
}

/// An event that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldEvent {
    /// Its place in the log.
    pub seq: u64,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: HeldStatus,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried again, in milliseconds since 1970.
    pub run_at: i64,
    /// Why the last attempt failed.
    pub error: Option<String>,
    /// Since when it is held.
    pub since: i64,
}

/// An event to be held.
#[derive(Debug, Clone)]
pub struct NewHeldEvent {
    /// Its place in the log.
    pub seq: u64,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: HeldStatus,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried again, in milliseconds since 1970.
    pub run_at: i64,
    /// Why the last attempt failed.
    pub error: Option<String>,
}

impl Unit {
    /// Holds an event.
    pub async fn hold_event(&mut self, of: &SubscriptionKey, held: &NewHeldEvent) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let NewHeldEvent { seq, subject, status, attempts, run_at, error } = held;
        let now = self.now_ms();
        let sql = "INSERT INTO held_event (company, module, name, seq, subject, status, attempts, run_at, error, since) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (company, module, name, seq) DO UPDATE \
                   SET status = excluded.status, attempts = excluded.attempts, run_at = excluded.run_at, error = excluded.error";
        let (status, error) = (status.word(), error.clone());
        let values = args![company, module, name, *seq, subject, status, *attempts, *run_at, error, now];
        self.execute(sql, values).await?;
        self.ledger.bells.events = true;
        Ok(())
    }

    /// Says anew how a held event stands.
    ///
    /// # Errors
    /// `Conflict` if it is not held any more: an admin has passed over it, say.
    pub async fn change_held_event(&mut self, of: &SubscriptionKey, held: &NewHeldEvent) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let NewHeldEvent { seq, status, attempts, run_at, error, .. } = held;
        let sql = "UPDATE held_event SET status = $5, attempts = $6, run_at = $7, error = $8 \
                   WHERE company = $1 AND module = $2 AND name = $3 AND seq = $4";
        let values = args![company, module, name, *seq, status.word(), *attempts, *run_at, error.clone()];
        self.ledger.bells.events = true;
        match self.execute(sql, values).await? {
            0 => Err(StoreError::Conflict),
            _ => Ok(()),
        }
    }

    /// Has events tried again at once, as often as new ones: one, or all that were given up.
    ///
    /// # Errors
    /// `Missing` if the one that is named is not held, or only waits.
    pub async fn retry_held_events(&mut self, of: &SubscriptionKey, seq: Option<u64>) -> Result<u64, StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let now = self.now_ms();
        self.ledger.bells.events = true;
        let Some(seq) = seq else {
            let sql = "UPDATE held_event SET status = 'ready', attempts = 0, run_at = $4 \
                       WHERE company = $1 AND module = $2 AND name = $3 AND status = 'dead'";
            return self.execute(sql, args![company, module, name, now]).await;
        };
        let sql = "UPDATE held_event SET status = 'ready', attempts = 0, run_at = $4 \
                   WHERE company = $1 AND module = $2 AND name = $3 AND status <> 'waiting' AND seq = $5";
        match self.execute(sql, args![company, module, name, now, seq]).await? {
            0 => Err(StoreError::Missing { what: "held event", id: seq.to_string() }),
            changed => Ok(changed),
        }
    }

    /// Lets a held event go: it is handled, or passed over. The next about the same subject is ready then.
    pub async fn let_event_go(&mut self, of: &SubscriptionKey, held: &HeldEvent) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let now = self.now_ms();
        let sql = "DELETE FROM held_event WHERE company = $1 AND module = $2 AND name = $3 AND seq = $4";
        self.execute(sql, args![company, module, name, held.seq]).await?;
        let sql = "UPDATE held_event SET status = 'ready', run_at = $5 \
                   WHERE company = $1 AND module = $2 AND name = $3 AND status = 'waiting' AND seq = \
                   (SELECT min(h.seq) FROM held_event h WHERE h.company = $1 AND h.module = $2 AND h.name = $3 AND h.subject = $4)";
        self.execute(sql, args![company, module, name, &held.subject, now]).await?;
        let sql = "UPDATE subscription SET state = $4 WHERE company = $1 AND module = $2 AND name = $3 AND state = $5";
        let (active, full) = (SubscriptionState::Active.word(), SubscriptionState::Full.word());
        self.execute(sql, args![company, module, name, active, full]).await?;
        self.ledger.bells.events = true;
        Ok(())
    }
}

/// The columns of [`held`].
macro_rules! select_held {
    ($condition:literal) => {
        concat!(
            "SELECT seq, subject, status, attempts, run_at, error, since FROM held_event \
             WHERE company = $1 AND module = $2 AND name = $3 AND ",
            $condition
        )
    };
}

impl Session {
    /// Whether an event about this subject is held, so that later ones have to wait.
    pub async fn is_subject_held(&mut self, of: &SubscriptionKey, subject: &str) -> Result<bool, StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let sql =
            "SELECT seq FROM held_event WHERE company = $1 AND module = $2 AND name = $3 AND subject = $4 LIMIT 1";
        Ok(self.query_one(sql, args![company, module, name, subject]).await?.is_some())
    }

    /// How many events of a subscription are held, of one status or of all.
    pub async fn count_held(&mut self, of: &SubscriptionKey, status: Option<HeldStatus>) -> Result<u64, StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let row = match status {
            None => {
                let sql = "SELECT count(*) FROM held_event WHERE company = $1 AND module = $2 AND name = $3";
                self.query_one(sql, args![company, module, name]).await?
            }
            Some(status) => {
                let sql =
                    "SELECT count(*) FROM held_event WHERE company = $1 AND module = $2 AND name = $3 AND status = $4";
                self.query_one(sql, args![company, module, name, status.word()]).await?
            }
        };
        row.map_or(Ok(0), |mut row| row.count())
    }

    /// Held events of a subscription, oldest first.
    pub async fn held_events(&mut self, of: &SubscriptionKey, limit: u32) -> Result<Vec<HeldEvent>, StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let rows =
            self.query(select_held!("seq > 0 ORDER BY seq LIMIT $4"), args![company, module, name, limit]).await?;
        rows.into_iter().map(held).collect()
    }

    /// A held event by its place in the log.
    pub async fn held_event(&mut self, of: &SubscriptionKey, seq: u64) -> Result<Option<HeldEvent>, StoreError> {
        let SubscriptionKey { company, module, name } = of;
        let row = self.query_one(select_held!("seq = $4"), args![company, module, name, seq]).await?;
        row.map(held).transpose()
    }

    /// Held events whose time has come, of subscriptions that are delivered.
    pub async fn due_held_events(
        &mut self,
        now_ms: i64,
        limit: u32,
    ) -> Result<Vec<(SubscriptionKey, u64)>, StoreError> {
        let sql = "SELECT h.company, h.module, h.name, h.seq FROM held_event h JOIN subscription s \
                   ON s.company = h.company AND s.module = h.module AND s.name = h.name AND s.state <> 'resting' \
                   WHERE h.status = 'ready' AND h.run_at <= $1 ORDER BY h.run_at, h.seq LIMIT $2";
        let rows = self.query(sql, args![now_ms, limit]).await?;
        rows.into_iter().map(|mut row| Ok((key(&mut row)?, row.count()?))).collect()
    }

    /// When the next held event is to be tried.
    pub async fn next_held_at(&mut self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT h.run_at FROM held_event h JOIN subscription s \
                   ON s.company = h.company AND s.module = h.module AND s.name = h.name AND s.state <> 'resting' \
                   WHERE h.status = 'ready' ORDER BY h.run_at LIMIT 1";
        self.query_one(sql, Vec::new()).await?.map(|mut row| row.int()).transpose()
    }
}

fn held(mut row: Row) -> Result<HeldEvent, StoreError> {
    Ok(HeldEvent {
        seq: row.count()?,
        subject: row.text()?,
        status: HeldStatus::read(&row.text()?)?,
        attempts: row.count()?,
        run_at: row.int()?,
        error: row.maybe_text()?,
        since: row.int()?,
    })
}
