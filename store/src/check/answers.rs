//! Answers that are kept for requests sent again tell of things that exist.

use super::{COMPARE, CheckReport, PAGE};
use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;
use serde_json::Value;

/// Where a page of answers ended: company, actor, key.
type Place = (String, String, String);

impl Session {
    pub(super) async fn check_answers(
        &mut self,
        report: &mut CheckReport,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), StoreError> {
        let mut after = Place::default();
        let mut done = 0;
        let sql = "SELECT company, actor, key, answer FROM idempotency WHERE (company, actor, key) > ($1, $2, $3) \
                   ORDER BY company, actor, key LIMIT $4";
        loop {
            let page = self.query(sql, args![&after.0, &after.1, &after.2, PAGE]).await?;
            if page.is_empty() {
                report.rows += done;
                return Ok(());
            }
            for mut row in page {
                after = (row.text()?, row.text()?, row.text()?);
                self.check_answer(&after, &row.text()?, report).await?;
                done += 1;
            }
            progress(done);
        }
    }

    async fn check_answer(&mut self, place: &Place, answer: &str, report: &mut CheckReport) -> Result<(), StoreError> {
        let (company, actor, key) = place;
        let place = format!("answer to {key} of {actor}");
        let Ok(answer) = serde_json::from_str::<Value>(answer) else {
            report.found(company, place, "it is not JSON", COMPARE);
            return Ok(());
        };
        for (name, kind, id) in named(&answer) {
            if !self.exists(company, kind, id).await? {
                let message = format!("it names the {name} {id}, which is not stored");
                report.found(company, place.clone(), message, COMPARE);
            }
        }
        Ok(())
    }

    /// An object of that kind, unless its module was purged; without a kind an instance, or one of its effects.
    async fn exists(&mut self, company: &str, kind: Option<&str>, id: &str) -> Result<bool, StoreError> {
        let row = match kind {
            Some(kind) => {
                let sql = "SELECT id FROM object WHERE company = $1 AND kind = $2 AND id = $3 \
                           UNION ALL SELECT module FROM purge WHERE company = $1 AND module = $4";
                let module = kind.split('/').next().unwrap_or(kind);
                self.query_one(sql, args![company, kind, id, module]).await?
            }
            None => {
                let instance = id.split('/').next().unwrap_or(id);
                let sql = "SELECT id FROM instance WHERE company = $1 AND id = $2 \
                           UNION ALL SELECT instance FROM archived WHERE company = $1 AND instance = $2";
                self.query_one(sql, args![company, instance]).await?
            }
        };
        Ok(row.is_some())
    }
}

/// What an answer names, by the names that all answers of the API use: what it is called, its kind, its id.
fn named(answer: &Value) -> impl Iterator<Item = (&'static str, Option<&str>, &str)> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let object = text("id").map(|id| ("thing", text("kind"), id));
    object.into_iter().chain(text("instance").map(|id| ("instance", None, id)))
}
