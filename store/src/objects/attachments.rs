//! Files that people attach to objects: a name that points to bytes by their hash.

use crate::backend::{Row, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};

/// A file to be attached.
#[derive(Debug, Clone)]
pub struct NewAttachment {
    /// The kind of object.
    pub kind: String,
    /// The object's id.
    pub object: String,
    /// The file's name.
    pub name: String,
    /// `image/png`, as whoever sent it said.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A file that is attached, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The file's name.
    pub name: String,
    /// `image/png`
    pub media_type: String,
    /// In bytes.
    pub length: u64,
    /// The hash of its bytes, in hex.
    pub sha256: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// Who attached it.
    pub by: String,
}

impl Unit {
    /// Attaches a file, in place of the one of this name.
    pub async fn put_attachment(
        &mut self,
        company: &str,
        new: &NewAttachment,
        by: &str,
    ) -> Result<Attachment, StoreError> {
        let NewAttachment { kind, object, name, media_type, bytes } = new;
        let sha256 = self.put_blob(company, bytes).await?;
        let (now, length) = (self.now_ms(), bytes.len() as u64);
        let sql = "INSERT INTO attachment (company, kind, object, name, media_type, length, sha256, at, by_whom) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (company, kind, object, name) DO UPDATE SET \
                   media_type = excluded.media_type, length = excluded.length, sha256 = excluded.sha256, at = excluded.at, \
                   by_whom = excluded.by_whom";
        self.execute(sql, args![company, kind, object, name, media_type, length, &sha256, now, by]).await?;
        let (name, media_type, by) = (name.clone(), media_type.clone(), by.to_owned());
        Ok(Attachment { name, media_type, length, sha256, at: now, by })
    }

    /// Takes a file away; whether there was one. Its bytes stay: another node may be about to name them, and nothing tells.
    pub async fn delete_attachment(
        &mut self,
        company: &str,
        kind: &str,
        object: &str,
        name: &str,
    ) -> Result<bool, StoreError> {
        let sql = "DELETE FROM attachment WHERE company = $1 AND kind = $2 AND object = $3 AND name = $4";
        Ok(self.execute(sql, args![company, kind, object, name]).await? > 0)
    }
}

impl Session {
    /// The files of an object, by name.
    pub async fn attachments(
        &mut self,
        company: &str,
        kind: &str,
        object: &str,
    ) -> Result<Vec<Attachment>, StoreError> {
        let sql = "SELECT name, media_type, length, sha256, at, by_whom FROM attachment \
                   WHERE company = $1 AND kind = $2 AND object = $3 ORDER BY name";
        self.query(sql, args![company, kind, object]).await?.into_iter().map(attachment).collect()
    }

    /// A file of an object.
    pub async fn attachment(
        &mut self,
        company: &str,
        kind: &str,
        object: &str,
        name: &str,
    ) -> Result<Option<Attachment>, StoreError> {
        let sql = "SELECT name, media_type, length, sha256, at, by_whom FROM attachment \
                   WHERE company = $1 AND kind = $2 AND object = $3 AND name = $4";
        self.query_one(sql, args![company, kind, object, name]).await?.map(attachment).transpose()
    }
}

fn attachment(mut row: Row) -> Result<Attachment, StoreError> {
    Ok(Attachment {
        name: row.text()?,
        media_type: row.text()?,
        length: row.count()?,
        sha256: row.text()?,
        at: row.int()?,
        by: row.text()?,
    })
}
