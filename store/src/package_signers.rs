//! Who has signed the packages that were uploaded.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// Who has signed a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSigner {
    /// The public key, as minisign writes it.
    pub key: String,
    /// What the signer has written beside the signature.
    pub comment: String,
}

impl Unit {
    /// Keeps who has signed a package, in place of whom it was kept to be signed by.
    pub async fn put_package_signer(&mut self, sha256: &str, signer: &PackageSigner) -> Result<(), StoreError> {
        let (PackageSigner { key, comment }, now) = (signer, self.now_ms());
        let sql = "INSERT INTO package_signer (company, sha256, signer_key, comment, seen_at) \
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (company, sha256) \
                   DO UPDATE SET signer_key = excluded.signer_key, comment = excluded.comment, seen_at = excluded.seen_at";
        self.execute(sql, args!["", sha256, key, comment, now]).await.map(|_| ())
    }
}

impl Session {
    /// Who has signed the package with this hash; nobody if no signature was verified.
    pub async fn package_signer(&mut self, sha256: &str) -> Result<Option<PackageSigner>, StoreError> {
        let sql = "SELECT signer_key, comment FROM package_signer WHERE company = $1 AND sha256 = $2";
        let row = self.query_one(sql, args!["", sha256]).await?;
        row.map(|mut row| Ok(PackageSigner { key: row.text()?, comment: row.text()? })).transpose()
    }
}
