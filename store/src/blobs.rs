//! Files that were made for an object: a name and revision that point to bytes by their hash.

use crate::backend::{Dialect, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use sha2::{Digest, Sha256};

/// A file to be kept.
#[derive(Debug, Clone)]
pub struct NewDocument {
    /// The company.
    pub company: String,
    /// The kind of object.
    pub kind: String,
    /// The object's id.
    pub object: String,
    /// The file's name.
    pub name: String,
    /// The object's revision that it shows.
    pub revision: u64,
    /// `application/pdf`.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A file that is kept, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The file's name.
    pub name: String,
    /// The object's revision that it shows.
    pub revision: u64,
    /// `application/pdf`.
    pub media_type: String,
    /// The hash of its bytes, in hex.
    pub sha256: String,
}

impl Unit {
    /// Keeps a file. The same bytes are stored once; a newer file of the same revision replaces the older.
    pub async fn put_document(&mut self, document: &NewDocument) -> Result<Document, StoreError> {
        let NewDocument { company, kind, object, name, revision, media_type, bytes } = document;
        let sha256 = self.put_blob(company, bytes).await?;
        let sql = "INSERT INTO document (company, kind, object, name, revision, media_type, sha256, created_at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (company, kind, object, name, revision) \
                   DO UPDATE SET media_type = excluded.media_type, sha256 = excluded.sha256, created_at = excluded.created_at";
        let now = self.now_ms();
        self.execute(sql, args![company, kind, object, name, *revision, media_type, &sha256, now]).await?;
        Ok(Document { name: name.clone(), revision: *revision, media_type: media_type.clone(), sha256 })
    }
}

impl Unit {
    /// Keeps bytes under their hash, which is the answer. Bytes that are there are locked on PostgreSQL, so that another
    /// node does not delete them as those that nobody names before this one has named them.
    pub async fn put_blob(&mut self, company: &str, bytes: &[u8]) -> Result<String, StoreError> {
        let sha256 = hex::encode(Sha256::digest(bytes));
        let sql = match self.dialect() {
            Dialect::Sqlite => "INSERT INTO blob (company, sha256, bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            Dialect::Postgres => {
                "INSERT INTO blob (company, sha256, bytes) VALUES ($1, $2, $3) \
                 ON CONFLICT (company, sha256) DO UPDATE SET sha256 = excluded.sha256"
            }
        };
        self.execute(sql, args![company, &sha256, bytes.to_vec()]).await?;
        Ok(sha256)
    }
}

impl Session {
    /// The latest file of that name of an object.
    pub async fn latest_document(
        &mut self,
        company: &str,
        kind: &str,
        object: &str,
        name: &str,
    ) -> Result<Option<Document>, StoreError> {
        let sql = "SELECT name, revision, media_type, sha256 FROM document \
                   WHERE company = $1 AND kind = $2 AND object = $3 AND name = $4 ORDER BY revision DESC LIMIT 1";
        let row = self.query_one(sql, args![company, kind, object, name]).await?;
        row.map(|mut row| {
            Ok(Document { name: row.text()?, revision: row.count()?, media_type: row.text()?, sha256: row.text()? })
        })
        .transpose()
    }

    /// The bytes behind a hash.
    pub async fn blob(&mut self, company: &str, sha256: &str) -> Result<Vec<u8>, StoreError> {
        let sql = "SELECT bytes FROM blob WHERE company = $1 AND sha256 = $2";
        let missing = || StoreError::Missing { what: "file", id: sha256.to_owned() };
        self.query_one(sql, args![company, sha256]).await?.ok_or_else(missing)?.bytes()
    }
}
