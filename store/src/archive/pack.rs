//! One finished instance as one line of JSON: everything that its rows held, byte for byte where it was hashed.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The version of the line's form.
const FORM: u32 = 1;

/// A finished instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Packed {
    form: u32,
    pub(crate) company: String,
    pub(crate) id: String,
    pub(crate) definition: String,
    pub(crate) definition_version: u32,
    pub(crate) definition_sha256: String,
    pub(crate) version: u64,
    pub(crate) status: String,
    pub(crate) subject_kind: Option<String>,
    pub(crate) subject_id: Option<String>,
    pub(crate) hash: String,
    pub(crate) body: String,
    pub(crate) transitions: Vec<PackedTransition>,
    pub(crate) effects: Vec<PackedEffect>,
    pub(crate) links: Vec<PackedLink>,
}

/// A transition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PackedTransition {
    pub(crate) version: u64,
    pub(crate) at: i64,
    pub(crate) event: String,
    pub(crate) entries: String,
    pub(crate) effects: u64,
    pub(crate) hash: String,
}

/// An effect that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PackedEffect {
    version: u64,
    n: u64,
    body: String,
    attempts: u64,
    error: Option<String>,
    created_at: i64,
    ended_at: Option<i64>,
}

/// A link, by the hash of its token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PackedLink {
    hash: String,
    activity: u64,
    person: String,
    revision: u64,
    effect: String,
    created_at: i64,
}

impl Packed {
    /// The line, without its end.
    pub(crate) fn line(&self) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(|error| StoreError::corrupt("an instance", error))
    }

    /// Reads a line whose hash is known.
    pub(crate) fn read(line: &[u8], sha256: &str) -> Result<Self, StoreError> {
        if hash_of(line) != sha256 {
            return Err(StoreError::Corrupt("a line of the archive was changed after it was written".to_owned()));
        }
        let packed: Self = serde_json::from_slice(line).map_err(|error| StoreError::corrupt("the archive", error))?;
        match packed.form {
            FORM => Ok(packed),
            other => Err(StoreError::Corrupt(format!("the archive has lines of the form {other}; update Countersign"))),
        }
    }

    /// When it ended: the time of its last event.
    pub(crate) fn ended_at(&self) -> i64 {
        self.transitions.last().map_or(0, |last| last.at)
    }
}

pub(crate) fn hash_of(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Session {
    /// Everything that is stored of a finished instance; `None` if it runs, or something of it is still to be done.
    pub(crate) async fn pack(&mut self, company: &str, id: &str) -> Result<Option<Packed>, StoreError> {
        let sql = "SELECT i.definition, i.definition_version, d.sha256, i.version, i.status, i.subject_kind, i.subject_id, i.hash, i.body \
                   FROM instance i JOIN definition d ON d.company = i.company AND d.name = i.definition AND d.version = i.definition_version \
                   WHERE i.company = $1 AND i.id = $2 AND i.status <> 'running' \
                   AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.company = i.company AND e.instance = i.id AND e.status <> 'done')";
        let Some(mut row) = self.query_one(sql, args![company, id]).await? else { return Ok(None) };
        let mut packed = Packed {
            form: FORM,
            company: company.to_owned(),
            id: id.to_owned(),
            definition: row.text()?,
            definition_version: u32::try_from(row.int()?).map_err(|error| StoreError::corrupt("a version", error))?,
            definition_sha256: row.text()?,
            version: row.count()?,
            status: row.text()?,
            subject_kind: row.maybe_text()?,
            subject_id: row.maybe_text()?,
            hash: row.text()?,
            body: row.text()?,
            transitions: Vec::new(),
            effects: Vec::new(),
            links: Vec::new(),
        };
        packed.transitions = self.pack_transitions(company, id).await?;
        packed.effects = self.pack_effects(company, id).await?;
        packed.links = self.pack_links(company, id).await?;
        Ok(Some(packed))
    }

    async fn pack_transitions(&mut self, company: &str, id: &str) -> Result<Vec<PackedTransition>, StoreError> {
        let sql = "SELECT version, at, event, entries, effects, hash FROM transition WHERE company = $1 AND instance = $2 ORDER BY version";
        let rows = self.query(sql, args![company, id]).await?;
        let packed = rows.into_iter().map(|mut row| {
            Ok(PackedTransition {
                version: row.count()?,
                at: row.int()?,
                event: row.text()?,
                entries: row.text()?,
                effects: row.count()?,
                hash: row.text()?,
            })
        });
        packed.collect()
    }

    async fn pack_effects(&mut self, company: &str, id: &str) -> Result<Vec<PackedEffect>, StoreError> {
        let sql = "SELECT version, n, body, attempts, error, created_at, ended_at FROM effect WHERE company = $1 AND instance = $2 ORDER BY version, n";
        let rows = self.query(sql, args![company, id]).await?;
        let packed = rows.into_iter().map(|mut row| {
            Ok(PackedEffect {
                version: row.count()?,
                n: row.count()?,
                body: row.text()?,
                attempts: row.count()?,
                error: row.maybe_text()?,
                created_at: row.int()?,
                ended_at: row.maybe_int()?,
            })
        });
        packed.collect()
    }

    async fn pack_links(&mut self, company: &str, id: &str) -> Result<Vec<PackedLink>, StoreError> {
        let sql = "SELECT hash, activity, person, revision, effect, created_at FROM link WHERE company = $1 AND instance = $2 ORDER BY created_at, hash";
        let rows = self.query(sql, args![company, id]).await?;
        let packed = rows.into_iter().map(|mut row| {
            Ok(PackedLink {
                hash: row.text()?,
                activity: row.count()?,
                person: row.text()?,
                revision: row.count()?,
                effect: row.text()?,
                created_at: row.int()?,
            })
        });
        packed.collect()
    }
}
