//! What modules publish: a log in order, for ever, in the words of CloudEvents.

use crate::backend::args;
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

impl Unit {
    /// Appends an event to the company's log.
    pub async fn publish(&mut self, company: &str, kind: &str, subject: &str, data: &Value) -> Result<(), StoreError> {
        let seq = self.next_number(company, "event").await?;
        let (id, now) = (self.new_id(), self.now_ms());
        let sql = "INSERT INTO event (company, seq, id, type, subject, at, data) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.execute(sql, args![company, seq, id, kind, subject, now, text(data)?]).await.map(|_| ())
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
        let sql =
            "SELECT seq, id, type, subject, at, data FROM event WHERE company = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let rows = self.query(sql, args![company, after, limit]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(PublishedEvent {
                    seq: row.count()?,
                    id: row.text()?,
                    kind: row.text()?,
                    subject: row.text()?,
                    at: row.int()?,
                    data: row.json("event")?,
                })
            })
            .collect()
    }
}
