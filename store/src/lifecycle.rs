//! The change of what is installed that a company is in, or was in last: one at a time.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// A change of what is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `install`, `update`, `enable`, ...
    pub operation: String,
    /// The module.
    pub module: String,
    /// The instance that does it.
    pub instance: String,
    /// Who began it.
    pub started_by: String,
    /// When, in milliseconds since 1970.
    pub started_at: i64,
}

impl Unit {
    /// Takes the place of the last change, whose instance is named and must be over; nothing where there was none.
    ///
    /// # Errors
    /// `Conflict` if somebody else has begun one.
    pub async fn begin_operation(
        &mut self,
        company: &str,
        last: Option<&str>,
        operation: &Operation,
    ) -> Result<(), StoreError> {
        let Operation { operation, module, instance, started_by, started_at } = operation;
        let sql = "INSERT INTO lifecycle (company, operation, module, instance, started_by, started_at) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (company) DO UPDATE SET operation = excluded.operation, \
                   module = excluded.module, instance = excluded.instance, started_by = excluded.started_by, \
                   started_at = excluded.started_at WHERE lifecycle.instance = $7";
        let values = args![company, operation, module, instance, started_by, *started_at, last.unwrap_or_default()];
        if self.execute(sql, values).await? == 1 { Ok(()) } else { Err(StoreError::Conflict) }
    }
}

impl Session {
    /// The change that a company is in, or was in last.
    pub async fn last_operation(&mut self, company: &str) -> Result<Option<Operation>, StoreError> {
        let sql = "SELECT operation, module, instance, started_by, started_at FROM lifecycle WHERE company = $1";
        let row = self.query_one(sql, args![company]).await?;
        row.map(|mut row| {
            Ok(Operation {
                operation: row.text()?,
                module: row.text()?,
                instance: row.text()?,
                started_by: row.text()?,
                started_at: row.int()?,
            })
        })
        .transpose()
    }

    /// How many objects of a kind there are.
    pub async fn count_objects(&mut self, company: &str, kind: &str) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM object WHERE company = $1 AND kind = $2 AND deleted_at IS NULL";
        self.query_one(sql, args![company, kind]).await?.map_or(Ok(0), |mut row| row.count())
    }

    /// The ids of the instances of a module's definitions that still run, oldest first, beginning after one of them.
    pub async fn running_of(
        &mut self,
        company: &str,
        module: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        // An underscore is a letter of names, and any letter to LIKE.
        let names = format!("{}/%", module.replace('_', "!_"));
        let sql = "SELECT id FROM instance WHERE company = $1 AND definition LIKE $2 ESCAPE '!' \
                   AND status = 'running' AND id > $3 ORDER BY id LIMIT $4";
        self.query(sql, args![company, names, after, limit]).await?.into_iter().map(|mut row| row.text()).collect()
    }
}
