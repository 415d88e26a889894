//! Instances and their transitions as rows.

use crate::backend::{Dialect, args};
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use workflow::{Definition, DefinitionRef, Entry, Event, Instance, Subject, next_due};

/// An instance with what is needed to move it.
pub(crate) struct Loaded {
    pub(crate) instance: Instance,
    pub(crate) definition: Arc<Definition>,
    pub(crate) hash: String,
    /// When the last event happened.
    pub(crate) last_at: i64,
}

/// A transition as it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTransition {
    /// The version it led to, from 1.
    pub version: u64,
    /// What happened.
    pub event: Event,
    /// The history it made.
    pub entries: Vec<Entry>,
    /// How many effects it caused outside the commit.
    pub effects: u64,
    /// The hash of this row and the one before.
    pub hash: String,
}

/// A transition about to be stored.
pub(crate) struct NewTransition {
    pub(crate) version: u64,
    pub(crate) event: Event,
    pub(crate) entries: Vec<Entry>,
    pub(crate) effects: Vec<workflow::Effect>,
}

/// The hash of the first transition's predecessor.
pub(crate) const NO_HASH: &str = "";

/// The hash of a transition: of the one before, its place and its text.
pub(crate) fn chain(before: &str, company: &str, instance: &str, version: u64, event: &str, entries: &str) -> String {
    let mut hasher = Sha256::new();
    for part in [before, company, instance, &version.to_string(), event, entries] {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}

impl Session {
    pub(crate) async fn load(&mut self, company: &str, id: &str) -> Result<Loaded, StoreError> {
        let sql = "SELECT i.body, i.hash, d.sha256, \
                   (SELECT t.at FROM transition t WHERE t.company = i.company AND t.instance = i.id AND t.version = i.version) \
                   FROM instance i JOIN definition d \
                   ON d.company = i.company AND d.name = i.definition AND d.version = i.definition_version \
                   WHERE i.company = $1 AND i.id = $2";
        let row = self.query_one(sql, args![company, id]).await?;
        let mut row = row.ok_or_else(|| StoreError::Missing { what: "instance", id: id.to_owned() })?;
        let instance: Instance = row.json("instance")?;
        let (hash, sha256) = (row.text()?, row.text()?);
        let last_at = row.maybe_int()?.unwrap_or(i64::MIN);
        let definition = self.definition(company, &instance.definition, &sha256).await?;
        Ok(Loaded { instance, definition, hash, last_at })
    }

    /// An instance and its definition.
    pub async fn instance(&mut self, company: &str, id: &str) -> Result<(Instance, Arc<Definition>), StoreError> {
        let loaded = self.load(company, id).await?;
        Ok((loaded.instance, loaded.definition))
    }

    /// The transitions of an instance, in order.
    pub async fn transitions(&mut self, company: &str, id: &str) -> Result<Vec<StoredTransition>, StoreError> {
        let sql = "SELECT version, event, entries, effects, hash FROM transition WHERE company = $1 AND instance = $2 ORDER BY version";
        let rows = self.query(sql, args![company, id]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(StoredTransition {
                    version: row.count()?,
                    event: row.json("event")?,
                    entries: row.json("history")?,
                    effects: row.count()?,
                    hash: row.text()?,
                })
            })
            .collect()
    }

    /// The id of the latest instance about an object.
    pub async fn instance_of(&mut self, company: &str, kind: &str, id: &str) -> Result<Option<String>, StoreError> {
        let sql = "SELECT id FROM instance WHERE company = $1 AND subject_kind = $2 AND subject_id = $3 ORDER BY id DESC LIMIT 1";
        self.query_one(sql, args![company, kind, id]).await?.map(|mut row| row.text()).transpose()
    }

    /// Instances whose deadline has come, the most overdue first: company and id.
    pub async fn due_instances(&mut self, now_ms: i64, limit: u32) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT company, id FROM instance WHERE next_due IS NOT NULL AND next_due <= $1 ORDER BY next_due, id LIMIT $2";
        let rows = self.query(sql, args![now_ms, limit]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    /// The earliest deadline of all instances.
    pub async fn earliest_deadline(&mut self) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT next_due FROM instance WHERE next_due IS NOT NULL ORDER BY next_due LIMIT 1";
        self.query_one(sql, Vec::new()).await?.map(|mut row| row.int()).transpose()
    }
}

impl Unit {
    /// Waits for whoever moves the instance now, and keeps the others waiting until the commit.
    pub(crate) async fn lock_instance(&mut self, company: &str, id: &str) -> Result<(), StoreError> {
        // On SQLite there is one writer, so there is nothing to lock.
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let sql = "SELECT id FROM instance WHERE company = $1 AND id = $2 FOR UPDATE";
        self.query(sql, args![company, id]).await.map(|_| ())
    }

    pub(crate) async fn insert_instance(
        &mut self,
        loaded: &Loaded,
        subject: Option<&Subject>,
    ) -> Result<(), StoreError> {
        let Loaded { instance, definition, hash, .. } = loaded;
        let DefinitionRef { name, version } = &instance.definition;
        let (kind, id) = (subject.map(|subject| subject.kind.clone()), subject.map(|subject| subject.id.clone()));
        let due = next_due(definition, instance);
        let sql = "INSERT INTO instance (company, id, definition, definition_version, version, status, subject_kind, subject_id, next_due, hash, body) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let values = args![
            &instance.company,
            &instance.id,
            name,
            *version,
            instance.version,
            instance.status_name(),
            kind,
            id,
            due,
            hash,
            text(instance)?
        ];
        self.execute(sql, values).await?;
        self.deadlines |= due.is_some();
        Ok(())
    }

    /// Writes the instance over the version that was read. `Conflict` if somebody else did so first.
    pub(crate) async fn update_instance(&mut self, loaded: &Loaded, read_version: u64) -> Result<(), StoreError> {
        let Loaded { instance, definition, hash, .. } = loaded;
        let due = next_due(definition, instance);
        let sql = "UPDATE instance SET version = $4, status = $5, next_due = $6, hash = $7, body = $8 \
                   WHERE company = $1 AND id = $2 AND version = $3";
        let values = args![
            &instance.company,
            &instance.id,
            read_version,
            instance.version,
            instance.status_name(),
            due,
            hash,
            text(instance)?
        ];
        match self.execute(sql, values).await? {
            1 => {
                self.deadlines |= due.is_some();
                Ok(())
            }
            _ => Err(StoreError::Conflict),
        }
    }

    /// Appends transitions and their effects; the hash of the last one.
    pub(crate) async fn append(
        &mut self,
        instance: &Instance,
        before: &str,
        transitions: &[NewTransition],
    ) -> Result<String, StoreError> {
        let mut hash = before.to_owned();
        for transition in transitions {
            let (event, entries) = (text(&transition.event)?, text(&transition.entries)?);
            hash = chain(&hash, &instance.company, &instance.id, transition.version, &event, &entries);
            let sql = "INSERT INTO transition (company, instance, version, at, event, entries, effects, hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
            let count = u64::try_from(transition.effects.len()).unwrap_or(0);
            let values = args![
                &instance.company,
                &instance.id,
                transition.version,
                transition.event.at,
                event,
                entries,
                count,
                &hash
            ];
            self.execute(sql, values).await?;
            self.insert_effects(instance, transition).await?;
        }
        Ok(hash)
    }
}

pub(crate) fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt("a value", error))
}
