//! Rows that are written together: so many rows a statement, the same text for both databases but for the placeholders.

use crate::backend::{Arg, Dialect, Statement, args};
use crate::error::StoreError;
use crate::instances::{Loaded, text};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;
use workflow::{DefinitionRef, next_due};

/// How many rows a statement may have. There are few sizes, so that there are few texts and each stays prepared; what is
/// missing to the next size is filled up with rows of nothing.
const SIZES: [usize; 5] = [1, 4, 16, 64, 256];

/// A transition to be inserted.
#[derive(Debug)]
pub(crate) struct TransitionRow {
    pub(crate) company: String,
    pub(crate) instance: String,
    pub(crate) version: u64,
    pub(crate) at: i64,
    pub(crate) event: String,
    pub(crate) entries: String,
    pub(crate) effects: u64,
    pub(crate) hash: String,
}

/// An effect to be inserted.
#[derive(Debug)]
pub(crate) struct EffectRow {
    pub(crate) company: String,
    pub(crate) instance: String,
    pub(crate) version: u64,
    pub(crate) n: u64,
    pub(crate) body: String,
    pub(crate) run_at: i64,
    pub(crate) created_at: i64,
    /// Whose code does it, if it is a task.
    pub(crate) module: Option<String>,
}

/// An instance to be inserted, or to be written over the version that is stored.
pub(crate) struct InstanceRow {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) stored: Option<u64>,
}

/// Rows that are written together.
#[derive(Default)]
pub(crate) struct Rows {
    pub(crate) transitions: Vec<TransitionRow>,
    pub(crate) effects: Vec<EffectRow>,
    pub(crate) instances: Vec<InstanceRow>,
}

/// A statement over rows of so many columns, which stand between its head and its tail. It passes over rows whose first
/// column is nothing.
pub(crate) struct Shape {
    pub(crate) head: &'static str,
    pub(crate) columns: usize,
    pub(crate) tail: &'static str,
}

// The columns of VALUES are named column1, column2, ... by both databases.
const ROWS: &str = ") AS v WHERE v.column1 IS NOT NULL";

pub(crate) const TRANSITIONS: Shape = Shape {
    head: "INSERT INTO transition (company, instance, version, at, event, entries, effects, hash) SELECT * FROM (VALUES ",
    columns: 8,
    tail: ROWS,
};

pub(crate) const EFFECTS: Shape = Shape {
    head: "INSERT INTO effect (company, instance, version, n, body, status, run_at, attempts, created_at, module) SELECT * FROM (VALUES ",
    columns: 10,
    tail: ROWS,
};

pub(crate) const NEW_INSTANCES: Shape = Shape {
    head: "INSERT INTO instance (company, id, definition, definition_version, version, status, subject_kind, subject_id, \
           next_due, hash, body) SELECT * FROM (VALUES ",
    columns: 11,
    tail: ROWS,
};

pub(crate) const INSTANCES: Shape = Shape {
    head: "UPDATE instance SET version = v.column4, status = v.column5, next_due = v.column6, hash = v.column7, \
           body = v.column8 FROM (VALUES ",
    columns: 8,
    tail: ") AS v WHERE instance.company = v.column1 AND instance.id = v.column2 AND instance.version = v.column3",
};

/// A statement, and how many rows it must change; fewer mean that somebody else was faster.
#[derive(Debug)]
pub(crate) struct Fenced {
    pub(crate) statement: Statement,
    pub(crate) rows: u64,
}

impl Rows {
    /// The statements that write them: the history first, then what it led to. Each kind is in the order of its key,
    /// so that two nodes never wait for each other.
    pub(crate) fn statements(mut self, dialect: Dialect) -> Result<Vec<Fenced>, StoreError> {
        self.transitions.sort_by(|one, other| one.place().cmp(&other.place()));
        let (updated, inserted): (Vec<_>, Vec<_>) = self.instances.into_iter().partition(|row| row.stored.is_some());
        let inserted = inserted.iter().map(InstanceRow::inserted).collect::<Result<Vec<_>, _>>()?;
        let updated = updated.iter().map(InstanceRow::updated).collect::<Result<Vec<_>, _>>()?;
        let transitions = TRANSITIONS.statements(dialect, self.transitions.into_iter().map(TransitionRow::args));
        let effects = EFFECTS.statements(dialect, self.effects.into_iter().map(EffectRow::args));
        let inserted = NEW_INSTANCES.statements(dialect, inserted.into_iter());
        let updated = INSTANCES.statements(dialect, updated.into_iter());
        Ok([transitions, effects, inserted, updated].into_iter().flatten().collect())
    }

    /// Whether an instance among them has a deadline.
    pub(crate) fn have_deadline(&self) -> bool {
        self.instances.iter().any(|row| row.due().is_some())
    }
}

impl TransitionRow {
    fn place(&self) -> (&str, &str, u64) {
        (&self.company, &self.instance, self.version)
    }

    fn args(self) -> Vec<Arg> {
        let Self { company, instance, version, at, event, entries, effects, hash } = self;
        args![company, instance, version, at, event, entries, effects, hash]
    }
}

impl EffectRow {
    fn args(self) -> Vec<Arg> {
        let Self { company, instance, version, n, body, run_at, created_at, module } = self;
        args![company, instance, version, n, body, "ready", run_at, 0_i64, created_at, module]
    }
}

impl InstanceRow {
    fn due(&self) -> Option<i64> {
        next_due(&self.loaded.definition, &self.loaded.instance)
    }

    fn inserted(&self) -> Result<Vec<Arg>, StoreError> {
        let Loaded { instance, hash, subject, .. } = self.loaded.as_ref();
        let DefinitionRef { name, version } = &instance.definition;
        let (kind, id) = subject.clone().map(|subject| (subject.kind, subject.id)).unzip();
        let (company, status) = (&instance.company, instance.status_name());
        let (due, body) = (self.due(), text(instance)?);
        Ok(args![company, &instance.id, name, *version, instance.version, status, kind, id, due, hash, body])
    }

    fn updated(&self) -> Result<Vec<Arg>, StoreError> {
        let Loaded { instance, hash, .. } = self.loaded.as_ref();
        let (company, status) = (&instance.company, instance.status_name());
        let (due, body) = (self.due(), text(instance)?);
        Ok(args![
            company,
            &instance.id,
            Arg::Int(self.stored.and_then(|version| i64::try_from(version).ok())),
            instance.version,
            status,
            due,
            hash,
            body
        ])
    }
}

impl Shape {
    /// As few statements as there can be.
    pub(crate) fn statements(
        &self,
        dialect: Dialect,
        mut rows: impl ExactSizeIterator<Item = Vec<Arg>>,
    ) -> Vec<Fenced> {
        let mut statements = Vec::new();
        while rows.len() > 0 {
            let size = size_for(rows.len());
            let count = rows.len().min(size);
            let mut args = Vec::with_capacity(size * self.columns);
            args.extend(rows.by_ref().take(count).flatten());
            let nothing: Vec<Arg> = args.iter().take(self.columns).map(Arg::nothing).collect();
            args.extend(nothing.iter().cycle().take((size - count) * self.columns).cloned());
            let sql = Cow::Owned(self.text(dialect, size));
            statements.push(Fenced { statement: Statement { sql, args }, rows: count as u64 });
        }
        statements
    }

    fn text(&self, dialect: Dialect, rows: usize) -> String {
        let mut text = String::with_capacity(self.head.len() + self.tail.len() + rows * self.columns * 5);
        text.push_str(self.head);
        for place in 0..rows * self.columns {
            text.push_str(match (place, place % self.columns) {
                (0, _) => "(",
                (_, 0) => "), (",
                _ => ", ",
            });
            // Writing into a text cannot fail.
            let _ = match dialect {
                // Several statements share their arguments, and `?` goes on where the one before ended.
                Dialect::Sqlite => text.write_char('?'),
                Dialect::Postgres => write!(text, "${}", place + 1),
            };
        }
        text.push(')');
        text.push_str(self.tail);
        text
    }
}

/// The smallest size that has room for so many rows, or the largest there is.
fn size_for(rows: usize) -> usize {
    let [.., largest] = SIZES;
    SIZES.into_iter().find(|size| *size >= rows).unwrap_or(largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAIRS: Shape = Shape { head: "INSERT INTO t SELECT * FROM (VALUES ", columns: 2, tail: ") AS v" };

    fn statements(count: i64) -> Vec<Fenced> {
        PAIRS.statements(Dialect::Postgres, (0..count).map(|n| args![n, "x"]).collect::<Vec<_>>().into_iter())
    }

    #[test]
    fn what_is_missing_to_a_size_is_filled_up_with_nothing() {
        let statements = statements(3);
        let [Fenced { statement, rows: 3 }] = statements.as_slice() else { panic!("{statements:?}") };
        assert_eq!(statement.sql, "INSERT INTO t SELECT * FROM (VALUES ($1, $2), ($3, $4), ($5, $6), ($7, $8)) AS v");
        let nothing = [Arg::Int(None), Arg::Text(None)];
        assert_eq!(statement.args[..6], [args![0_i64, "x"], args![1_i64, "x"], args![2_i64, "x"]].concat());
        assert_eq!(statement.args[6..], nothing);
    }

    #[test]
    fn very_many_rows_take_several_statements() {
        assert!(statements(0).is_empty());
        let sizes = |count| {
            statements(count).iter().map(|fenced| (fenced.rows, fenced.statement.args.len() / 2)).collect::<Vec<_>>()
        };
        assert_eq!(sizes(256), [(256, 256)]);
        assert_eq!(sizes(600), [(256, 256), (256, 256), (88, 256)]);
        assert_eq!(sizes(257), [(256, 256), (1, 1)]);
    }
}
