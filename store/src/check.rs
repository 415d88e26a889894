//! Proof that what is stored is what happened: every instance is replayed and compared.

mod one;

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use sha2::{Digest, Sha256};
use std::fmt;

/// How many instances are read at a time.
const PAGE: u32 = 500;
/// The most violations of one kind that are listed when whole instances are missing.
const MOST: u32 = 1_000;

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
    /// The instance, or the name of the definition.
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
    /// Replays every instance; `progress` hears the number done so far. The service may go on meanwhile.
    pub async fn check(&mut self, mut progress: impl FnMut(u64)) -> Result<CheckReport, StoreError> {
        let mut report = CheckReport::default();
        self.check_definitions(&mut report).await?;
        self.check_orphans(&mut report).await?;
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

    async fn check_definitions(&mut self, report: &mut CheckReport) -> Result<(), StoreError> {
        let sql = "SELECT company, name, version, sha256, body FROM definition ORDER BY company, name, version";
        for mut row in self.query(sql, Vec::new()).await? {
            let (company, name, version) = (row.text()?, row.text()?, row.int()?);
            let (sha256, body) = (row.text()?, row.text()?);
            if hex::encode(Sha256::digest(&body)) != sha256 {
                let message = format!("the text of version {version} was changed after it was stored");
                report.violations.push(Violation { company, instance: name, message });
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
                report.violations.push(Violation { company, instance, message: message.to_owned() });
            }
        }
        Ok(())
    }
}
