//! Instances and their transitions as rows.

use crate::backend::{Dialect, Row, args};
use crate::effects::module_of;
use crate::error::StoreError;
use crate::ledger::{Place, place_of};
use crate::rows::{EffectRow, Shape, TransitionRow};
use crate::unit::{Session, Unit};
use futures::FutureExt;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use workflow::{Definition, Entry, Event, Instance, Subject};

/// An instance with what is needed to move it.
pub(crate) struct Loaded {
    pub(crate) instance: Instance,
    pub(crate) definition: Arc<Definition>,
    /// The object that it is about.
    pub(crate) subject: Option<Subject>,
    /// Of the last transition.
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

/// What an instance is loaded from: the instance `i` of the rest.
macro_rules! load {
    ($from:literal) => {
        concat!(
            "SELECT i.body, i.hash, d.sha256, i.subject_kind, i.subject_id, \
             (SELECT t.at FROM transition t WHERE t.company = i.company AND t.instance = i.id AND t.version = i.version) FROM ",
            $from
        )
    };
}

const LOAD: &str = load!(
    "instance i JOIN definition d ON d.company = i.company AND d.name = i.definition AND d.version = i.definition_version \
     WHERE i.company = $1 AND i.id = $2"
);

const LOAD_ALL: Shape = Shape {
    head: load!("(VALUES "),
    columns: 2,
    tail: ") AS v JOIN instance i ON i.company = v.column1 AND i.id = v.column2 JOIN definition d \
           ON d.company = i.company AND d.name = i.definition AND d.version = i.definition_version",
};

impl Session {
    /// An instance as it is for the unit that asks, loaded once a transaction.
    pub(crate) fn load<'a>(
        &'a mut self,
        company: &'a str,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Arc<Loaded>, StoreError>> {
        self.known_or_read(company, id).boxed()
    }

    async fn known_or_read(&mut self, company: &str, id: &str) -> Result<Arc<Loaded>, StoreError> {
        if let Some(known) = self.ledger.known(company, id) {
            return Ok(known);
        }
        if self.ledger.locking {
            self.lock_instance(company, id).await?;
        }
        let row = self.query_stored(LOAD, args![company, id]).await?.into_iter().next();
        let Some(row) = row else { return self.load_archived(company, id).await };
        let loaded = Arc::new(self.loaded(row).await?);
        self.ledger.remember(&loaded);
        Ok(loaded)
    }

    /// Loads instances together, for units that will ask for them. What is not there, or cannot be read, is for the
    /// unit that asks for it to tell.
    pub(crate) async fn load_all(&mut self, places: &BTreeSet<&Place>) -> Result<(), StoreError> {
        for loaded in self.read_all(places).await?.values() {
            self.ledger.remember(loaded);
        }
        Ok(())
    }

    /// Those that are there and can be read.
    pub(crate) async fn read_all(
        &mut self,
        places: &BTreeSet<&Place>,
    ) -> Result<BTreeMap<Place, Arc<Loaded>>, StoreError> {
        let mut read = BTreeMap::new();
        let rows = places.iter().map(|(company, id)| args![company, id]);
        for statement in LOAD_ALL.statements(self.dialect(), rows) {
            for row in self.run_query(statement.statement).await? {
                if let Ok(loaded) = self.loaded(row).await {
                    read.insert(place_of(&loaded), Arc::new(loaded));
                }
            }
        }
        Ok(read)
    }

    async fn loaded(&mut self, mut row: Row) -> Result<Loaded, StoreError> {
        let instance: Instance = row.json("instance")?;
        let (hash, sha256) = (row.text()?, row.text()?);
        let (kind, id) = (row.maybe_text()?, row.maybe_text()?);
        let subject = kind.zip(id).map(|(kind, id)| Subject { kind, id });
        let last_at = row.maybe_int()?.unwrap_or(i64::MIN);
        let definition = self.definition(&instance.company, &instance.definition, &sha256).await?;
        Ok(Loaded { instance, definition, subject, hash, last_at })
    }

    /// Waits for whoever moves the instance now, and keeps the others waiting until the commit.
    async fn lock_instance(&mut self, company: &str, id: &str) -> Result<(), StoreError> {
        // On SQLite there is one writer, so there is nothing to lock.
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        // A statement of its own: the one that loads must begin after the lock is there, to see all that was committed.
        let sql = "SELECT id FROM instance WHERE company = $1 AND id = $2 FOR UPDATE";
        self.query_stored(sql, args![company, id]).await.map(|_| ())
    }

    /// An instance and its definition.
    pub async fn instance(&mut self, company: &str, id: &str) -> Result<(Instance, Arc<Definition>), StoreError> {
        let loaded = self.load(company, id).await?;
        Ok((loaded.instance.clone(), loaded.definition.clone()))
    }

    /// The transitions of an instance, in order.
    pub async fn transitions(&mut self, company: &str, id: &str) -> Result<Vec<StoredTransition>, StoreError> {
        let sql = "SELECT version, event, entries, effects, hash FROM transition WHERE company = $1 AND instance = $2 ORDER BY version";
        let rows = self.query(sql, args![company, id]).await?;
        if rows.is_empty() {
            return self.archived_transitions(company, id).await;
        }
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
        let here = self.query_one(sql, args![company, kind, id]).await?;
        let sql = "SELECT instance FROM archived WHERE company = $1 AND subject_kind = $2 AND subject_id = $3 ORDER BY instance DESC LIMIT 1";
        let found = match here {
            Some(row) => Some(row),
            None => self.query_one(sql, args![company, kind, id]).await?,
        };
        found.map(|mut row| row.text()).transpose()
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
    /// The rows of what an instance went through, chained to the hash of its last transition.
    pub(crate) fn rows(
        &self,
        instance: &Instance,
        before: &str,
        transitions: Vec<NewTransition>,
    ) -> Result<(Vec<TransitionRow>, Vec<EffectRow>), StoreError> {
        let (mut hash, mut rows, mut effects) = (before.to_owned(), Vec::with_capacity(transitions.len()), Vec::new());
        let (company, id) = (&instance.company, &instance.id);
        // Due now by the clock that claims go by: after a clock was set back, the event may lie ahead of it.
        let now = self.now_ms();
        for NewTransition { version, event, entries, effects: caused } in transitions {
            let (at, event, entries) = (event.at, text(&event)?, text(&entries)?);
            hash = chain(&hash, company, id, version, &event, &entries);
            for (n, effect) in (0..).zip(&caused) {
                let (company, instance, body) = (company.clone(), id.clone(), text(effect)?);
                let module = module_of(effect).map(str::to_owned);
                effects.push(EffectRow { company, instance, version, n, body, run_at: now, created_at: at, module });
            }
            let (company, instance, hash, effects) = (company.clone(), id.clone(), hash.clone(), caused.len() as u64);
            rows.push(TransitionRow { company, instance, version, at, event, entries, effects, hash });
        }
        Ok((rows, effects))
    }
}

pub(crate) fn text<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt("a value", error))
}
