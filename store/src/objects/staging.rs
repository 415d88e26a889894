//! What objects will be under another version of their module, made beside them while the old version serves.
//!
//! Each is made of one revision. Whoever changes the object meanwhile makes what was staged of it stale, which shows: the
//! revisions differ. So nothing is locked, and what is stale is made again.

use super::{KeyOf, Object, ObjectKeys, object};
use crate::backend::args;
use crate::error::StoreError;
use crate::instances::text;
use crate::rows::{Fenced, Shape};
use crate::unit::{Session, Unit};
use serde_json::Value;
use std::collections::HashMap;

/// What an object will be.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedObject {
    /// The kind.
    pub kind: String,
    /// The object.
    pub id: String,
    /// The revision that it was made of.
    pub revision: u64,
    /// What it will be; nothing if it stays as it is and only its keys are others.
    pub data: Option<Value>,
    /// Which migration has made it, for the history: `up 1.0.0 1.1.0`.
    pub migration: Option<String>,
    /// The revision whose data it was made of, or is once more.
    pub made_of: Option<u64>,
    /// What it will be found by.
    pub keys: ObjectKeys,
}

/// Two objects that would have in common what no two may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The object that was to be staged.
    pub id: String,
    /// The one that has the key already.
    pub other: String,
    /// The field, or the fields together.
    pub field: String,
}

/// Where a revision comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The migration that made it.
    pub migration: Option<String>,
    /// The revision that it was made of.
    pub made_of: Option<u64>,
}

const OBJECTS: Shape = Shape {
    head: "INSERT INTO staged_object (company, kind, id, revision, data, migration, made_of) SELECT * FROM (VALUES ",
    columns: 7,
    tail: ") AS v WHERE v.column1 IS NOT NULL",
};
const KEYS: Shape = Shape {
    head: "INSERT INTO staged_key (company, kind, id, field, value) SELECT * FROM (VALUES ",
    columns: 5,
    tail: ") AS v WHERE v.column1 IS NOT NULL",
};
const UNIQUE: Shape = Shape {
    head: "INSERT INTO staged_unique (company, kind, id, field, value) SELECT * FROM (VALUES ",
    columns: 5,
    tail: ") AS v WHERE v.column1 IS NOT NULL ON CONFLICT DO NOTHING",
};
// The list comes first also for SQLite, which takes the tables in the order in which they stand.
const TAKEN: Shape = Shape {
    head: "SELECT v.column3, u.id, u.field FROM (VALUES ",
    columns: 5,
    tail: ") AS v CROSS JOIN staged_unique u WHERE u.company = v.column1 AND u.kind = v.column2 AND u.field = v.column4 \
           AND u.value = v.column5 AND u.id <> v.column3",
};
const ORIGINS: Shape = Shape {
    head: "SELECT r.id, r.migration, r.made_of, b.data FROM (VALUES ",
    columns: 4,
    tail: ") AS v CROSS JOIN object_revision r LEFT JOIN object_revision b ON b.company = r.company AND b.kind = r.kind \
           AND b.id = r.id AND b.revision = r.made_of WHERE r.company = v.column1 AND r.kind = v.column2 \
           AND r.id = v.column3 AND r.revision = v.column4",
};
const STALE: [Shape; 3] = [
    Shape { head: "DELETE FROM staged_object WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "DELETE FROM staged_key WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
    Shape { head: "DELETE FROM staged_unique WHERE (company, kind, id) IN (VALUES ", columns: 3, tail: ")" },
];

impl Unit {
    /// Stages objects in place of what was staged of them before; which of them would have a key that is another's.
    pub async fn stage_objects(&mut self, company: &str, staged: &[StagedObject]) -> Result<Vec<Clash>, StoreError> {
        self.unstage(company, staged.iter().map(|one| (one.kind.as_str(), one.id.as_str())).collect()).await?;
        let dialect = self.dialect();
        let mut rows = Vec::with_capacity(staged.len());
        for one in staged {
            let data = one.data.as_ref().map(text).transpose()?;
            let made_of = crate::backend::Arg::Int(one.made_of.and_then(|number| i64::try_from(number).ok()));
            rows.push(args![company, &one.kind, &one.id, one.revision, data, one.migration.clone(), made_of]);
        }
        self.run_all(OBJECTS.statements(dialect, rows.into_iter())).await?;
        let keys = key_rows(company, staged, |keys| &keys.index);
        self.run_all(KEYS.statements(dialect, keys.into_iter())).await?;
        let unique = key_rows(company, staged, |keys| &keys.unique);
        self.run_all(UNIQUE.statements(dialect, unique.clone().into_iter())).await?;
        let mut clashes = Vec::new();
        for Fenced { statement, .. } in TAKEN.statements(dialect, unique.into_iter()) {
            for mut row in self.run_query(statement).await? {
                clashes.push(Clash { id: row.text()?, other: row.text()?, field: row.text()? });
            }
        }
        self.standing(company, staged, clashes).await
    }

    /// Those clashes that count: what has the key may have been changed or deleted since it was staged. Then it is
    /// forgotten, and the key is given to whoever wants it now.
    async fn standing(
        &mut self,
        company: &str,
        staged: &[StagedObject],
        clashes: Vec<Clash>,
    ) -> Result<Vec<Clash>, StoreError> {
        let mut standing = Vec::new();
        for clash in clashes {
            let Some(one) = staged.iter().find(|one| one.id == clash.id) else { continue };
            let sql = "SELECT o.id FROM object o JOIN staged_object s ON s.company = o.company AND s.kind = o.kind \
                       AND s.id = o.id AND s.revision = o.revision \
                       WHERE o.company = $1 AND o.kind = $2 AND o.id = $3 AND o.deleted_at IS NULL";
            if self.query_one(sql, args![company, &one.kind, &clash.other]).await?.is_some() {
                standing.push(clash);
                continue;
            }
            self.unstage(company, vec![(&one.kind, &clash.other)]).await?;
            let own: Vec<_> = one.keys.unique.iter().filter(|key| key.field == clash.field).collect();
            let rows = own.into_iter().map(|key| args![company, &one.kind, &one.id, &key.field, &key.value]);
            let dialect = self.dialect();
            self.run_all(UNIQUE.statements(dialect, rows)).await?;
        }
        Ok(standing)
    }

    async fn unstage(&mut self, company: &str, objects: Vec<(&str, &str)>) -> Result<(), StoreError> {
        let dialect = self.dialect();
        for shape in &STALE {
            let rows = objects.iter().map(|(kind, id)| args![company, *kind, *id]);
            self.run_all(shape.statements(dialect, rows)).await?;
        }
        Ok(())
    }
}

fn key_rows(
    company: &str,
    staged: &[StagedObject],
    of: impl Fn(&ObjectKeys) -> &Vec<KeyOf>,
) -> Vec<Vec<crate::backend::Arg>> {
    let row = |one: &StagedObject, key: &KeyOf| args![company, &one.kind, &one.id, &key.field, &key.value];
    staged.iter().flat_map(|one| of(&one.keys).iter().map(move |key| row(one, key))).collect()
}

impl Session {
    /// Objects of a kind in the order of their ids, after one of them.
    pub async fn objects_after(
        &mut self,
        company: &str,
        kind: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Object>, StoreError> {
        let rows = match after {
            None => {
                let sql = select_objects!("company = $1 AND kind = $2 ORDER BY id LIMIT $3");
                self.query(sql, args![company, kind, limit]).await?
            }
            Some(after) => {
                let sql = select_objects!("company = $1 AND kind = $2 AND id > $4 ORDER BY id LIMIT $3");
                self.query(sql, args![company, kind, limit, after]).await?
            }
        };
        rows.into_iter().map(object).collect()
    }

    /// Objects of a kind that were made or changed since they were staged, or never were.
    pub async fn objects_not_staged(
        &mut self,
        company: &str,
        kind: &str,
        limit: u32,
    ) -> Result<Vec<Object>, StoreError> {
        let sql = select_objects!(
            "company = $1 AND kind = $2 AND NOT EXISTS (SELECT 1 FROM staged_object s WHERE s.company = object.company \
             AND s.kind = object.kind AND s.id = object.id AND s.revision = object.revision) ORDER BY id LIMIT $3"
        );
        self.query(sql, args![company, kind, limit]).await?.into_iter().map(object).collect()
    }

    /// Where the revisions at which some objects are come from, with the data of what they were made of; by id.
    pub async fn origins(
        &mut self,
        company: &str,
        objects: &[Object],
    ) -> Result<HashMap<String, (Origin, Option<Value>)>, StoreError> {
        let rows = objects.iter().map(|one| args![company, &one.kind, &one.id, one.revision]);
        let (dialect, mut found) = (self.dialect(), HashMap::new());
        for Fenced { statement, .. } in ORIGINS.statements(dialect, rows) {
            for mut row in self.run_query(statement).await? {
                let (id, migration) = (row.text()?, row.maybe_text()?);
                let made_of = row.maybe_int()?.and_then(|number| u64::try_from(number).ok());
                let data = row.maybe_text()?.map(|data| serde_json::from_str(&data)).transpose();
                let data = data.map_err(|error| StoreError::corrupt("object", error))?;
                found.insert(id, (Origin { migration, made_of }, data));
            }
        }
        Ok(found)
    }

    /// Where a revision of an object comes from.
    pub async fn origin(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        revision: u64,
    ) -> Result<Option<Origin>, StoreError> {
        let sql = "SELECT migration, made_of FROM object_revision \
                   WHERE company = $1 AND kind = $2 AND id = $3 AND revision = $4";
        let row = self.query_one(sql, args![company, kind, id, revision]).await?;
        row.map(|mut row| {
            let migration = row.maybe_text()?;
            Ok(Origin { migration, made_of: row.maybe_int()?.and_then(|number| u64::try_from(number).ok()) })
        })
        .transpose()
    }
}
