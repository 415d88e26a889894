//! Bearer tokens of the API: stored only as SHA-256.

use crate::backend::args;
use crate::error::StoreError;
use crate::people::{Person, person, select_person};
use crate::rows::Shape;
use crate::unit::{Session, Unit};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

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

/// A token that somebody shows in a company.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    pub(crate) company: String,
    pub(crate) hash: String,
}

const OWNERS: Shape = Shape {
    head: select_person!(
        "v.column1, v.column2, t.expires_at, ",
        "JOIN token t ON t.company = p.company AND t.person = p.id JOIN (VALUES "
    ),
    columns: 2,
    tail: ") AS v ON v.column1 = t.company AND v.column2 = t.hash WHERE p.active = 1",
};

impl Session {
    /// Who speaks with these tokens: an active person for each that is valid.
    pub(crate) async fn people_of_tokens(
        &mut self,
        shown: &BTreeSet<&Shown>,
        now_ms: i64,
    ) -> Result<BTreeMap<Shown, Person>, StoreError> {
        let mut found = BTreeMap::new();
        for fenced in OWNERS.statements(self.dialect(), shown.iter().map(|shown| args![&shown.company, &shown.hash])) {
            for mut row in self.run_query(fenced.statement).await? {
                let (shown, expires_at) = (Shown { company: row.text()?, hash: row.text()? }, row.maybe_int()?);
                if expires_at.is_none_or(|expires_at| expires_at > now_ms) {
                    found.insert(shown, person(row)?);
                }
            }
        }
        Ok(found)
    }
}
