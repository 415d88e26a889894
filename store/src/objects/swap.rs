//! Taking over what was staged, or throwing it away.
//!
//! Both go through the objects in the order of their ids, some thousand with each statement: PostgreSQL stops a statement
//! that takes longer than a few seconds. The transaction is one nevertheless.

use crate::backend::{Arg, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// So many objects a statement takes.
const AT_ONCE: u32 = 5_000;

const REVISIONS: &str = "INSERT INTO object_revision (company, kind, id, revision, at, by_whom, data, migration, made_of) \
     SELECT s.company, s.kind, s.id, s.revision + 1, $5, $6, s.data, s.migration, s.made_of FROM staged_object s \
     JOIN object o ON o.company = s.company AND o.kind = s.kind AND o.id = s.id AND o.revision = s.revision \
     WHERE s.company = $1 AND s.kind = $2 AND s.id > $3 AND s.id <= $4 AND s.data IS NOT NULL AND o.deleted_at IS NULL";
const OBJECTS: &str = "UPDATE object SET revision = s.revision + 1, data = s.data, updated_at = $5 FROM staged_object s \
     WHERE object.company = s.company AND object.kind = s.kind AND object.id = s.id AND object.revision = s.revision \
     AND object.deleted_at IS NULL AND s.company = $1 AND s.kind = $2 AND s.id > $3 AND s.id <= $4 AND s.data IS NOT NULL";
/// What objects were found by goes first, all of it: a key may go from one object to another.
const OLD_KEYS: [&str; 2] = [
    "DELETE FROM object_key WHERE company = $1 AND kind = $2 AND id > $3 AND id <= $4",
    "DELETE FROM object_unique WHERE company = $1 AND kind = $2 AND id > $3 AND id <= $4",
];
const NEW_KEYS: [&str; 2] = [
    "INSERT INTO object_key (company, kind, id, field, value) SELECT k.company, k.kind, k.id, k.field, k.value \
     FROM staged_key k JOIN object o ON o.company = k.company AND o.kind = k.kind AND o.id = k.id \
     WHERE k.company = $1 AND k.kind = $2 AND k.id > $3 AND k.id <= $4 AND o.deleted_at IS NULL",
    "INSERT INTO object_unique (company, kind, field, value, id) SELECT u.company, u.kind, u.field, u.value, u.id \
     FROM staged_unique u JOIN object o ON o.company = u.company AND o.kind = u.kind AND o.id = u.id \
     WHERE u.company = $1 AND u.kind = $2 AND u.id > $3 AND u.id <= $4 AND o.deleted_at IS NULL",
];
const STAGED: [&str; 3] = [
    "DELETE FROM staged_object WHERE company = $1 AND kind = $2 AND id > $3 AND id <= $4",
    "DELETE FROM staged_key WHERE company = $1 AND kind = $2 AND id > $3 AND id <= $4",
    "DELETE FROM staged_unique WHERE company = $1 AND kind = $2 AND id > $3 AND id <= $4",
];

impl Unit {
    /// Has the objects of a kind be what was staged of them, each as a revision of its own, and be found by what was
    /// staged; how many are others. Nothing of the kind may be stale: [`Session::objects_not_staged`] says so.
    pub async fn take_over_staged(&mut self, company: &str, kind: &str, by: &str) -> Result<u64, StoreError> {
        let (now, mut changed) = (self.now_ms(), 0);
        let ranges = self.staged_ranges(company, kind).await?;
        for (from, to) in &ranges {
            self.execute(REVISIONS, args![company, kind, from, to, now, by]).await?;
            changed += self.execute(OBJECTS, args![company, kind, from, to, now]).await?;
        }
        for statements in [OLD_KEYS, NEW_KEYS] {
            for (from, to) in &ranges {
                for sql in statements {
                    self.execute(sql, args![company, kind, from, to]).await?;
                }
            }
        }
        self.discard(company, kind, &ranges).await?;
        Ok(changed)
    }

    /// Throws away everything that was staged in a company.
    pub async fn discard_staged(&mut self, company: &str) -> Result<(), StoreError> {
        let sql = "SELECT DISTINCT kind FROM staged_object WHERE company = $1 ORDER BY kind";
        let kinds = self.query(sql, args![company]).await?;
        for mut row in kinds {
            let kind = row.text()?;
            let ranges = self.staged_ranges(company, &kind).await?;
            self.discard(company, &kind, &ranges).await?;
        }
        Ok(())
    }

    async fn discard(&mut self, company: &str, kind: &str, ranges: &[(String, String)]) -> Result<(), StoreError> {
        for (from, to) in ranges {
            for sql in STAGED {
                self.execute(sql, args![company, kind, from, to]).await?;
            }
        }
        Ok(())
    }
}

impl Session {
    /// The ids after which and up to which the staged objects of a kind go, range by range. Every key that was staged
    /// belongs to one of them.
    async fn staged_ranges(&mut self, company: &str, kind: &str) -> Result<Vec<(String, String)>, StoreError> {
        let (mut from, mut ranges) = (String::new(), Vec::new());
        loop {
            let last = "SELECT id FROM (SELECT id FROM staged_object WHERE company = $1 AND kind = $2 AND id > $3 \
                        ORDER BY id LIMIT $4) AS page ORDER BY id DESC LIMIT 1";
            let values: Vec<Arg> = args![company, kind, &from, AT_ONCE];
            let Some(mut row) = self.query_one(last, values).await? else { return Ok(ranges) };
            let to = row.text()?;
            ranges.push((std::mem::replace(&mut from, to.clone()), to));
        }
    }
}
