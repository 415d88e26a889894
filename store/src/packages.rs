//! The package files of modules: their bytes once for everybody, and who may install which.

use crate::backend::{Arg, Dialect, Statement, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use sha2::{Digest, Sha256};

/// So many package files are read with one question.
const AT_ONCE: usize = 50;

/// A package file to be kept.
#[derive(Debug, Clone)]
pub struct NewPackage {
    /// The module's name.
    pub module: String,
    /// Its semantic version.
    pub version: String,
    /// Its manifest, as JSON.
    pub manifest: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A package file that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPackage {
    /// Its manifest, as JSON.
    pub manifest: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// A package that a company may install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPackage {
    /// The module's name.
    pub module: String,
    /// Its semantic version.
    pub version: String,
    /// The hash of its file, in hex.
    pub sha256: String,
    /// The size of its file, in bytes.
    pub size: u64,
    /// When it was uploaded, in milliseconds since 1970.
    pub uploaded_at: i64,
    /// By whom.
    pub uploaded_by: String,
}

impl Unit {
    /// Keeps a package for a company; its hash.
    ///
    /// # Errors
    /// `Refused` if the company has another file under this name and version.
    pub async fn put_package(&mut self, company: &str, package: &NewPackage, by: &str) -> Result<String, StoreError> {
        let NewPackage { module, version, manifest, bytes } = package;
        let sha256 = hex::encode(Sha256::digest(bytes));
        if self.known_package(company, module, version).await?.is_some_and(|known| known.sha256 != sha256) {
            let sentence = format!(
                "this company has another package of {module} {version}; raise the version of the one that is sent"
            );
            return Err(StoreError::refused("other-package", sentence));
        }
        let now = self.now_ms();
        // Locked if it is there: another company may be about to forget it on another node.
        let sql = match self.dialect() {
            Dialect::Sqlite => {
                "INSERT INTO package (company, sha256, manifest, bytes, created_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT DO NOTHING"
            }
            Dialect::Postgres => {
                "INSERT INTO package (company, sha256, manifest, bytes, created_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (company, sha256) DO UPDATE SET sha256 = excluded.sha256"
            }
        };
        self.execute(sql, args!["", &sha256, manifest, bytes.clone(), now]).await?;
        let size = bytes.len() as u64;
        let sql = "INSERT INTO company_package (company, module, version, sha256, size, uploaded_at, uploaded_by) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        self.execute(sql, args![company, module, version, &sha256, size, now, by]).await?;
        Ok(sha256)
    }
}

impl Session {
    /// The package file behind a hash; nothing if the company never uploaded it.
    pub async fn package(&mut self, company: &str, sha256: &str) -> Result<Option<StoredPackage>, StoreError> {
        Ok(self.packages(company, &[sha256]).await?.pop().map(|(_, package)| package))
    }

    /// The package files behind hashes, without those that the company never uploaded.
    pub async fn packages(
        &mut self,
        company: &str,
        hashes: &[&str],
    ) -> Result<Vec<(String, StoredPackage)>, StoreError> {
        let mut found = Vec::with_capacity(hashes.len());
        for some in hashes.chunks(AT_ONCE) {
            let places: Vec<String> = (2..=some.len() + 1).map(|n| format!("${n}")).collect();
            let sql = format!(
                "SELECT p.sha256, p.manifest, p.bytes FROM package p WHERE p.company = '' AND p.sha256 IN ({}) \
                 AND EXISTS (SELECT 1 FROM company_package k WHERE k.company = $1 AND k.sha256 = p.sha256)",
                places.join(", ")
            );
            let args = std::iter::once(company).chain(some.iter().copied()).map(Arg::from).collect();
            for mut row in self.run_query(Statement { sql: sql.into(), args }).await? {
                found.push((row.text()?, StoredPackage { manifest: row.text()?, bytes: row.bytes()? }));
            }
        }
        Ok(found)
    }

    /// A package by name and version.
    pub async fn known_package(
        &mut self,
        company: &str,
        module: &str,
        version: &str,
    ) -> Result<Option<KnownPackage>, StoreError> {
        let all = self.known_packages(company).await?;
        Ok(all.into_iter().find(|known| known.module == module && known.version == version))
    }

    /// Every package that a company may install, by name.
    pub async fn known_packages(&mut self, company: &str) -> Result<Vec<KnownPackage>, StoreError> {
        let sql = "SELECT module, version, sha256, size, uploaded_at, uploaded_by FROM company_package \
                   WHERE company = $1 ORDER BY module, uploaded_at, version";
        let rows = self.query(sql, args![company]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(KnownPackage {
                    module: row.text()?,
                    version: row.text()?,
                    sha256: row.text()?,
                    size: row.count()?,
                    uploaded_at: row.int()?,
                    uploaded_by: row.text()?,
                })
            })
            .collect()
    }

    /// The manifest of every package that a company may install, as JSON, by hash.
    pub async fn known_manifests(&mut self, company: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT k.sha256, p.manifest FROM company_package k \
                   JOIN package p ON p.company = '' AND p.sha256 = k.sha256 WHERE k.company = $1 ORDER BY k.sha256";
        let rows = self.query(sql, args![company]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }
}
