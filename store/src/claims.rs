//! Which effects are claimed, and when the next one is due.
//!
//! The tasks of some modules may have to wait, and there may be very many of them. So they are not passed over one by one:
//! then the queue of each module is read by itself, in its own order, and the queues that wait are not touched. What that
//! costs grows with the number of modules that have tasks, and not with how many tasks wait.

use crate::backend::{Arg, Dialect, Row, Statement, args};
use crate::error::StoreError;
use crate::handle::Store;
use crate::leases::lease_clock;
use crate::unit::{Session, Unit};
use std::borrow::Cow;

/// So far the clocks of nodes may be apart, in milliseconds, for one to see what another has in hand.
const CLOCKS_APART_MS: i64 = 10_000;

/// The queues that do not wait, as `queue(company, module)`; the placeholder stands for a list in JSON. The next one is
/// found by leaping over the tasks of the one before: a `SELECT DISTINCT` would read every task.
macro_rules! queues_sqlite {
    ($list:literal) => {
        concat!(
            "WITH RECURSIVE first_of(id) AS (\
             VALUES ((SELECT rowid FROM effect WHERE status = 'ready' AND module IS NOT NULL ORDER BY company, module LIMIT 1)) \
             UNION ALL SELECT coalesce(\
             (SELECT o.rowid FROM effect o WHERE o.status = 'ready' AND o.module IS NOT NULL \
             AND o.company = p.company AND o.module > p.module ORDER BY o.module LIMIT 1), \
             (SELECT o.rowid FROM effect o WHERE o.status = 'ready' AND o.module IS NOT NULL \
             AND o.company > p.company ORDER BY o.company, o.module LIMIT 1)) \
             FROM first_of CROSS JOIN effect p ON p.rowid = first_of.id), \
             queue(company, module) AS (SELECT p.company, p.module FROM first_of CROSS JOIN effect p ON p.rowid = first_of.id \
             WHERE p.company || char(10) || p.module NOT IN (SELECT value FROM json_each(",
            $list,
            ")))"
        )
    };
}
macro_rules! queues_postgres {
    ($list:literal) => {
        concat!(
            "WITH RECURSIVE first_of(company, module) AS (\
             (SELECT company, module FROM effect WHERE status = 'ready' AND module IS NOT NULL ORDER BY company, module LIMIT 1) \
             UNION ALL SELECT o.company, o.module FROM first_of p CROSS JOIN LATERAL \
             (SELECT company, module FROM effect WHERE status = 'ready' AND module IS NOT NULL \
             AND (company, module) > (p.company, p.module) ORDER BY company, module LIMIT 1) o), \
             queue AS (SELECT company, module FROM first_of \
             WHERE company || chr(10) || module <> ALL (ARRAY(SELECT jsonb_array_elements_text(",
            $list,
            "::jsonb))))"
        )
    };
}

const CLAIM_SQLITE: &str = "UPDATE effect SET attempts = attempts + 1, lease_until = $3 + $4 \
    WHERE (company, instance, version, n) IN (SELECT company, instance, version, n FROM effect \
    WHERE status = 'ready' AND run_at <= $1 AND (lease_until IS NULL OR lease_until < $3) \
    ORDER BY run_at, instance, version, n LIMIT $2) \
    RETURNING company, instance, version, n, body, attempts, created_at, run_at";

const CLAIM_SQLITE_EXCEPT: &str = concat!(
    queues_sqlite!("$5"),
    ", due(id, run_at, instance, version, n) AS (SELECT * FROM (SELECT rowid, run_at, instance, version, n FROM effect \
     WHERE status = 'ready' AND module IS NULL AND run_at <= $1 AND (lease_until IS NULL OR lease_until < $3) \
     ORDER BY run_at, instance, version, n LIMIT $2) \
     UNION ALL SELECT e.rowid, e.run_at, e.instance, e.version, e.n FROM queue q CROSS JOIN effect e ON e.rowid IN \
     (SELECT w.rowid FROM effect w WHERE w.status = 'ready' AND w.module IS NOT NULL AND w.company = q.company \
     AND w.module = q.module AND w.run_at <= $1 AND (w.lease_until IS NULL OR w.lease_until < $3) \
     ORDER BY w.run_at, w.instance, w.version, w.n LIMIT $2)) \
     UPDATE effect SET attempts = attempts + 1, lease_until = $3 + $4 \
     WHERE rowid IN (SELECT id FROM due ORDER BY run_at, instance, version, n LIMIT $2) \
     RETURNING company, instance, version, n, body, attempts, created_at, run_at"
);

/// The end of a claim of what is `due`.
macro_rules! claim_due_postgres {
    () => {
        concat!(
            " UPDATE effect e SET attempts = e.attempts + 1, lease_until = $4 + ",
            lease_clock!("$3"),
            " FROM due d WHERE e.company = d.company AND e.instance = d.instance AND e.version = d.version AND e.n = d.n \
             RETURNING e.company, e.instance, e.version, e.n, e.body, e.attempts, e.created_at, e.run_at"
        )
    };
}

/// What nobody has, of some of the effects.
macro_rules! due_postgres {
    ($which:literal, $at:literal) => {
        concat!(
            "SELECT company, instance, version, n, run_at FROM effect WHERE status = 'ready' AND ",
            $which,
            $at,
            " <= $1 AND (lease_until IS NULL OR lease_until < ",
            lease_clock!("$3"),
            ") ORDER BY ",
            $at,
            ", instance, version, n LIMIT $2 FOR UPDATE SKIP LOCKED"
        )
    };
}

// Materialized: a plan that ran the inner query once a row would claim more than the limit.
const CLAIM_POSTGRES: &str =
    concat!("WITH due AS MATERIALIZED (", due_postgres!("", "run_at"), ")", claim_due_postgres!());

// `run_at + 0` is what the index of queues has: PostgreSQL would else take the index of all effects where most are of one module.
// What is locked and not claimed is free again with the commit, which follows at once.
const CLAIM_POSTGRES_EXCEPT: &str = concat!(
    queues_postgres!("$5"),
    ", due AS MATERIALIZED (SELECT * FROM (SELECT * FROM (",
    due_postgres!("module IS NULL AND ", "run_at"),
    ") alone UNION ALL SELECT own.* FROM queue q CROSS JOIN LATERAL (",
    due_postgres!("module IS NOT NULL AND company = q.company AND module = q.module AND ", "(run_at + 0)"),
    ") own) every ORDER BY run_at, instance, version, n LIMIT $2)",
    claim_due_postgres!()
);

/// The first that nobody has.
const NEXT_FREE: &str =
    "SELECT run_at - $1 FROM effect WHERE status = 'ready' AND lease_until IS NULL ORDER BY run_at LIMIT 1";

macro_rules! next_free_except {
    ($queues:expr, $at:literal) => {
        concat!(
            $queues,
            " SELECT min(run_at) - $1 FROM (SELECT (SELECT run_at FROM effect WHERE status = 'ready' AND module IS NULL \
             AND lease_until IS NULL ORDER BY run_at LIMIT 1) AS run_at \
             UNION ALL SELECT (SELECT w.run_at FROM effect w WHERE w.status = 'ready' AND w.module IS NOT NULL \
             AND w.company = q.company AND w.module = q.module AND w.lease_until IS NULL ORDER BY ",
            $at,
            " LIMIT 1) FROM queue q) heads"
        )
    };
}

const NEXT_FREE_SQLITE_EXCEPT: &str = next_free_except!(queues_sqlite!("$2"), "w.run_at");
const NEXT_FREE_POSTGRES_EXCEPT: &str = next_free_except!(queues_postgres!("$2"), "(w.run_at + 0)");

/// When a lease ends and the effect is due.
macro_rules! comes_back {
    ($clock:expr) => {
        concat!(
            "min(CASE WHEN lease_until + 1 - ",
            $clock,
            " > run_at - $1 THEN lease_until + 1 - ",
            $clock,
            " ELSE run_at - $1 END)"
        )
    };
}

/// The first that somebody has.
macro_rules! next_held {
    ($clock:expr, $at:literal) => {
        concat!(
            "SELECT ",
            comes_back!($clock),
            " FROM effect WHERE status = 'ready' AND ",
            $at,
            " <= $3 AND lease_until IS NOT NULL"
        )
    };
}

macro_rules! next_held_except {
    ($queues:expr, $clock:expr, $at:literal) => {
        concat!(
            $queues,
            " SELECT min(due) FROM (SELECT (",
            next_held!($clock, "run_at"),
            " AND module IS NULL) AS due UNION ALL SELECT (",
            next_held!($clock, $at),
            " AND module IS NOT NULL AND company = q.company AND module = q.module) FROM queue q) heads"
        )
    };
}

const NEXT_HELD_SQLITE: &str = next_held!("$2", "run_at");
const NEXT_HELD_POSTGRES: &str = next_held!(lease_clock!("$2"), "run_at");
const NEXT_HELD_SQLITE_EXCEPT: &str = next_held_except!(queues_sqlite!("$4"), "$2", "run_at");
const NEXT_HELD_POSTGRES_EXCEPT: &str = next_held_except!(queues_postgres!("$4"), lease_clock!("$2"), "(run_at + 0)");

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

/// One statement in both databases, without and with modules that are left where they are.
struct Twins {
    sqlite: [&'static str; 2],
    postgres: [&'static str; 2],
}

impl Twins {
    /// The statement for this database. The list comes last.
    fn with(&self, dialect: Dialect, mut values: Vec<Arg>, except: &Except) -> Statement {
        let list = except.json();
        let forms = if dialect == Dialect::Sqlite { self.sqlite } else { self.postgres };
        let sql = forms[usize::from(list.is_some())];
        values.extend(list.map(Arg::from));
        Statement { sql: Cow::Borrowed(sql), args: values }
    }
}

const CLAIM: Twins =
    Twins { sqlite: [CLAIM_SQLITE, CLAIM_SQLITE_EXCEPT], postgres: [CLAIM_POSTGRES, CLAIM_POSTGRES_EXCEPT] };
const FREE: Twins =
    Twins { sqlite: [NEXT_FREE, NEXT_FREE_SQLITE_EXCEPT], postgres: [NEXT_FREE, NEXT_FREE_POSTGRES_EXCEPT] };
const HELD: Twins = Twins {
    sqlite: [NEXT_HELD_SQLITE, NEXT_HELD_SQLITE_EXCEPT],
    postgres: [NEXT_HELD_POSTGRES, NEXT_HELD_POSTGRES_EXCEPT],
};

impl Unit {
    /// Claims rows of effects.
    pub(crate) async fn claim_rows(
        &mut self,
        limit: u32,
        lease_ms: i64,
        except: &Except,
    ) -> Result<Vec<Row>, StoreError> {
        let values = args![self.now_ms(), limit, self.lease_clock(), lease_ms];
        let statement = CLAIM.with(self.dialect(), values, except);
        self.change_rows(statement).await
    }
}

impl Session {
    /// When the next effect is due that nobody has, in milliseconds since 1970, by a clock that leases go by too.
    pub async fn next_effect_at(&mut self) -> Result<Option<i64>, StoreError> {
        self.next_effect([0, i64::MAX], Some(0), &Except::default()).await
    }

    /// How long it is until then, from now on. What is in hand is looked at only if nothing is due that is free: then few
    /// effects are due, and it does not matter how many wait.
    async fn next_effect(
        &mut self,
        [now_ms, held_until_ms]: [i64; 2],
        clock: Option<i64>,
        except: &Except,
    ) -> Result<Option<i64>, StoreError> {
        let free = self.number(FREE.with(self.dialect(), args![now_ms], except)).await?;
        if free.is_some_and(|due| due <= 0) {
            return Ok(free);
        }
        let values = args![now_ms, Arg::Int(clock), held_until_ms];
        let held = self.number(HELD.with(self.dialect(), values, except)).await?;
        Ok(free.into_iter().chain(held).min())
    }

    async fn number(&mut self, statement: Statement) -> Result<Option<i64>, StoreError> {
        let row = self.run_query(statement).await?.into_iter().next();
        row.map(|mut row| row.maybe_int()).transpose().map(Option::flatten)
    }

    /// How effects are claimed and the next is looked for, in the words of the database: for tests of its plans.
    pub async fn explain_claim(&mut self, except: &Except) -> Result<Vec<String>, StoreError> {
        let (dialect, now) = (self.dialect(), 0_i64);
        let words = if dialect == Dialect::Sqlite { "EXPLAIN QUERY PLAN" } else { "EXPLAIN" };
        let claim = CLAIM.with(dialect, args![now, 1_u32, Arg::Int(Some(now)), now], except);
        let free = FREE.with(dialect, args![now], except);
        let held = HELD.with(dialect, args![now, Arg::Int(Some(now)), now], except);
        let mut lines = Vec::new();
        for Statement { sql, args } in [claim, free, held] {
            let rows = self.run_query(Statement { sql: Cow::Owned(format!("{words} {sql}")), args }).await?;
            lines.extend(rows.into_iter().map(|row| row.into_texts().join(" ")));
        }
        Ok(lines)
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
        let clock = (!by_server).then_some(now);
        reader.next_effect([now, now.saturating_add(CLOCKS_APART_MS)], clock, except).await
    }
}
