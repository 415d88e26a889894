//! What objects are found by: written with them, a statement for all keys of an object.

use crate::backend::{Dialect, args};
use crate::error::StoreError;
use crate::rows::{Fenced, Shape};
use crate::unit::{Session, Unit};

/// A field, and the key of its value, as [`crate::text_key`] and its like make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyOf {
    /// The field: `address.city`. Several together: `project+number`.
    pub field: String,
    /// The key.
    pub value: String,
}

/// Everything that an object is found by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectKeys {
    /// One for every field that is declared, also where there is no value.
    pub index: Vec<KeyOf>,
    /// What no other object of the kind may have.
    pub unique: Vec<KeyOf>,
}

const INDEX: Shape = Shape {
    head: "INSERT INTO object_key (company, kind, id, field, value) SELECT * FROM (VALUES ",
    columns: 5,
    tail: ") AS v WHERE v.column1 IS NOT NULL",
};

const UNIQUE: Shape = Shape {
    head: "INSERT INTO object_unique (company, kind, id, field, value) SELECT * FROM (VALUES ",
    columns: 5,
    tail: ") AS v WHERE v.column1 IS NOT NULL",
};

impl Unit {
    /// Replaces the keys of an object. `Conflict` if another one has a key that must be its own; who wants to say which
    /// asks [`Session::object_with`] first.
    pub async fn put_object_keys(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        keys: &ObjectKeys,
    ) -> Result<(), StoreError> {
        let sql = "DELETE FROM object_key WHERE company = $1 AND kind = $2 AND id = $3";
        self.execute(sql, args![company, kind, id]).await?;
        let sql = "DELETE FROM object_unique WHERE company = $1 AND kind = $2 AND id = $3";
        self.execute(sql, args![company, kind, id]).await?;
        self.add_object_keys(company, kind, id, keys).await
    }

    /// Writes the keys of an object that has none yet.
    pub async fn add_object_keys(
        &mut self,
        company: &str,
        kind: &str,
        id: &str,
        keys: &ObjectKeys,
    ) -> Result<(), StoreError> {
        let dialect = self.dialect();
        for (shape, keys) in [(&INDEX, &keys.index), (&UNIQUE, &keys.unique)] {
            let rows = keys.iter().map(|key| args![company, kind, id, &key.field, &key.value]);
            self.run_all(shape.statements(dialect, rows)).await?;
        }
        Ok(())
    }

    pub(super) async fn run_all(&mut self, statements: Vec<Fenced>) -> Result<(), StoreError> {
        for Fenced { statement, .. } in statements {
            self.ledger.begin_writing();
            let ran = self.session.connection.run(vec![statement]).await;
            self.ledger.broken |= ran.is_err() && self.dialect() == Dialect::Postgres;
            ran.map_err(|broken| broken.error)?;
        }
        Ok(())
    }
}

impl Session {
    /// Some of the objects that are found by a key.
    pub async fn objects_by_key(
        &mut self,
        company: &str,
        kind: &str,
        key: &KeyOf,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT id FROM object_key WHERE company = $1 AND kind = $2 AND field = $3 AND value = $4 \
                   ORDER BY id LIMIT $5";
        let rows = self.query(sql, args![company, kind, &key.field, &key.value, limit]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// The id of the object that has a key of which there may be one only.
    pub async fn object_with(&mut self, company: &str, kind: &str, key: &KeyOf) -> Result<Option<String>, StoreError> {
        let sql = "SELECT id FROM object_unique WHERE company = $1 AND kind = $2 AND field = $3 AND value = $4";
        let row = self.query_one(sql, args![company, kind, &key.field, &key.value]).await?;
        row.map(|mut row| row.text()).transpose()
    }
}
