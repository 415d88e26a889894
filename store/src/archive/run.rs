//! Moving finished instances out, a file at a time.

use super::Archive;
use super::pack::{Packed, hash_of};
use crate::backend::args;
use crate::error::StoreError;
use crate::handle::Store;
use crate::unit::{Session, Unit};
use futures::FutureExt;
use std::sync::Arc;

/// The most instances of one file, and of one commit.
const PER_FILE: u32 = 500;

/// What a run has moved.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct ArchiveRun {
    /// How many instances.
    pub instances: u64,
    /// In how many files.
    pub files: u64,
    /// How many bytes these files have.
    pub bytes: u64,
}

/// A line about to be named by a row.
struct Line {
    packed: Packed,
    place: u64,
    length: u64,
    sha256: String,
}

impl Store {
    /// Moves every instance that ended before a time into the archive, company by company; `progress` hears how many so
    /// far. Only what is over and has nothing left to do is moved.
    pub async fn archive_ended(
        &self,
        before_ms: i64,
        mut progress: impl FnMut(u64) + Send,
    ) -> Result<ArchiveRun, StoreError> {
        let mut reader = self.read().await?;
        let archive = reader.archive.clone();
        let archive = archive.ok_or_else(|| StoreError::Unavailable("no archive is configured".to_owned()))?;
        let mut run = ArchiveRun::default();
        for company in reader.companies().await?.into_iter().map(|company| company.id) {
            let mut after = String::new();
            loop {
                let ids = reader.ended(&company, before_ms, &after).await?;
                let Some(last) = ids.last() else { break };
                after.clone_from(last);
                self.archive_some(&archive, &mut reader, &company, &ids, &mut run).await?;
                progress(run.instances);
            }
        }
        Ok(run)
    }

    async fn archive_some(
        &self,
        archive: &Archive,
        reader: &mut Session,
        company: &str,
        ids: &[String],
        run: &mut ArchiveRun,
    ) -> Result<(), StoreError> {
        let (mut bytes, mut lines) = (Vec::new(), Vec::new());
        for id in ids {
            let Some(packed) = reader.pack(company, id).await? else { continue };
            let line = packed.line()?;
            let (place, length) = (bytes.len() as u64, line.len() as u64);
            lines.push(Line { sha256: hash_of(&line), packed, place, length });
            bytes.extend(line);
            bytes.push(b'\n');
        }
        if lines.is_empty() {
            return Ok(());
        }
        let (file, size, count) = (format!("{company}/{}.jsonl", hash_of(&bytes)), bytes.len() as u64, lines.len());
        archive.put(&file, bytes).await?;
        self.crash_point("after_archive_file")?;
        let lines = Arc::new(lines);
        let moved = self.write(move |unit| {
            let (file, lines) = (file.clone(), lines.clone());
            async move { unit.name_archived(&file, &lines).await }.boxed()
        });
        moved.await?;
        run.instances += count as u64;
        run.files += 1;
        run.bytes += size;
        Ok(())
    }
}

impl Session {
    /// Instances of a company that ended before a time, by id.
    async fn ended(&mut self, company: &str, before_ms: i64, after: &str) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT i.id FROM instance i JOIN transition t ON t.company = i.company AND t.instance = i.id AND t.version = i.version \
                   WHERE i.company = $1 AND i.id > $2 AND i.status <> 'running' AND t.at < $3 ORDER BY i.id LIMIT $4";
        let rows = self.query(sql, args![company, after, before_ms, PER_FILE]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }
}

impl Unit {
    /// Puts rows of the index where the instances were. A finished instance does not move any more, and its rows are
    /// deleted only where they are as they were packed.
    async fn name_archived(&mut self, file: &str, lines: &[Line]) -> Result<(), StoreError> {
        let now = self.now_ms();
        for Line { packed, place, length, sha256 } in lines {
            let (company, id) = (&packed.company, &packed.id);
            let sql = "DELETE FROM instance WHERE company = $1 AND id = $2 AND version = $3 AND hash = $4";
            if self.execute(sql, args![company, id, packed.version, &packed.hash]).await? != 1 {
                return Err(StoreError::Conflict);
            }
            for sql in [
                "DELETE FROM transition WHERE company = $1 AND instance = $2",
                "DELETE FROM effect WHERE company = $1 AND instance = $2",
                "DELETE FROM link WHERE company = $1 AND instance = $2",
            ] {
                self.execute(sql, args![company, id]).await?;
            }
            let sql = "INSERT INTO archived (company, instance, subject_kind, subject_id, file, place, length, sha256, ended_at, archived_at) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
            let (kind, subject) = (packed.subject_kind.clone(), packed.subject_id.clone());
            let values = args![company, id, kind, subject, file, *place, *length, sha256, packed.ended_at(), now];
            self.execute(sql, values).await?;
        }
        Ok(())
    }
}
