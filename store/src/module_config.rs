//! The configuration of modules: each change is a version of its own, and the last one counts.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// A version of a module's configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredConfig {
    /// From 1.
    pub version: u64,
    /// What is set, as JSON.
    pub data: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// By whom.
    pub by: String,
}

impl Unit {
    /// Stores the version after `before`.
    ///
    /// # Errors
    /// `Conflict` if there is another version after it already.
    pub async fn put_module_config(
        &mut self,
        company: &str,
        module: &str,
        before: u64,
        data: &str,
        by: &str,
    ) -> Result<u64, StoreError> {
        if self.module_config(company, module).await?.map_or(0, |last| last.version) != before {
            return Err(StoreError::Conflict);
        }
        let (version, now) = (before + 1, self.now_ms());
        let sql = "INSERT INTO module_config (company, module, version, data, at, by_whom) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
        let changed = self.execute(sql, args![company, module, version, data, now, by]).await?;
        self.ledger.bells.installed = true;
        if changed == 1 { Ok(version) } else { Err(StoreError::Conflict) }
    }
}

impl Session {
    /// The configuration that counts.
    pub async fn module_config(&mut self, company: &str, module: &str) -> Result<Option<StoredConfig>, StoreError> {
        let sql = "SELECT version, data, at, by_whom FROM module_config WHERE company = $1 AND module = $2 \
                   ORDER BY version DESC LIMIT 1";
        self.query_one(sql, args![company, module]).await?.map(stored).transpose()
    }

    /// The last versions, newest first.
    pub async fn module_configs(
        &mut self,
        company: &str,
        module: &str,
        limit: u32,
    ) -> Result<Vec<StoredConfig>, StoreError> {
        let sql = "SELECT version, data, at, by_whom FROM module_config WHERE company = $1 AND module = $2 \
                   ORDER BY version DESC LIMIT $3";
        self.query(sql, args![company, module, limit]).await?.into_iter().map(stored).collect()
    }
}

fn stored(mut row: Row) -> Result<StoredConfig, StoreError> {
    Ok(StoredConfig { version: row.count()?, data: row.text()?, at: row.int()?, by: row.text()? })
}
