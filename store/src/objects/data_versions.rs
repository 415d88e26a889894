//! Of which version of its module the objects of a kind are. While the version is installed its list says so too; when it
//! is not, or has no such collection, nothing else does.

use crate::backend::args;
use crate::error::StoreError;
use crate::generations::{LockedModule, ModuleState};
use crate::unit::{Session, Unit};
use std::collections::BTreeMap;

impl Unit {
    /// Has the objects of a kind be of that version. What is compiled in has no package and is not noted.
    pub async fn put_data_version(&mut self, company: &str, kind: &str, of: &LockedModule) -> Result<(), StoreError> {
        let LockedModule { module, version, sha256: Some(sha256), .. } = of else { return Ok(()) };
        let sql = "INSERT INTO data_version (company, kind, module, version, sha256) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (company, kind) DO UPDATE SET module = excluded.module, version = excluded.version, \
                   sha256 = excluded.sha256";
        self.execute(sql, args![company, kind, module, version, sha256]).await.map(|_| ())
    }

    /// Forgets of which version the objects of a module were: they are gone.
    pub async fn forget_data_versions(&mut self, company: &str, module: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM data_version WHERE company = $1 AND module = $2";
        self.execute(sql, args![company, module]).await.map(|_| ())
    }
}

impl Session {
    /// Of which version the objects of a module are, by kind. Kinds that were left before this was noted are missing.
    pub async fn data_versions(
        &mut self,
        company: &str,
        module: &str,
    ) -> Result<BTreeMap<String, LockedModule>, StoreError> {
        let sql = "SELECT kind, version, sha256 FROM data_version WHERE company = $1 AND module = $2 ORDER BY kind";
        let rows = self.query(sql, args![company, module]).await?;
        let read = rows.into_iter().map(|mut row| {
            let kind = row.text()?;
            let (version, sha256) = (row.text()?, Some(row.text()?));
            Ok((kind, LockedModule { module: module.to_owned(), version, sha256, state: ModuleState::Enabled }))
        });
        read.collect()
    }

    /// Whether a company has any object of a kind, also one that was deleted.
    pub async fn has_objects(&mut self, company: &str, kind: &str) -> Result<bool, StoreError> {
        let sql = "SELECT id FROM object WHERE company = $1 AND kind = $2 LIMIT 1";
        Ok(self.query_one(sql, args![company, kind]).await?.is_some())
    }
}
