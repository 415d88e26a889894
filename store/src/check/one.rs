//! The check of one instance: its columns, its chain of events, its effects.

use super::{COMPARE, CheckReport, Depth};
use crate::backend::args;
use crate::error::StoreError;
use crate::instances::{NO_HASH, chain};
use crate::unit::Session;
use workflow::{Definition, Entry, Event, Instance, next_due, replay};

/// How often an instance is read again because it moved while it was read.
const TRIES: u32 = 5;

/// The columns of an instance as they are stored.
struct Columns {
    definition: String,
    definition_version: i64,
    version: u64,
    status: String,
    next_due: Option<i64>,
    hash: String,
    body: String,
}

/// A transition as it is stored. The text itself was hashed, so it is the text that is checked.
pub(super) struct Stored {
    pub(super) version: u64,
    at: i64,
    pub(super) event: String,
    pub(super) entries: String,
    effects: u64,
    hash: String,
}

/// The effects that a transition has: how many, and the last of their places.
struct Caused {
    version: u64,
    count: u64,
    last: u64,
}

impl Session {
    pub(super) async fn check_instance(
        &mut self,
        company: &str,
        id: &str,
        depth: Depth,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        for _ in 0..TRIES {
            let Some(before) = self.columns(company, id).await? else { return Ok(()) };
            let stored = self.stored(company, id).await?;
            let caused = self.caused(company, id).await?;
            let definition = self.definition_of(company, &before).await?;
            let around = match depth {
                Depth::Deep => self.around(company, id, &before.body, &stored, definition.as_deref()).await?,
                Depth::Replay => Vec::new(),
            };
            // Rows that belong to different moments say nothing; the version tells.
            if self.columns(company, id).await?.is_none_or(|after| after.version != before.version) {
                continue;
            }
            report.instances += 1;
            report.transitions += u64::try_from(stored.len()).unwrap_or(0);
            let wrong = wrong(company, id, &before, &stored, &caused, definition.as_deref());
            wrong.into_iter().for_each(|message| report.found(company, id, message, COMPARE));
            around.into_iter().for_each(|(message, remedy)| report.found(company, id, message, remedy));
            return Ok(());
        }
        Ok(())
    }

    async fn columns(&mut self, company: &str, id: &str) -> Result<Option<Columns>, StoreError> {
        let sql = "SELECT definition, definition_version, version, status, next_due, hash, body FROM instance \
                   WHERE company = $1 AND id = $2";
        let Some(mut row) = self.query_one(sql, args![company, id]).await? else { return Ok(None) };
        Ok(Some(Columns {
            definition: row.text()?,
            definition_version: row.int()?,
            version: row.count()?,
            status: row.text()?,
            next_due: row.maybe_int()?,
            hash: row.text()?,
            body: row.text()?,
        }))
    }

    async fn stored(&mut self, company: &str, id: &str) -> Result<Vec<Stored>, StoreError> {
        let sql = "SELECT version, at, event, entries, effects, hash FROM transition \
                   WHERE company = $1 AND instance = $2 ORDER BY version";
        let rows = self.query(sql, args![company, id]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Stored {
                    version: row.count()?,
                    at: row.int()?,
                    event: row.text()?,
                    entries: row.text()?,
                    effects: row.count()?,
                    hash: row.text()?,
                })
            })
            .collect()
    }

    async fn caused(&mut self, company: &str, id: &str) -> Result<Vec<Caused>, StoreError> {
        let sql = "SELECT version, count(*), max(n) FROM effect WHERE company = $1 AND instance = $2 \
                   GROUP BY version ORDER BY version";
        let rows = self.query(sql, args![company, id]).await?;
        rows.into_iter()
            .map(|mut row| Ok(Caused { version: row.count()?, count: row.count()?, last: row.count()? }))
            .collect()
    }

    /// The definition that the columns name, if it is there and can be read.
    async fn definition_of(
        &mut self,
        company: &str,
        columns: &Columns,
    ) -> Result<Option<std::sync::Arc<Definition>>, StoreError> {
        let sql = "SELECT sha256 FROM definition WHERE company = $1 AND name = $2 AND version = $3";
        let row = self.query_one(sql, args![company, &columns.definition, columns.definition_version]).await?;
        let (Some(mut row), Ok(version)) = (row, u32::try_from(columns.definition_version)) else { return Ok(None) };
        let (sha256, name) = (row.text()?, columns.definition.clone());
        match self.definition(company, &workflow::DefinitionRef { name, version }, &sha256).await {
            Ok(definition) => Ok(Some(definition)),
            Err(StoreError::Corrupt(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn wrong(
    company: &str,
    id: &str,
    columns: &Columns,
    stored: &[Stored],
    caused: &[Caused],
    definition: Option<&Definition>,
) -> Vec<String> {
    let mut wrong = Vec::from_iter(in_chain(company, id, &columns.hash, stored));
    wrong.extend(in_effects(stored, caused));
    let instance: Instance = match serde_json::from_str(&columns.body) {
        Ok(instance) => instance,
        Err(error) => {
            wrong.push(format!("the instance cannot be read: {error}"));
            return wrong;
        }
    };
    let (name, version) = (&columns.definition, columns.definition_version);
    if (&instance.definition.name, i64::from(instance.definition.version)) != (name, version) {
        wrong.push("the definition columns differ from the instance".to_owned());
    }
    let Some(definition) = definition else {
        wrong.push(format!("its definition {name} v{version} is missing or cannot be read"));
        return wrong;
    };
    wrong.extend(in_columns(columns, &instance, definition));
    wrong.extend(in_replay(definition, &instance, stored));
    wrong
}

fn in_columns(columns: &Columns, instance: &Instance, definition: &Definition) -> Vec<String> {
    let mut differing = Vec::new();
    if columns.version != instance.version {
        differing.push("version");
    }
    if columns.status != instance.status_name() {
        differing.push("status");
    }
    if columns.next_due != next_due(definition, instance) {
        differing.push("deadline");
    }
    differing.into_iter().map(|column| format!("the {column} column differs from the instance")).collect()
}

/// The chain of hashes: nothing was changed, left out or cut off.
fn in_chain(company: &str, id: &str, last: &str, stored: &[Stored]) -> Option<String> {
    let mut hash = NO_HASH.to_owned();
    for (expected, transition) in (1..).zip(stored) {
        let Stored { version, event, entries, .. } = transition;
        if *version != expected {
            return Some(format!("event {expected} is missing"));
        }
        hash = chain(&hash, company, id, *version, event, entries);
        if hash != transition.hash {
            return Some(format!("event {expected} was changed after it was stored"));
        }
    }
    (hash != last).then(|| "the last events were removed or changed".to_owned())
}

/// The events make the instance, at the times that their rows name.
fn in_replay(definition: &Definition, instance: &Instance, stored: &[Stored]) -> Vec<String> {
    let (mut wrong, mut events) = (Vec::new(), Vec::with_capacity(stored.len()));
    for Stored { version, at, event, entries, .. } in stored {
        let read = serde_json::from_str::<Event>(event)
            .and_then(|event| Ok((event, serde_json::from_str::<Vec<Entry>>(entries)?)));
        match read {
            Ok(read) => {
                if read.0.at != *at {
                    wrong.push(format!("the time column of event {version} differs from the event"));
                }
                events.push(read);
            }
            Err(error) => {
                wrong.push(format!("event {version} cannot be read: {error}"));
                return wrong;
            }
        }
    }
    wrong.extend(replay(definition, instance, &events).err().map(|difference| difference.to_string()));
    wrong
}

fn in_effects(stored: &[Stored], caused: &[Caused]) -> Vec<String> {
    let mut wrong = Vec::new();
    for Stored { version, effects, .. } in stored {
        let found = caused.iter().find(|caused| caused.version == *version);
        let count = found.map_or(0, |caused| caused.count);
        if count != *effects {
            wrong.push(format!("event {version} caused {effects} effects, {count} are stored"));
        } else if found.is_some_and(|caused| caused.last + 1 != caused.count) {
            wrong.push(format!("the effects of event {version} are not numbered from 0 on"));
        }
    }
    let uncaused = caused.iter().filter(|caused| stored.iter().all(|stored| stored.version != caused.version));
    wrong.extend(
        uncaused
            .map(|caused| format!("{} effects are stored for event {}, which is not", caused.count, caused.version)),
    );
    wrong
}
