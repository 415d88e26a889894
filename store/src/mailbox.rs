//! The mailbox of installations without a mail server, such as the demo.

use crate::backend::args;
use crate::error::StoreError;
use crate::instances::text;
use crate::unit::{Session, Unit};
use serde_json::Value;

/// A mail in the mailbox.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredMail {
    /// The company that sent it.
    pub company: String,
    /// Its Message-ID.
    pub id: String,
    /// When, in milliseconds since 1970.
    pub at: i64,
    /// The address it went to.
    pub recipient: String,
    /// The mail, as the sender wrote it.
    pub body: Value,
}

impl Unit {
    /// Puts a mail into the mailbox. The same Message-ID is put there once. The bytes of its files, which it names by their
    /// `sha256` under `attachments`, stay for as long as it is there.
    pub async fn put_mail(&mut self, company: &str, id: &str, recipient: &str, body: &Value) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "INSERT INTO mail (company, id, at, recipient, body, files_listed) VALUES ($1, $2, $3, $4, $5, 1) \
                   ON CONFLICT DO NOTHING";
        self.execute(sql, args![company, id, now, recipient, text(body)?]).await?;
        for sha256 in files(body) {
            let sql = "INSERT INTO mail_file (company, sha256, mail) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
            self.execute(sql, args![company, sha256, id]).await?;
        }
        Ok(())
    }
}

/// The hashes of the files that a mail names.
fn files(body: &Value) -> impl Iterator<Item = &str> {
    let named = body.get("attachments").and_then(Value::as_array).into_iter().flatten();
    named.filter_map(|file| file.get("sha256")?.as_str())
}

impl Session {
    /// The latest mails, newest first.
    pub async fn mails(&mut self, limit: u32) -> Result<Vec<StoredMail>, StoreError> {
        let sql = "SELECT company, id, at, recipient, body FROM mail ORDER BY at DESC, id DESC LIMIT $1";
        let rows = self.query(sql, args![limit]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(StoredMail {
                    company: row.text()?,
                    id: row.text()?,
                    at: row.int()?,
                    recipient: row.text()?,
                    body: row.json("mail")?,
                })
            })
            .collect()
    }
}
