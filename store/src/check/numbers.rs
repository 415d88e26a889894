//! Numbers without gaps, each used once.
//!
//! A series that is named after a kind of object and a period (`module/collection/2026`) numbers these objects: the period
//! stands in their numbers, and the digits at the end are the place in the series. What other series count only their
//! users know.

use super::{COMPARE, CheckReport, PAGE};
use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Session;

/// The numbers of one series that were found.
struct Used {
    period: String,
    /// How often each was used, from 1.
    times: Vec<u8>,
}

impl Used {
    /// Enters a number if it belongs to the series; whether it fits.
    fn enter(&mut self, number: &str) -> bool {
        let Some(place) = place(number, &self.period) else { return true };
        match place.checked_sub(1).and_then(|place| self.times.get_mut(place)) {
            Some(times) => {
                *times = times.saturating_add(1);
                *times == 1
            }
            None => false,
        }
    }

    fn missing(&self) -> Vec<String> {
        let missing = (1..).zip(&self.times).filter(|(_, times)| **times == 0);
        missing.map(|(place, _): (usize, _)| place.to_string()).take(10).collect()
    }
}

/// The digits at the end of a number that names the period: `PO-2026-000012` is the 12th of 2026.
fn place(number: &str, period: &str) -> Option<usize> {
    let (head, digits) = number.rsplit_once('-')?;
    (head == period || head.ends_with(&format!("-{period}"))).then(|| digits.parse().ok())?
}

impl Session {
    pub(super) async fn check_series(
        &mut self,
        report: &mut CheckReport,
        progress: &mut impl FnMut(u64),
    ) -> Result<(), StoreError> {
        let series = self.query("SELECT company, name, value FROM series ORDER BY company, name", Vec::new()).await?;
        for mut row in series {
            let (company, name, value) = (row.text()?, row.text()?, row.int()?);
            let numbered = name.rsplit_once('/').filter(|(kind, _)| kind.contains('/'));
            if let Some((kind, period)) = numbered {
                self.check_numbers(&company, (kind, period), value, report).await?;
                progress(report.rows);
            }
        }
        Ok(())
    }

    async fn check_numbers(
        &mut self,
        company: &str,
        (kind, period): (&str, &str),
        value: i64,
        report: &mut CheckReport,
    ) -> Result<(), StoreError> {
        let series = format!("series {kind}/{period}");
        // A number taken while this reads is beyond the value that was read.
        let rows = self.count_numbers(company, kind).await?;
        let Some(value) = usize::try_from(value).ok().filter(|value| *value <= rows.max(1)) else {
            let message = format!("it stands at {value}, and only {rows} objects have a number");
            report.found(company, series, message, COMPARE);
            return Ok(());
        };
        let mut used = Used { period: period.to_owned(), times: vec![0; value] };
        let mut wrong = self.enter_numbers(company, kind, &mut used, report).await?;
        wrong.retain(|number| place(number, period).is_some_and(|place| place <= value));
        wrong.into_iter().for_each(|number| {
            report.found(company, number, format!("this number was given twice by {series}"), COMPARE);
        });
        let missing = used.missing();
        if !missing.is_empty() {
            report.found(company, series, format!("no object has the number {}", missing.join(", ")), COMPARE);
        }
        Ok(())
    }

    async fn count_numbers(&mut self, company: &str, kind: &str) -> Result<usize, StoreError> {
        let sql = "SELECT count(*) FROM object WHERE company = $1 AND kind = $2 AND number IS NOT NULL";
        let count = self.query_one(sql, args![company, kind]).await?.map_or(Ok(0), |mut row| row.count())?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Enters every number of that kind; those that do not fit.
    async fn enter_numbers(
        &mut self,
        company: &str,
        kind: &str,
        used: &mut Used,
        report: &mut CheckReport,
    ) -> Result<Vec<String>, StoreError> {
        let (mut after, mut wrong) = (String::new(), Vec::new());
        let sql = "SELECT id, number FROM object WHERE company = $1 AND kind = $2 AND id > $3 AND number IS NOT NULL ORDER BY id LIMIT $4";
        loop {
            let page = self.query(sql, args![company, kind, &after, PAGE]).await?;
            if page.is_empty() {
                return Ok(wrong);
            }
            for mut row in page {
                after = row.text()?;
                let number = row.text()?;
                report.rows += 1;
                if !used.enter(&number) {
                    wrong.push(number);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_number_is_its_last_digits() {
        assert_eq!(place("PO-2026-000012", "2026"), Some(12));
        assert_eq!(place("2026-7", "2026"), Some(7));
        assert_eq!(place("PO-2025-000012", "2026"), None);
        assert_eq!(place("PO-12026-000012", "2026"), None);
        assert_eq!(place("PO", "2026"), None);
    }

    #[test]
    fn gaps_and_doubles_are_seen() {
        let mut used = Used { period: "2026".to_owned(), times: vec![0; 3] };
        assert!(used.enter("PO-2026-01") && used.enter("PO-2026-3") && used.enter("PO-2025-9"));
        assert!(!used.enter("XO-2026-1") && !used.enter("PO-2026-4") && !used.enter("PO-2026-0"));
        assert_eq!(used.missing(), ["2"]);
    }
}
