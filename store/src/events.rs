//! What modules publish: a log in order, for ever, in the words of CloudEvents.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::instances::text;
use crate::unit::{Session, Unit};
use serde_json::Value;

/// An event that was published.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedEvent {
    /// Its place in the company's log, from 1 without gaps.
    pub seq: u64,
    /// Its id, for consumers that must not act twice.
    pub id: String,
    /// What happened: `purchasing.order.sent`.
    pub kind: String,
    /// To what: `purchasing/orders/...`.
    pub subject: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// More about it.
    pub data: Value,
}

/// Which types of events somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventTypes {
    /// This one.
    Exactly(String),
    /// All that begin like this: `travel.trip.` for `travel.trip.*`, and every type where it is empty.
    Beginning(String),
}

impl EventTypes {
    /// A type, or a pattern with `*` at its end.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some(beginning) => Self::Beginning(beginning.to_owned()),
            None => Self::Exactly(text.to_owned()),
        }
    }

    /// Whether a type is one of them.
    #[must_use]
    pub fn contain(&self, kind: &str) -> bool {
        match self {
            Self::Exactly(wanted) => kind == wanted,
            Self::Beginning(beginning) => kind.starts_with(beginning.as_str()),
        }
    }
}

/// A part of a company's log: what comes after a place, up to another.
macro_rules! select_events {
    ($condition:literal) => {
        concat!(
            "SELECT seq, id, type, subject, at, data FROM event WHERE company = $1 AND seq > $2 AND seq <= $3 ",
            $condition,
            " ORDER BY seq LIMIT $4"
        )
    };
}

impl Unit {
    /// Appends an event to the company's log.
    pub async fn publish(&mut self, company: &str, kind: &str, subject: &str, data: &Value) -> Result<(), StoreError> {
        let seq = self.next_number(company, "event").await?;
        let (id, now) = (self.new_id(), self.now_ms());
        let sql = "INSERT INTO event (company, seq, id, type, subject, at, data) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.execute(sql, args![company, seq, id, kind, subject, now, text(data)?]).await?;
        self.ledger.bells.events = true;
        Ok(())
    }
}

impl Session {
    /// Events after a place in the log.
    pub async fn published(
        &mut self,
        company: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<PublishedEvent>, StoreError> {
        let all = EventTypes::Beginning(String::new());
        self.published_of(company, &all, (after, u64::MAX), limit).await
    }

    /// Events of some types, after a place in the log and up to another.
    pub async fn published_of(
        &mut self,
        company: &str,
        types: &EventTypes,
        (after, to): (u64, u64),
        limit: u32,
    ) -> Result<Vec<PublishedEvent>, StoreError> {
        let to = to.min(i64::MAX.unsigned_abs());
        // Not LIKE: SQLite's takes capital letters for small ones.
        let rows = match types {
            EventTypes::Beginning(beginning) if beginning.is_empty() => {
                self.query(select_events!(""), args![company, after, to, limit]).await?
            }
            EventTypes::Beginning(beginning) => {
                let sql = select_events!("AND substr(type, 1, length($5)) = $5");
                self.query(sql, args![company, after, to, limit, beginning]).await?
            }
            EventTypes::Exactly(kind) => {
                self.query(select_events!("AND type = $5"), args![company, after, to, limit, kind]).await?
            }
        };
        rows.into_iter().map(event).collect()
    }

    /// One event, by its place in the log.
    pub async fn event_at(&mut self, company: &str, seq: u64) -> Result<Option<PublishedEvent>, StoreError> {
        let sql = "SELECT seq, id, type, subject, at, data FROM event WHERE company = $1 AND seq = $2";
        self.query_one(sql, args![company, seq]).await?.map(event).transpose()
    }

    /// The place of the last event in a company's log; 0 if there is none.
    pub async fn last_event(&mut self, company: &str) -> Result<u64, StoreError> {
        let sql = "SELECT value FROM series WHERE company = $1 AND name = 'event'";
        self.query_one(sql, args![company]).await?.map_or(Ok(0), |mut row| row.count())
    }
}

fn event(mut row: Row) -> Result<PublishedEvent, StoreError> {
    Ok(PublishedEvent {
        seq: row.count()?,
        id: row.text()?,
        kind: row.text()?,
        subject: row.text()?,
        at: row.int()?,
        data: row.json("event")?,
    })
}
