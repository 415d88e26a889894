//! Bearer tokens of the API: stored only as SHA-256.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use sha2::{Digest, Sha256};

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenOwner {
    /// The person's id.
    pub person: String,
    /// What the token is for.
    pub label: String,
}

pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret))
}

impl Unit {
    /// Lets this secret speak for a person.
    pub async fn put_token(
        &mut self,
        company: &str,
        secret: &str,
        person: &str,
        label: &str,
    ) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "INSERT INTO token (company, hash, person, label, created_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
        self.execute(sql, args![company, hash(secret), person, label, now]).await.map(|_| ())
    }
}

impl Session {
    /// Whose token this is in that company, if it is valid and the person is active.
    pub async fn token_owner(
        &mut self,
        company: &str,
        secret: &str,
        now_ms: i64,
    ) -> Result<Option<TokenOwner>, StoreError> {
        let sql = "SELECT t.person, t.label FROM token t JOIN person p ON p.company = t.company AND p.id = t.person \
                   WHERE t.company = $1 AND t.hash = $2 AND p.active = 1 AND (t.expires_at IS NULL OR t.expires_at > $3)";
        let row = self.query_one(sql, args![company, hash(secret), now_ms]).await?;
        row.map(|mut row| Ok(TokenOwner { person: row.text()?, label: row.text()? })).transpose()
    }
}
