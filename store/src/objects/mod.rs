//! Business objects of all modules: validated elsewhere, stored here with every revision.
//!
//! What they are found by stands beside them, in rows that [`Unit::put_object_keys`] writes with them: the same two tables
//! for whatever a module declares, so that installing one changes no schema.

/// The columns of [`object`], of the rows that the condition names and that are not deleted.
macro_rules! select_objects {
    ($condition:literal) => {
        concat!(
            "SELECT kind, id, revision, status, number, instance, data, created_at, created_by, updated_at FROM object \
             WHERE deleted_at IS NULL AND ",
            $condition
        )
    };
}

mod attachments;
mod data_versions;
mod key;
mod keys;
mod purge;
mod revisions;
mod search;
mod staging;
mod swap;

pub use attachments::{Attachment, NewAttachment};
pub use key::{NOTHING, flag_key, number_key, text_key, time_key};
pub use keys::{KeyOf, ObjectKeys};
pub use purge::LeftBehind;
pub use revisions::Revision;
pub use search::{Bound, FieldFilter, Found, ObjectSearch, Place, SortBy};
pub use staging::{Clash, Origin, StagedObject};

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::instances::text;
use crate::rows::{Fenced, Shape};
use crate::unit::{Session, Unit};
use serde_json::Value;
use std::collections::BTreeSet;
use workflow::Subject;

/// A business object.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// The kind: `purchasing/orders`.
    pub kind: String,
    /// A time-ordered UUID, or a key that the module chose.
    pub id: String,
    /// Counted from 1.
    pub revision: u64,
    /// A word of the module: `submitted`.
    pub status: String,
    /// The number that people know it by.
    pub number: Option<String>,
    /// The workflow that decides on it.
    pub instance: Option<String>,
    /// What the module keeps.
    pub data: Value,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// Who made it.
    pub created_by: String,
    /// When it last changed.
    pub updated_at: i64,
}

/// An object to be made.
#[derive(Debug, Clone)]
pub struct NewObject {
    /// The kind.
    pub kind: String,
    /// The id.
    pub id: String,
    /// The first status.
    pub status: String,
    /// The number, if it has one.
    pub number: Option<String>,
    /// What the module keeps.
    pub data: Value,
    /// Who makes it.
    pub by: String,
}

/// Which objects a list shows: newest first, a page at a time.
#[derive(Debug, Clone, Default)]
pub struct ListQuery {
    /// Only this status.
    pub status: Option<String>,
    /// Only ids below this one: the cursor.
    pub before: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl Unit {
    /// Stores a new object. `Conflict` if its id or number is taken.
    pub async fn insert_object(&mut self, company: &str, new: &NewObject) -> Result<Object, StoreError> {
        let now = self.now_ms();
        let NewObject { kind, id, status, number, data, by } = new;
        let sql = "INSERT INTO object (company, kind, id, revision, status, number, data, created_at, created_by, updated_at) \
                   VALUES ($1, $2, $3, 1, $4, $5, $6, $7, $8, $9)";
        self.execute(sql, args![company, kind, id, status, number.clone(), text(data)?, now, by, now]).await?;
        self.keep_revision(company, kind, id, 1, by, data).await?;
        let (kind, id, status, number, data) = (kind.clone(), id.clone(), status.clone(), number.clone(), data.clone());
        Ok(Object {
            kind,
            id,
            revision: 1,
            status,
            number,
            instance: None,
            data,
            created_at: now,
            created_by: by.clone(),
            updated_at: now,
        })
    }

    /// Stores the next revision of an object. `Conflict` if somebody else did so since `object` was read.
    pub async fn revise_object(&mut self, company: &str, object: &Object, by: &str) -> Result<Object, StoreError> {
        let (now, next) = (self.now_ms(), object.revision + 1);
        let Object { kind, id, revision, status, number, data, .. } = object;
        let sql = "UPDATE object SET revision = $5, status = $6, number = $7, data = $8, updated_at = $9 \
                   WHERE company = $1 AND kind = $2 AND id = $3 AND revision = $4 AND deleted_at IS NULL";
        let values = args![company, kind, id, *revision, next, status, number.clone(), text(data)?, now];
        if self.execute(sql, values).await? == 0 {
            return Err(StoreError::Conflict);
        }
        self.keep_revision(company, kind, id, next, by, data).await?;
        Ok(Object { revision: next, updated_at: now, ..object.clone() })
    }

    /// Deletes an object: nobody finds it any more, its history stays. `Conflict` if somebody else changed it since
    /// `object` was read.
    pub async fn delete_object(&mut self, company: &str, object: &Object, by: &str) -> Result<(), StoreError> {
        let (now, next) = (self.now_ms(), object.revision + 1);
        let Object { kind, id, revision, data, .. } = object;
        let sql = "UPDATE object SET revision = $5, deleted_at = $6, updated_at = $6 \
                   WHERE company = $1 AND kind = $2 AND id = $3 AND revision = $4 AND deleted_at IS NULL";
        if self.execute(sql, args![company, kind, id, *revision, next, now]).await? == 0 {
            return Err(StoreError::Conflict);
        }
        let sql = "INSERT INTO object_revision (company, kind, id, revision, at, by_whom, data, deleted) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, 1)";
        self.execute(sql, args![company, kind, id, next, now, by, text(data)?]).await?;
        self.put_object_keys(company, kind, id, &ObjectKeys::default()).await
    }

    /// Sets the status, which is not part of a revision: it says where the object stands, not what it is.
    pub async fn set_object_status(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        status: &str,
    ) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "UPDATE object SET status = $4, updated_at = $5 WHERE company = $1 AND kind = $2 AND id = $3";
        match self.execute(sql, args![company, kind, id, status, now]).await? {
            1 => Ok(()),
            _ => Err(StoreError::Missing { what: "object", id: id.to_owned() }),
        }
    }

    /// Sets the status of the object of an instance that ended without a word of its own. The object may be gone.
    pub(crate) async fn leave_object(
        &mut self,
        company: &str,
        subject: &Subject,
        status: &str,
    ) -> Result<(), StoreError> {
        match self.set_object_status(company, &subject.kind, &subject.id, status).await {
            Err(StoreError::Missing { .. }) => Ok(()),
            left => left,
        }
    }

    /// Names the workflow that decides on an object.
    pub async fn set_object_instance(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        instance: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE object SET instance = $4 WHERE company = $1 AND kind = $2 AND id = $3";
        self.execute(sql, args![company, kind, id, instance]).await.map(|_| ())
    }

    async fn keep_revision(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        revision: u64,
        by: &str,
        data: &Value,
    ) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "INSERT INTO object_revision (company, kind, id, revision, at, by_whom, data) VALUES ($1, $2, $3, $4, $5, $6, $7)";
        self.execute(sql, args![company, kind, id, revision, now, by, text(data)?]).await.map(|_| ())
    }
}

// The list comes first also for SQLite, which takes the tables in the order in which they stand.
const NAMED: Shape = Shape {
    head: "SELECT o.id FROM (VALUES ",
    columns: 3,
    tail: ") AS v CROSS JOIN object o WHERE o.company = v.column1 AND o.kind = v.column2 AND o.id = v.column3 \
           AND o.deleted_at IS NULL",
};

impl Session {
    /// An object.
    pub async fn object(&mut self, company: &str, kind: &str, id: &str) -> Result<Object, StoreError> {
        let sql = select_objects!("company = $1 AND kind = $2 AND id = $3");
        let missing = || StoreError::Missing { what: "object", id: id.to_owned() };
        object(self.query_one(sql, args![company, kind, id]).await?.ok_or_else(missing)?)
    }

    /// Those of these ids that objects of a kind have.
    pub async fn ids_of_objects(
        &mut self,
        company: &str,
        kind: &str,
        ids: &BTreeSet<&str>,
    ) -> Result<BTreeSet<String>, StoreError> {
        let (dialect, rows) = (self.dialect(), ids.iter().map(|id| args![company, kind, *id]));
        let mut found = BTreeSet::new();
        for Fenced { statement, .. } in NAMED.statements(dialect, rows) {
            for mut row in self.run_query(statement).await? {
                found.insert(row.text()?);
            }
        }
        Ok(found)
    }

    /// A page of objects, newest first.
    pub async fn objects(&mut self, company: &str, kind: &str, query: &ListQuery) -> Result<Vec<Object>, StoreError> {
        // Without a cursor there is no upper bound: no text is the highest in every collation.
        let ListQuery { status, before, limit } = query;
        let rows = match (status, before) {
            (None, None) => {
                let sql = select_objects!("company = $1 AND kind = $2 ORDER BY id DESC LIMIT $3");
                self.query(sql, args![company, kind, *limit]).await?
            }
            (None, Some(before)) => {
                let sql = select_objects!("company = $1 AND kind = $2 AND id < $4 ORDER BY id DESC LIMIT $3");
                self.query(sql, args![company, kind, *limit, before]).await?
            }
            (Some(status), None) => {
                let sql = select_objects!("company = $1 AND kind = $2 AND status = $4 ORDER BY id DESC LIMIT $3");
                self.query(sql, args![company, kind, *limit, status]).await?
            }
            (Some(status), Some(before)) => {
                let sql =
                    select_objects!("company = $1 AND kind = $2 AND status = $4 AND id < $5 ORDER BY id DESC LIMIT $3");
                self.query(sql, args![company, kind, *limit, status, before]).await?
            }
        };
        rows.into_iter().map(object).collect()
    }

    /// The object with the highest id from `from` up to `to`: for keys that sort, such as dates.
    pub async fn last_object_between(
        &mut self,
        company: &str,
        kind: &str,
        from: &str,
        to: &str,
    ) -> Result<Option<Object>, StoreError> {
        let sql = select_objects!("company = $1 AND kind = $2 AND id >= $3 AND id <= $4 ORDER BY id DESC LIMIT 1");
        self.query_one(sql, args![company, kind, from, to]).await?.map(object).transpose()
    }
}

fn object(mut row: Row) -> Result<Object, StoreError> {
    Ok(Object {
        kind: row.text()?,
        id: row.text()?,
        revision: row.count()?,
        status: row.text()?,
        number: row.maybe_text()?,
        instance: row.maybe_text()?,
        data: row.json("object")?,
        created_at: row.int()?,
        created_by: row.text()?,
        updated_at: row.int()?,
    })
}
