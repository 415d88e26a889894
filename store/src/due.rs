//! Instances whose time has come, shared among the nodes.

use crate::backend::{Dialect, args};
use crate::error::StoreError;
use crate::ledger::Place;
use crate::unit::Unit;
use std::collections::BTreeSet;
use workflow::{Actor, EventKind};

const DUE_SQLITE: &str = "SELECT company, id FROM instance WHERE next_due IS NOT NULL AND next_due <= $1 \
    ORDER BY next_due, id LIMIT $2";

// What another node has in hand is left to it.
const DUE_POSTGRES: &str = "SELECT company, id FROM instance WHERE next_due IS NOT NULL AND next_due <= $1 \
    ORDER BY next_due, id LIMIT $2 FOR UPDATE SKIP LOCKED";

impl Unit {
    /// Tells instances that their time has come, the most overdue first, at most so many; how many. None if there are
    /// none, or if other nodes have all of them in hand.
    ///
    /// Any error undoes all of them: one that cannot be told is found by telling each alone.
    pub async fn fire_due(&mut self, limit: u32) -> Result<usize, StoreError> {
        let sql = match self.dialect() {
            Dialect::Sqlite => DUE_SQLITE,
            Dialect::Postgres => DUE_POSTGRES,
        };
        let now = self.now_ms();
        let rows = self.query(sql, args![now, limit]).await?;
        let due = rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?)));
        let due = due.collect::<Result<Vec<Place>, StoreError>>()?;
        self.load_all(&due.iter().collect::<BTreeSet<_>>()).await?;
        for (company, id) in &due {
            self.advance(company, id, Actor::System, EventKind::DeadlineReached).await?;
        }
        Ok(due.len())
    }
}
