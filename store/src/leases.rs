//! Leases: who has an effect in hand, and until when.
//!
//! They are short, and whoever works on an effect renews its lease; so what a dead node had in hand is taken over soon. On
//! PostgreSQL they go by the server's clock, because nodes compare them: a node whose own clock is ahead would take over
//! what nobody has let go. Nothing depends on them for safety: the answer of an older claim is refused.

use crate::backend::{Arg, Dialect, Row, Statement, args};
use crate::effects::{Claimed, EffectKey, key};
use crate::error::StoreError;
use crate::handle::Store;
use crate::rows::Shape;
use crate::unit::{Session, Unit};
use std::collections::HashSet;

/// What is not to be claimed, as a condition on company and module; the placeholder stands for a list in JSON.
macro_rules! except_sqlite {
    ($list:literal) => {
        concat!(
            " AND (module IS NULL OR company || char(10) || module NOT IN (SELECT value FROM json_each(",
            $list,
            ")))"
        )
    };
}
macro_rules! except_postgres {
    ($list:literal) => {
        concat!(
            " AND (module IS NULL OR company || chr(10) || module <> ALL (ARRAY(SELECT jsonb_array_elements_text(",
            $list,
            "::jsonb))))"
        )
    };
}

macro_rules! claim_sqlite {
    ($except:expr) => {
        concat!(
            "UPDATE effect SET attempts = attempts + 1, lease_until = $3 + $4 \
             WHERE (company, instance, version, n) IN (SELECT company, instance, version, n FROM effect \
             WHERE status = 'ready' AND run_at <= $1 AND (lease_until IS NULL OR lease_until < $3)",
            $except,
            " ORDER BY run_at, instance, version, n LIMIT $2) \
             RETURNING company, instance, version, n, body, attempts, created_at, run_at"
        )
    };
}

/// The time by which leases go: a clock of a test, if there is one, else the server's.
macro_rules! lease_clock {
    ($own:literal) => {
        concat!("coalesce(", $own, ", (extract(epoch FROM statement_timestamp()) * 1000)::bigint)")
    };
}

// Materialized: a plan that ran the inner query once a row would claim more than the limit.
macro_rules! claim_postgres {
    ($except:expr) => {
        concat!(
            "WITH due AS MATERIALIZED (SELECT company, instance, version, n FROM effect \
             WHERE status = 'ready' AND run_at <= $1 AND (lease_until IS NULL OR lease_until < ",
            lease_clock!("$3"),
            ")",
            $except,
            " ORDER BY run_at, instance, version, n LIMIT $2 FOR UPDATE SKIP LOCKED) \
             UPDATE effect e SET attempts = e.attempts + 1, lease_until = $4 + ",
            lease_clock!("$3"),
            " FROM due d WHERE e.company = d.company AND e.instance = d.instance AND e.version = d.version AND e.n = d.n \
             RETURNING e.company, e.instance, e.version, e.n, e.body, e.attempts, e.created_at, e.run_at"
        )
    };
}

const CLAIM_SQLITE: &str = claim_sqlite!("");
const CLAIM_SQLITE_EXCEPT: &str = claim_sqlite!(except_sqlite!("$5"));
const CLAIM_POSTGRES: &str = claim_postgres!("");
const CLAIM_POSTGRES_EXCEPT: &str = claim_postgres!(except_postgres!("$5"));

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

macro_rules! next_sqlite {
    ($except:expr) => {
        concat!(
            "SELECT CASE WHEN lease_until IS NULL OR lease_until < run_at THEN run_at - $1 \
             ELSE lease_until + 1 - $2 END AS due FROM effect WHERE status = 'ready'",
            $except,
            " ORDER BY due LIMIT 1"
        )
    };
}

macro_rules! next_postgres {
    ($except:expr) => {
        concat!(
            "SELECT CASE WHEN lease_until IS NULL THEN run_at - $1 ELSE lease_until + 1 - ",
            lease_clock!("$2"),
            " END AS due FROM effect WHERE status = 'ready'",
            $except,
            " ORDER BY due LIMIT 1"
        )
    };
}

const NEXT_SQLITE: &str = next_sqlite!("");
const NEXT_SQLITE_EXCEPT: &str = next_sqlite!(except_sqlite!("$3"));
const NEXT_POSTGRES: &str = next_postgres!("");
const NEXT_POSTGRES_EXCEPT: &str = next_postgres!(except_postgres!("$3"));

/// Modules of companies whose tasks are left where they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Except(Vec<String>);

impl Except {
    /// The tasks of these: company and module.
    pub fn of<'a>(modules: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        // No name has a line feed, so that no two pairs are the same text.
        Self(modules.map(|(company, module)| format!("{company}\n{module}")).collect())
    }

    /// As a statement takes it; nothing if there is none.
    fn json(&self) -> Option<String> {
        (!self.0.is_empty()).then(|| serde_json::json!(self.0).to_string())
    }
}

impl Unit {
    /// Claims rows of effects.
    pub(crate) async fn claim_rows(
        &mut self,
        limit: u32,
        lease_ms: i64,
        except: &Except,
    ) -> Result<Vec<Row>, StoreError> {
        let (now, clock) = (self.now_ms(), self.lease_clock());
        let mut values = args![now, limit, clock, lease_ms];
        let sql = match (self.dialect(), except.json()) {
            (Dialect::Sqlite, None) => CLAIM_SQLITE,
            (Dialect::Postgres, None) => CLAIM_POSTGRES,
            (dialect, Some(list)) => {
                values.extend(args![list]);
                if dialect == Dialect::Sqlite { CLAIM_SQLITE_EXCEPT } else { CLAIM_POSTGRES_EXCEPT }
            }
        };
        self.query(sql, values).await
    }

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

    async fn change_rows(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        if self.ledger.is_dirty() {
            self.flush().await?;
        }
        self.ledger.begin_writing();
        self.run_query(statement).await
    }

    /// The time by which leases go, unless it is the server's.
    fn lease_clock(&self) -> Option<i64> {
        let is_the_servers = self.dialect() == Dialect::Postgres && self.clock.is_of_the_world();
        (!is_the_servers).then(|| self.now_ms())
    }
}

impl Session {
    /// When the next effect is due that nobody has, in milliseconds since 1970, by a clock that leases go by too.
    pub async fn next_effect_at(&mut self) -> Result<Option<i64>, StoreError> {
        self.next_effect(0, Some(0), &Except::default()).await
    }

    async fn next_effect(
        &mut self,
        now_ms: i64,
        clock: Option<i64>,
        except: &Except,
    ) -> Result<Option<i64>, StoreError> {
        let mut values = args![now_ms, Arg::Int(clock)];
        let sql = match (self.dialect(), except.json()) {
            (Dialect::Sqlite, None) => NEXT_SQLITE,
            (Dialect::Postgres, None) => NEXT_POSTGRES,
            (dialect, Some(list)) => {
                values.extend(args![list]);
                if dialect == Dialect::Sqlite { NEXT_SQLITE_EXCEPT } else { NEXT_POSTGRES_EXCEPT }
            }
        };
        self.query_one(sql, values).await?.map(|mut row| row.int()).transpose()
    }
}

impl Store {
    /// In how many milliseconds the next effect is due that nobody has; not above zero if there is one already.
    pub async fn next_effect_in(&self) -> Result<Option<i64>, StoreError> {
        self.next_effect_in_except(&Except::default()).await
    }

    /// The same without the tasks of some modules.
    pub async fn next_effect_in_except(&self, except: &Except) -> Result<Option<i64>, StoreError> {
        let (mut reader, now) = (self.read().await?, self.now_ms());
        let by_server = reader.dialect() == Dialect::Postgres && self.clock().is_of_the_world();
        reader.next_effect(now, (!by_server).then_some(now), except).await
    }
}
