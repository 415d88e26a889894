//! Rows that are written together: so many rows a statement, the same text for both databases but for the placeholders.

use crate::backend::{Arg, Dialect, Statement, args};
use crate::error::StoreError;
use crate::instances::{Loaded, text};
use std::borrow::Cow;
use std::fmt::Write;
use std::sync::Arc;
use workflow::{DefinitionRef, next_due};

/// The most rows of a statement. Fewer are a power of two, so that there are few texts and each stays prepared.
const MOST_ROWS: usize = 64;

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

/// A statement over rows of so many columns, which stand between its head and its tail.
pub(crate) struct Shape {
    pub(crate) head: &'static str,
    pub(crate) columns: usize,
    pub(crate) tail: &'static str,
}

const TRANSITIONS: Shape = Shape {
    head: "INSERT INTO transition (company, instance, version, at, event, entries, effects, hash) VALUES ",
    columns: 8,
    tail: "",
};

const EFFECTS: Shape = Shape {
    head: "INSERT INTO effect (company, instance, version, n, body, status, run_at, attempts, created_at) VALUES ",
    columns: 9,
    tail: "",
};

const NEW_INSTANCES: Shape = Shape {
    head: "INSERT INTO instance (company, id, definition, definition_version, version, status, subject_kind, subject_id, \
           next_due, hash, body) VALUES ",
    columns: 11,
    tail: "",
};

// The columns of VALUES are named column1, column2, ... by both databases.
const INSTANCES: Shape = Shape {
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
        let Self { company, instance, version, n, body, run_at, created_at } = self;
        args![company, instance, version, n, body, "ready", run_at, 0_i64, created_at]
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
    /// As few statements as there are powers of two in the number of rows.
    pub(crate) fn statements(
        &self,
        dialect: Dialect,
        mut rows: impl ExactSizeIterator<Item = Vec<Arg>>,
    ) -> Vec<Fenced> {
        let mut statements = Vec::new();
        while rows.len() > 0 {
            let count = MOST_ROWS.min(1 << rows.len().ilog2());
            let sql = Cow::Owned(self.text(dialect, count));
            let args = rows.by_ref().take(count).flatten().collect();
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
