//! Leases: who has an effect in hand, and until when.
//!
//! They are short, and whoever works on an effect renews its lease; so what a dead node had in hand is taken over soon. On
//! PostgreSQL they go by the server's clock, because nodes compare them: a node whose own clock is ahead would take over
//! what nobody has let go. Nothing depends on them for safety: the answer of an older claim is refused.

use crate::backend::{Dialect, Row, Statement, args};
use crate::effects::{Claimed, EffectKey, key};
use crate::error::StoreError;
use crate::rows::Shape;
use crate::unit::Unit;
use std::collections::HashSet;

/// The time by which leases go: a clock of a test, if there is one, else the server's.
macro_rules! lease_clock {
    ($own:literal) => {
        concat!("coalesce(", $own, ", (extract(epoch FROM statement_timestamp()) * 1000)::bigint)")
    };
}

pub(crate) use lease_clock;

/// What is still held: answered effects and those of a later claim are not.
macro_rules! renew {
    ($until:expr) => {
        Shape {
            head: concat!("UPDATE effect SET lease_until = v.column7 + ", $until, " FROM (VALUES "),
            columns: 7,
            tail: ") AS v WHERE company = v.column1 AND instance = v.column2 AND version = v.column3 AND n = v.column4 \
                   AND attempts = v.column5 AND status = 'ready' AND lease_until IS NOT NULL \
                   RETURNING company, instance, version, n",
        }
    };
}

const RENEW_SQLITE: Shape = renew!("v.column6");
const RENEW_POSTGRES: Shape = renew!(lease_clock!("v.column6"));

impl Unit {
    /// Puts back what was claimed and not begun: it is due as before, and the claim does not count as an attempt. The
    /// number of the claim is used again by the next one; that is safe, because whoever puts it back gives up its answer.
    pub async fn put_back(&mut self, claims: &[Claimed]) -> Result<(), StoreError> {
        // Programs that did not know of modules left it open, and it would be claimed again at once.
        let sql = "UPDATE effect SET attempts = attempts - 1, lease_until = NULL, module = $6 \
                   WHERE company = $1 AND instance = $2 AND version = $3 AND n = $4 AND attempts = $5 AND status = 'ready' AND lease_until IS NOT NULL";
        for claimed in claims {
            let Claimed { key, attempt, .. } = claimed;
            let module = claimed.module().map(str::to_owned);
            self.execute(sql, args![&key.company, &key.instance, key.version, key.n, *attempt, module]).await?;
        }
        Ok(())
    }

    /// Renews the leases of claims, from now on for so long; those that are still the latest and not answered.
    pub async fn renew_leases(&mut self, claims: &[Claimed], lease_ms: i64) -> Result<HashSet<EffectKey>, StoreError> {
        let (dialect, clock) = (self.dialect(), self.lease_clock());
        let rows = claims.iter().map(|Claimed { key, attempt, .. }| {
            args![&key.company, &key.instance, key.version, key.n, *attempt, clock, lease_ms]
        });
        let shape = match dialect {
            Dialect::Sqlite => RENEW_SQLITE,
            Dialect::Postgres => RENEW_POSTGRES,
        };
        let mut renewed = HashSet::with_capacity(claims.len());
        for fenced in shape.statements(dialect, rows) {
            for mut row in self.change_rows(fenced.statement).await? {
                renewed.insert(key(&mut row)?);
            }
        }
        Ok(renewed)
    }

    /// Gives back what a process held that was killed, so that it need not wait for the end of the lease. Only for a
    /// database that no other process works on, which SQLite is: nobody else can hold anything when the service starts.
    /// Does nothing on PostgreSQL.
    pub async fn free_leases(&mut self) -> Result<(), StoreError> {
        if self.dialect() == Dialect::Sqlite {
            let sql = "UPDATE effect SET lease_until = NULL WHERE status = 'ready' AND lease_until IS NOT NULL";
            self.execute(sql, Vec::new()).await?;
        }
        Ok(())
    }

    pub(crate) async fn change_rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        if self.ledger.is_dirty() {
            self.flush().await?;
        }
        self.ledger.begin_writing();
        self.run_query(statement).await
    }

    /// The time by which leases go, unless it is the server's.
    pub(crate) fn lease_clock(&self) -> Option<i64> {
        let is_the_servers = self.dialect() == Dialect::Postgres && self.clock.is_of_the_world();
        (!is_the_servers).then(|| self.now_ms())
    }
}
