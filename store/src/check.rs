//! Proof that what is stored is what happened: every instance is replayed and compared.

use crate::backend::args;
use crate::error::StoreError;
use crate::instances::{Loaded, NO_HASH, StoredTransition, chain, text};
use crate::unit::Session;
use std::fmt;
use workflow::{next_due, replay};

/// How many instances are read at a time.
const PAGE: u32 = 500;

/// What a check has found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// How many instances were replayed.
    pub instances: u64,
    /// How many transitions they have.
    pub transitions: u64,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The company.
    pub company: String,
    /// The instance.
    pub instance: String,
    /// What is wrong, as a sentence.
    pub message: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}: {}", self.company, self.instance, self.message)
    }
}

impl Session {
    /// Replays every instance; `progress` hears the number done so far.
    pub async fn check(&mut self, mut progress: impl FnMut(u64)) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        let mut after = (String::new(), String::new());
        loop {
            let page = self.page_after(&after).await?;
            let Some(last) = page.last() else { return Ok(report) };
            after = last.clone();
            for (company, id) in page {
                self.check_instance(&company, &id, &mut report).await?;
                progress(report.instances);
            }
        }
    }

    /// How many instances there are.
    pub async fn count_instances(&mut self) -> Result<u64, StoreError> {
        self.query_one("SELECT count(*) FROM instance", Vec::new()).await?.map_or(Ok(0), |mut row| row.count())
    }

    async fn page_after(&mut self, after: &(String, String)) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT company, id FROM instance WHERE company > $1 OR (company = $1 AND id > $2) ORDER BY company, id LIMIT $3";
        let rows = self.query(sql, args![&after.0, &after.1, PAGE]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    async fn check_instance(&mut self, company: &str, id: &str, report: &mut CheckReport) -> Result<(), StoreError> {
        let loaded = self.load(company, id).await?;
        let transitions = self.transitions(company, id).await?;
        let mut wrong = differences(&loaded, &transitions)?;
        wrong.extend(self.column_differences(&loaded).await?);
        wrong.extend(self.effect_differences(company, id, &transitions).await?);
        report.instances += 1;
        report.transitions += u64::try_from(transitions.len()).unwrap_or(0);
        let violation = |message| Violation { company: company.to_owned(), instance: id.to_owned(), message };
        report.violations.extend(wrong.into_iter().map(violation));
        Ok(())
    }

    async fn column_differences(&mut self, loaded: &Loaded) -> Result<Vec<String>, StoreError> {
        let instance = &loaded.instance;
        let sql = "SELECT version, status, next_due FROM instance WHERE company = $1 AND id = $2";
        let Some(mut row) = self.query_one(sql, args![&instance.company, &instance.id]).await? else {
            return Ok(Vec::new());
        };
        let mut wrong = Vec::new();
        if row.count()? != instance.version {
            wrong.push("the version column differs from the instance".to_owned());
        }
        if row.text()? != instance.status_name() {
            wrong.push("the status column differs from the instance".to_owned());
        }
        if row.maybe_int()? != next_due(&loaded.definition, instance) {
            wrong.push("the deadline column differs from the instance".to_owned());
        }
        Ok(wrong)
    }

    async fn effect_differences(
        &mut self,
        company: &str,
        id: &str,
        transitions: &[StoredTransition],
    ) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT version, count(*) FROM effect WHERE company = $1 AND instance = $2 GROUP BY version";
        let rows = self.query(sql, args![company, id]).await?;
        let stored: Vec<(u64, u64)> =
            rows.into_iter().map(|mut row| Ok((row.count()?, row.count()?))).collect::<Result<_, StoreError>>()?;
        let caused = |version: u64| stored.iter().find(|(stored, _)| *stored == version).map_or(0, |(_, count)| *count);
        let wrong = transitions.iter().filter(|transition| caused(transition.version) != transition.effects);
        Ok(wrong
            .map(|transition| {
                format!(
                    "event {} caused {} effects, {} are stored",
                    transition.version,
                    transition.effects,
                    caused(transition.version)
                )
            })
            .collect())
    }
}

/// What differs between an instance and its transitions: replay and chain of hashes.
fn differences(loaded: &Loaded, transitions: &[StoredTransition]) -> Result<Vec<String>, StoreError> {
    let mut wrong = Vec::new();
    let events: Vec<_> =
        transitions.iter().map(|transition| (transition.event.clone(), transition.entries.clone())).collect();
    if let Err(difference) = replay(&loaded.definition, &loaded.instance, &events) {
        wrong.push(difference.to_string());
    }
    let (mut hash, instance) = (NO_HASH.to_owned(), &loaded.instance);
    for (expected, transition) in (1..).zip(transitions) {
        let (event, entries) = (text(&transition.event)?, text(&transition.entries)?);
        hash = chain(&hash, &instance.company, &instance.id, transition.version, &event, &entries);
        if transition.version != expected {
            wrong.push(format!("event {expected} is missing"));
            return Ok(wrong);
        }
        if hash != transition.hash {
            wrong.push(format!("event {expected} was changed after it was stored"));
            return Ok(wrong);
        }
    }
    if hash != loaded.hash {
        wrong.push("the last events were removed or changed".to_owned());
    }
    Ok(wrong)
}
