//! Bytes are what their hash says.

use super::{CheckReport, PAGE};
use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use sha2::{Digest, Sha256};

impl Session {
    /// One file at a time is in memory.
    pub(super) async fn check_blobs(
        &mut self,
        report: &mut CheckReport,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), StoreError> {
        let mut after = (String::new(), String::new());
        let mut done = 0;
        let sql =
            "SELECT company, sha256 FROM blob WHERE (company, sha256) > ($1, $2) ORDER BY company, sha256 LIMIT $3";
        loop {
            let page = self.query(sql, args![&after.0, &after.1, PAGE]).await?;
            if page.is_empty() {
                report.rows += done;
                return Ok(());
            }
            for mut row in page {
                after = (row.text()?, row.text()?);
                self.check_blob(&after.0, &after.1, report).await?;
                done += 1;
                progress(done);
            }
        }
    }

    async fn check_blob(&mut self, company: &str, sha256: &str, report: &mut CheckReport) -> Result<(), StoreError> {
        // One that was removed meanwhile is gone with its document.
        let bytes = match self.blob(company, sha256).await {
            Err(StoreError::Missing { .. }) => return Ok(()),
            bytes => bytes?,
        };
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            let remedy = "restore it from a backup, or have the document made again";
            report.found(company, format!("file {sha256}"), "its bytes are not those that were stored", remedy);
        }
        Ok(())
    }
}
