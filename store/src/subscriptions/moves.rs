//! How a subscription begins, moves, rests and is set back.

use super::{SubscriptionKey, SubscriptionState};
use crate::backend::{Dialect, args};
use crate::error::StoreError;
use crate::unit::Unit;

const TAKE_SQLITE: &str = "SELECT position FROM subscription WHERE company = $1 AND module = $2 AND name = $3 \
    AND state <> 'resting'";

// What another node has in hand is left to it.
const TAKE_POSTGRES: &str = "SELECT position FROM subscription WHERE company = $1 AND module = $2 AND name = $3 \
    AND state <> 'resting' FOR UPDATE SKIP LOCKED";

// Admins wait for their turn.
const LOCK_POSTGRES: &str =
    "SELECT position FROM subscription WHERE company = $1 AND module = $2 AND name = $3 FOR UPDATE";

impl Unit {
    /// Has a subscription delivered from now on. A new one begins at the end of the log, or with its first event; one
    /// that was there goes on where it was.
    pub async fn begin_subscription(&mut self, key: &SubscriptionKey, from_beginning: bool) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let position = if from_beginning { 0 } else { self.last_event(company).await? };
        let now = self.now_ms();
        let sql = "INSERT INTO subscription (company, module, name, position, state, moved_at) \
                   VALUES ($1, $2, $3, $4, 'active', $5) ON CONFLICT (company, module, name) DO UPDATE SET state = 'active' \
                   WHERE subscription.state = 'resting'";
        self.execute(sql, args![company, module, name, position, now]).await?;
        self.ledger.bells.events = true;
        Ok(())
    }

    /// Says whether a subscription is delivered; where it is stays.
    pub async fn set_subscription_state(
        &mut self,
        key: &SubscriptionKey,
        state: SubscriptionState,
    ) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let sql = "UPDATE subscription SET state = $4 WHERE company = $1 AND module = $2 AND name = $3";
        self.execute(sql, args![company, module, name, state.word()]).await?;
        self.ledger.bells.events = true;
        Ok(())
    }

    /// Takes a subscription in hand until the end of the transaction: where it is. Nothing if it is not delivered, or if
    /// another node has it in hand.
    pub async fn take_subscription(&mut self, key: &SubscriptionKey) -> Result<Option<u64>, StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let sql = match self.dialect() {
            Dialect::Sqlite => TAKE_SQLITE,
            Dialect::Postgres => TAKE_POSTGRES,
        };
        self.query_one(sql, args![company, module, name]).await?.map(|mut row| row.count()).transpose()
    }

    /// Waits until nobody delivers a subscription, and keeps it so until the end of the transaction, delivered or not.
    /// Whoever changes what is held of it does this first.
    ///
    /// # Errors
    /// `Missing` if there is no such subscription.
    pub async fn lock_subscription(&mut self, key: &SubscriptionKey) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let is_there = match self.dialect() {
            Dialect::Sqlite => self.subscription(key).await?.is_some(),
            Dialect::Postgres => self.query_one(LOCK_POSTGRES, args![company, module, name]).await?.is_some(),
        };
        let missing = || StoreError::Missing { what: "subscription", id: name.clone() };
        if is_there { Ok(()) } else { Err(missing()) }
    }

    /// Moves a subscription on.
    ///
    /// # Errors
    /// `Conflict` if it is not at `from` any more.
    pub async fn move_subscription(&mut self, key: &SubscriptionKey, from: u64, to: u64) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let now = self.now_ms();
        let sql = "UPDATE subscription SET position = $5, moved_at = $6 \
                   WHERE company = $1 AND module = $2 AND name = $3 AND position = $4";
        match self.execute(sql, args![company, module, name, from, to, now]).await? {
            1 => Ok(()),
            _ => Err(StoreError::Conflict),
        }
    }

    /// Has the events after a place delivered once more, or passed over if it lies ahead. What is held of them is let go,
    /// because it comes again by itself.
    ///
    /// # Errors
    /// `Missing` if there is no such subscription.
    pub async fn replay_subscription(&mut self, key: &SubscriptionKey, after: u64) -> Result<(), StoreError> {
        let SubscriptionKey { company, module, name } = key;
        let now = self.now_ms();
        let sql = "UPDATE subscription SET position = $4, moved_at = $5, \
                   state = CASE WHEN state = 'full' THEN 'active' ELSE state END \
                   WHERE company = $1 AND module = $2 AND name = $3";
        if self.execute(sql, args![company, module, name, after, now]).await? == 0 {
            return Err(StoreError::Missing { what: "subscription", id: name.clone() });
        }
        let sql = "DELETE FROM held_event WHERE company = $1 AND module = $2 AND name = $3 AND seq > $4";
        self.execute(sql, args![company, module, name, after]).await?;
        self.ledger.bells.events = true;
        Ok(())
    }
}
