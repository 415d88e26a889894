//! Numbers without gaps: a number is taken in the transaction that uses it, so a unit that is undone gives it back.

use crate::backend::args;
use crate::error::StoreError;
use crate::unit::Unit;

impl Unit {
    /// The next number of a series, from 1.
    pub async fn next_number(&mut self, company: &str, series: &str) -> Result<i64, StoreError> {
        let sql = "INSERT INTO series (company, name, value) VALUES ($1, $2, 1) \
                   ON CONFLICT (company, name) DO UPDATE SET value = series.value + 1 RETURNING value";
        let row = self.query_one(sql, args![company, series]).await?;
        row.ok_or_else(|| StoreError::Corrupt("a series gave no number".to_owned()))?.int()
    }
}
