//! Proof that what is stored is what happened: every instance is replayed and compared; a deep check also proves that
//! what surrounds the instances fits them. `docs/DURABILITY.md` lists what is proved and how.

mod answers;
mod blobs;
mod deep;
mod family;
mod fold;
mod numbers;
mod one;
mod quorum;
mod rules;
mod votes;
mod waits;

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use sha2::{Digest, Sha256};
use std::fmt;

/// How many rows are read at a time.
const PAGE: u32 = 500;
/// The most violations of one kind that are listed.
const MOST: u32 = 1_000;
/// What to do where only somebody with the database in hand can have done it.
const COMPARE: &str = "somebody changed the database: compare it with a backup";
/// What to do where the service itself must have done it.
const REPORT: &str = "the service has a defect: keep a copy of the database and report it";

/// What a check has found.
#[derive(Debug, Default)]
pub struct CheckReport {
    /// How many instances were replayed.
    pub instances: u64,
    /// How many transitions they have.
    pub transitions: u64,
    /// How many other rows a deep check has looked at one by one.
    pub rows: u64,
    /// How many effects have given up and wait for a person. They are no violation.
    pub dead_effects: u64,
    /// What is wrong.
    pub violations: Vec<Violation>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The company.
    pub company: String,
    /// Where: the id of an instance, the name of a definition, an object, a link, ...
    pub place: String,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to do.
    pub remedy: &'static str,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}: {}; {}", self.company, self.place, self.message, self.remedy)
    }
}

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// Every instance equals its replay.
    Replay,
    /// And everything around it fits.
    Deep,
}

impl Session {
    /// Replays every instance; `progress` hears the number done so far. The service may go on meanwhile.
    pub async fn check(&mut self, mut progress: impl FnMut(u64)) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        self.check_definitions(&mut report).await?;
        self.check_orphans(&mut report).await?;
        self.check_instances(Depth::Replay, &mut report, &mut progress).await?;
        Ok(report)
    }

    /// How many instances there are.
    pub async fn count_instances(&mut self) -> Result<u64, StoreError> {
        self.count_of("SELECT count(*) FROM instance").await
    }

    async fn count_of(&mut self, sql: &'static str) -> Result<u64, StoreError> {
        self.query_one(sql, Vec::new()).await?.map_or(Ok(0), |mut row| row.count())
    }

    async fn check_instances(
        &mut self,
        depth: Depth,
        report: &mut CheckReport,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), StoreError> {
        let mut after = (String::new(), String::new());
        loop {
            let page = self.page_after(&after).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.clone();
            for (company, id) in page {
                self.check_instance(&company, &id, depth, report).await?;
                progress(report.instances);
            }
        }
    }

    async fn page_after(&mut self, after: &(String, String)) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT company, id FROM instance WHERE company > $1 OR (company = $1 AND id > $2) ORDER BY company, id LIMIT $3";
        let rows = self.query(sql, args![&after.0, &after.1, PAGE]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    async fn check_definitions(&mut self, report: &mut CheckReport) -> Result<(), StoreError> {
        let sql = "SELECT company, name, version, sha256, body FROM definition ORDER BY company, name, version";
        for mut row in self.query(sql, Vec::new()).await? {
            let (company, name, version) = (row.text()?, row.text()?, row.int()?);
            let (sha256, body) = (row.text()?, row.text()?);
            if hex::encode(Sha256::digest(&body)) != sha256 {
                let message = format!("the text of version {version} was changed after it was stored");
                report.found(&company, name, message, COMPARE);
            }
        }
        Ok(())
    }

    /// What is left of instances whose own row is gone.
    async fn check_orphans(&mut self, report: &mut CheckReport) -> Result<(), StoreError> {
        let events = "SELECT DISTINCT t.company, t.instance FROM transition t LEFT JOIN instance i \
                      ON i.company = t.company AND i.id = t.instance WHERE i.id IS NULL LIMIT $1";
        let effects = "SELECT DISTINCT e.company, e.instance FROM effect e LEFT JOIN instance i \
                       ON i.company = e.company AND i.id = e.instance WHERE i.id IS NULL LIMIT $1";
        for (sql, message) in
            [(events, "its events are stored, but it is not"), (effects, "its effects are stored, but it is not")]
        {
            for mut row in self.query(sql, args![MOST]).await? {
                let (company, instance) = (row.text()?, row.text()?);
                report.found(&company, instance, message, COMPARE);
            }
        }
        Ok(())
    }
}

impl CheckReport {
    fn found(&mut self, company: &str, place: impl Into<String>, message: impl Into<String>, remedy: &'static str) {
        let (company, place, message) = (company.to_owned(), place.into(), message.into());
        self.violations.push(Violation { company, place, message, remedy });
    }
}
