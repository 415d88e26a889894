//! Links in mails: 256 random bits that only the mail holds; the store keeps their SHA-256.

use crate::backend::args;
use crate::error::StoreError;
use crate::tokens::hash;
use crate::unit::{Session, Unit};
use rand::RngCore;

/// What a link is bound to. Never to a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The company.
    pub company: String,
    /// The instance.
    pub instance: String,
    /// The approval.
    pub activity: u64,
    /// The person to whom the mail went.
    pub person: String,
    /// The revision of the document when the mail was written; 0 without one.
    pub revision: u64,
    /// The effect that sent the mail.
    pub effect: String,
}

/// The secret of a link. It is shown to nobody but the mail: it has no `Debug` that prints it.
#[derive(Clone)]
pub struct LinkToken(String);

impl LinkToken {
    /// A new random token of 256 bits, in lower-case hex.
    pub fn random() -> Self {
        let mut chance = [0_u8; 32];
        rand::rng().fill_bytes(&mut chance);
        Self(hex::encode(chance))
    }

    /// The text that goes into the mail.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LinkToken(..)")
    }
}

impl Unit {
    /// Makes a link known.
    pub async fn put_link(&mut self, token: &LinkToken, link: &Link) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "INSERT INTO link (company, hash, instance, activity, person, revision, effect, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let values = args![
            &link.company,
            hash(token.secret()),
            &link.instance,
            link.activity,
            &link.person,
            link.revision,
            &link.effect,
            now
        ];
        self.execute(sql, values).await.map(|_| ())
    }
}

impl Session {
    /// What a token is bound to, if it is known.
    pub async fn link(&mut self, token: &str) -> Result<Option<Link>, StoreError> {
        let sql = "SELECT company, instance, activity, person, revision, effect FROM link WHERE hash = $1";
        let row = self.query_one(sql, args![hash(token)]).await?;
        row.map(|mut row| {
            Ok(Link {
                company: row.text()?,
                instance: row.text()?,
                activity: row.count()?,
                person: row.text()?,
                revision: row.count()?,
                effect: row.text()?,
            })
        })
        .transpose()
    }
}
