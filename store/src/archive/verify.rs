//! Proof that the archive holds what happened: every line against its hash, its chain of events, and its replay.

use super::pack::{Packed, PackedTransition};
use crate::backend::args;
use crate::check::{CheckReport, Violation};
use crate::error::StoreError;
use crate::instances::{NO_HASH, chain};
use crate::unit::Session;
use workflow::{Definition, DefinitionRef, Entry, Event, Instance, replay};

/// What to do about whatever is wrong with a file.
const REMEDY: &str = "put the file back from a copy of the archive";
/// How many rows of the index are read at a time.
const PAGE: u32 = 500;

impl Session {
    /// How many instances are in the archive.
    pub async fn count_archived(&mut self) -> Result<u64, StoreError> {
        self.query_one("SELECT count(*) FROM archived", Vec::new()).await?.map_or(Ok(0), |mut row| row.count())
    }

    /// Reads every archived instance, follows its chain and replays it; `progress` hears the number done so far.
    pub async fn verify_archive(&mut self, mut progress: impl FnMut(u64)) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        let mut after = (String::new(), String::new());
        loop {
            let page = self.archived_after(&after).await?;
            let Some(last) = page.last() else { return Ok(report) };
            after = last.clone();
            for (company, id) in page {
                self.verify_one(company, id, &mut report).await?;
                progress(report.instances);
            }
        }
    }

    async fn archived_after(&mut self, after: &(String, String)) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT company, instance FROM archived WHERE company > $1 OR (company = $1 AND instance > $2) \
                   ORDER BY company, instance LIMIT $3";
        let rows = self.query(sql, args![&after.0, &after.1, PAGE]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    async fn verify_one(&mut self, company: String, id: String, report: &mut CheckReport) -> Result<(), StoreError> {
        report.instances += 1;
        let wrong = match self.archived(&company, &id).await {
            Ok(Some(packed)) => {
                report.transitions += u64::try_from(packed.transitions.len()).unwrap_or(0);
                let name = packed.definition.clone();
                let reference = DefinitionRef { name, version: packed.definition_version };
                match self.definition(&company, &reference, &packed.definition_sha256).await {
                    Ok(definition) => wrong(&definition, &packed),
                    Err(error) => Some(format!("its definition cannot be read: {error}")),
                }
            }
            Ok(None) => None,
            Err(error) => Some(error.to_string()),
        };
        report.violations.extend(wrong.map(|message| Violation { company, place: id, message, remedy: REMEDY }));
        Ok(())
    }
}

fn wrong(definition: &Definition, packed: &Packed) -> Option<String> {
    in_chain(packed).or_else(|| in_replay(definition, packed).unwrap_or_else(|error| Some(error.to_string())))
}

fn in_chain(packed: &Packed) -> Option<String> {
    let mut hash = NO_HASH.to_owned();
    for (expected, transition) in (1..).zip(&packed.transitions) {
        let PackedTransition { version, event, entries, .. } = transition;
        hash = chain(&hash, &packed.company, &packed.id, *version, event, entries);
        if *version != expected || hash != transition.hash {
            return Some(format!("event {expected} was changed or left out"));
        }
    }
    (hash != packed.hash).then(|| "the last events were removed or changed".to_owned())
}

fn in_replay(definition: &Definition, packed: &Packed) -> serde_json::Result<Option<String>> {
    let instance: Instance = serde_json::from_str(&packed.body)?;
    let events = packed.transitions.iter().map(|transition| {
        let event = serde_json::from_str::<Event>(&transition.event)?;
        Ok((event, serde_json::from_str::<Vec<Entry>>(&transition.entries)?))
    });
    let events = events.collect::<serde_json::Result<Vec<_>>>()?;
    Ok(replay(definition, &instance, &events).err().map(|difference| difference.to_string()))
}
