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

/// Which version of which configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfigPlace {
    /// The company.
    pub company: String,
    /// The module.
    pub module: String,
    /// From 1.
    pub version: u64,
}

/// A version of any configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedConfig {
    /// Which it is.
    pub place: ConfigPlace,
    /// What is set, as JSON.
    pub data: String,
}

impl Unit {
    /// Puts the same settings, with their secrets sealed otherwise, in the place of a version that is still as it was read.
    pub async fn reseal_module_config(&mut self, before: &PlacedConfig, data: &str) -> Result<(), StoreError> {
        let PlacedConfig { place: ConfigPlace { company, module, version }, data: old } = before;
        let sql =
            "UPDATE module_config SET data = $5 WHERE company = $1 AND module = $2 AND version = $3 AND data = $4";
        self.execute(sql, args![company, module, *version, old, data]).await.map(|_| ())
    }

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
    /// How many versions of configurations there are, of all companies.
    pub async fn count_module_configs(&mut self) -> Result<u64, StoreError> {
        let row = self.query_one("SELECT count(*) FROM module_config", Vec::new()).await?;
        row.map_or(Ok(0), |mut row| row.count())
    }

    /// The versions after one, of all companies and modules, in the order of their keys.
    pub async fn module_configs_after(
        &mut self,
        after: &ConfigPlace,
        limit: u32,
    ) -> Result<Vec<PlacedConfig>, StoreError> {
        let sql = "SELECT company, module, version, data FROM module_config \
                   WHERE (company, module, version) > ($1, $2, $3) ORDER BY company, module, version LIMIT $4";
        let rows = self.query(sql, args![&after.company, &after.module, after.version, limit]).await?;
        rows.into_iter()
            .map(|mut row| {
                let place = ConfigPlace { company: row.text()?, module: row.text()?, version: row.count()? };
                Ok(PlacedConfig { place, data: row.text()? })
            })
            .collect()
    }

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
