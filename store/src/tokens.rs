//! Bearer tokens of the API: stored only as SHA-256.

use crate::backend::args;
use crate::error::StoreError;
use crate::people::{Person, person, select_person};
use crate::unit::{Session, Unit};
use sha2::{Digest, Sha256};

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
    /// Who speaks with this token in that company: an active person, if the token is valid.
    pub async fn person_of_token(
        &mut self,
        company: &str,
        secret: &str,
        now_ms: i64,
    ) -> Result<Option<Person>, StoreError> {
        let sql = select_person!(
            "JOIN token t ON t.company = p.company AND t.person = p.id \
             WHERE t.company = $1 AND t.hash = $2 AND p.active = 1 AND (t.expires_at IS NULL OR t.expires_at > $3)"
        );
        self.query_one(sql, args![company, hash(secret), now_ms]).await?.map(person).transpose()
    }
}
