//! Answers to requests that carried an `Idempotency-Key`: the same request gets the same answer, once.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// A request that may be sent again.
#[derive(Debug, Clone)]
pub struct RequestKey {
    /// The company.
    pub company: String,
    /// Who sends it; keys of different people do not meet.
    pub actor: String,
    /// The value of the header.
    pub key: String,
    /// SHA-256 of method, path and body.
    pub request: String,
}

/// An answer that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub answer: String,
}

impl Session {
    /// The answer that this request got before. `KeyReused` if the key belongs to another request.
    pub async fn remembered(&mut self, key: &RequestKey) -> Result<Option<Remembered>, StoreError> {
        let sql = "SELECT request, status, answer FROM idempotency WHERE company = $1 AND actor = $2 AND key = $3";
        let Some(mut row) = self.query_one(sql, args![&key.company, &key.actor, &key.key]).await? else {
            return Ok(None);
        };
        if row.text()? != key.request {
            return Err(StoreError::KeyReused);
        }
        let status = u16::try_from(row.int()?).map_err(|error| StoreError::corrupt("a status", error))?;
        Ok(Some(Remembered { status, answer: row.text()? }))
    }
}

impl Unit {
    /// Keeps the answer, in the transaction that it tells of.
    pub async fn remember(&mut self, key: &RequestKey, answer: &Remembered) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "INSERT INTO idempotency (company, actor, key, request, status, answer, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let values =
            args![&key.company, &key.actor, &key.key, &key.request, i64::from(answer.status), &answer.answer, now];
        self.execute(sql, values).await.map(|_| ())
    }
}
