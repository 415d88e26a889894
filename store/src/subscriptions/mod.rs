//! Who hears of a company's events, and how far each has come.
//!
//! A subscription's row is its cursor and its fence: whoever delivers takes the row first, and what the handler does is
//! committed together with the move. So each event is handled once, by one node at a time, in the order of the log.

mod held;
mod moves;

pub use held::{HeldEvent, HeldStatus, MAX_HELD, NewHeldEvent};

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::Session;
use std::fmt;

/// Which subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubscriptionKey {
    /// The company.
    pub company: String,
    /// The module that listens.
    pub module: String,
    /// The name that its manifest gives it.
    pub name: String,
}

impl fmt::Display for SubscriptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { company, module, name } = self;
        write!(f, "{company}/{module}/{name}")
    }
}

/// Whether a subscription is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionState {
    /// It is.
    Active,
    /// Its module is not used, or does not have it any more. It goes on where it is when that changes.
    Resting,
    /// Too many of its events are held; it goes on when there is room again.
    Full,
}

impl SubscriptionState {
    /// Its word, as it is stored and shown.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Resting => "resting",
            Self::Full => "full",
        }
    }

    fn read(word: &str) -> Result<Self, StoreError> {
        let known = [Self::Active, Self::Resting, Self::Full].into_iter().find(|state| state.word() == word);
        known.ok_or_else(|| StoreError::Corrupt(format!("the state of a subscription: {word}")))
    }
}

/// A subscription, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Which.
    pub key: SubscriptionKey,
    /// The place of the last event that is dealt with: handled, held, or not wanted.
    pub position: u64,
    /// Whether it is delivered.
    pub state: SubscriptionState,
    /// When it last moved, in milliseconds since 1970.
    pub moved_at: i64,
}

/// The columns of [`subscription`].
macro_rules! select_subscriptions {
    ($rest:literal) => {
        concat!("SELECT s.company, s.module, s.name, s.position, s.state, s.moved_at FROM subscription s ", $rest)
    };
}

impl Session {
    /// The subscriptions of a company, of one module or of all.
    pub async fn subscriptions(
        &mut self,
        company: &str,
        module: Option<&str>,
    ) -> Result<Vec<Subscription>, StoreError> {
        let rows = match module {
            Some(module) => {
                let sql = select_subscriptions!("WHERE s.company = $1 AND s.module = $2 ORDER BY s.name");
                self.query(sql, args![company, module]).await?
            }
            None => {
                let sql = select_subscriptions!("WHERE s.company = $1 ORDER BY s.module, s.name");
                self.query(sql, args![company]).await?
            }
        };
        rows.into_iter().map(subscription).collect()
    }

    /// One subscription.
    pub async fn subscription(&mut self, key: &SubscriptionKey) -> Result<Option<Subscription>, StoreError> {
        let sql = select_subscriptions!("WHERE s.company = $1 AND s.module = $2 AND s.name = $3");
        let SubscriptionKey { company, module, name } = key;
        self.query_one(sql, args![company, module, name]).await?.map(subscription).transpose()
    }

    /// Subscriptions with events before them, those first that have not moved for longest.
    pub async fn lagging_subscriptions(&mut self, limit: u32) -> Result<Vec<SubscriptionKey>, StoreError> {
        let sql = select_subscriptions!(
            "JOIN series n ON n.company = s.company AND n.name = 'event' WHERE s.state = 'active' \
             AND s.position < n.value ORDER BY s.moved_at LIMIT $1"
        );
        let rows = self.query(sql, args![limit]).await?;
        rows.into_iter().map(|row| subscription(row).map(|found| found.key)).collect()
    }
}

fn subscription(mut row: Row) -> Result<Subscription, StoreError> {
    Ok(Subscription {
        key: key(&mut row)?,
        position: row.count()?,
        state: SubscriptionState::read(&row.text()?)?,
        moved_at: row.int()?,
    })
}

fn key(row: &mut Row) -> Result<SubscriptionKey, StoreError> {
    Ok(SubscriptionKey { company: row.text()?, module: row.text()?, name: row.text()? })
}
