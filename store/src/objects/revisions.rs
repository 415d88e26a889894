//! Every revision that an object has had.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::Session;
use serde_json::Value;

/// A revision of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Revision {
    /// Counted from 1.
    pub revision: u64,
    /// When it was stored, in milliseconds since 1970.
    pub at: i64,
    /// Who stored it.
    pub by: String,
    /// What the object was then.
    pub data: Value,
    /// Whether it is the object's deletion.
    pub deleted: bool,
}

impl Session {
    /// An earlier revision of an object's data.
    pub async fn object_at_revision(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        revision: u64,
    ) -> Result<Option<Value>, StoreError> {
        let sql = "SELECT data FROM object_revision WHERE company = $1 AND kind = $2 AND id = $3 AND revision = $4";
        self.query_one(sql, args![company, kind, id, revision]).await?.map(|mut row| row.json("object")).transpose()
    }

    /// A revision of an object, also of one that was deleted.
    pub async fn revision(&mut self, company: &str, kind: &str, id: &str, number: u64) -> Result<Revision, StoreError> {
        let sql = "SELECT revision, at, by_whom, data, deleted FROM object_revision \
                   WHERE company = $1 AND kind = $2 AND id = $3 AND revision = $4";
        let missing = || StoreError::Missing { what: "revision", id: format!("{id}/{number}") };
        revision(self.query_one(sql, args![company, kind, id, number]).await?.ok_or_else(missing)?)
    }

    /// The revisions of an object, the latest first, also of one that was deleted; those before `before`, if it says so.
    pub async fn revisions(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Revision>, StoreError> {
        let sql = "SELECT revision, at, by_whom, data, deleted FROM object_revision \
                   WHERE company = $1 AND kind = $2 AND id = $3 AND revision < $4 ORDER BY revision DESC LIMIT $5";
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        let rows = self.query(sql, args![company, kind, id, before, limit]).await?;
        rows.into_iter().map(revision).collect()
    }
}

fn revision(mut row: Row) -> Result<Revision, StoreError> {
    Ok(Revision {
        revision: row.count()?,
        at: row.int()?,
        by: row.text()?,
        data: row.json("object")?,
        deleted: row.int()? != 0,
    })
}
