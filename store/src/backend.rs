//! The seam between SQL and the two drivers: arguments, rows, connections.

use crate::error::StoreError;
use crate::ledger::Bells;
use futures::future::BoxFuture;
use std::borrow::Cow;

/// Which SQL a connection speaks, for the few texts that differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// An argument of a statement. The type of a NULL matters to PostgreSQL.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Text(Option<String>),
    Bytes(Vec<u8>),
}

impl Arg {
    /// NULL of the same type.
    pub(crate) fn nothing(&self) -> Self {
        match self {
            Self::Int(_) => Self::Int(None),
            Self::Text(_) => Self::Text(None),
            Self::Bytes(_) => Self::Bytes(Vec::new()),
        }
    }
}

/// A column of a row.
#[derive(Debug, Clone)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

/// A row, read from the left.
#[derive(Debug, Clone)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    pub(crate) fn int(&mut self) -> Result<i64, StoreError> {
        self.maybe_int()?.ok_or_else(|| wrong("a number", &Cell::Null))
    }

    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>, StoreError> {
        match self.0.next() {
            Some(Cell::Int(value)) => Ok(Some(value)),
            Some(Cell::Null) => Ok(None),
            other => Err(wrong("a number", &other.unwrap_or(Cell::Null))),
        }
    }

    pub(crate) fn text(&mut self) -> Result<String, StoreError> {
        self.maybe_text()?.ok_or_else(|| wrong("a text", &Cell::Null))
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<String>, StoreError> {
        match self.0.next() {
            Some(Cell::Text(value)) => Ok(Some(value)),
            Some(Cell::Null) => Ok(None),
            other => Err(wrong("a text", &other.unwrap_or(Cell::Null))),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        match self.0.next() {
            Some(Cell::Bytes(value)) => Ok(value),
            other => Err(wrong("bytes", &other.unwrap_or(Cell::Null))),
        }
    }

    pub(crate) fn json<T: serde::de::DeserializeOwned>(&mut self, what: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text()?).map_err(|error| StoreError::corrupt(what, error))
    }

    /// Every column that is left, as text.
    pub(crate) fn into_texts(self) -> Vec<String> {
        let text = |cell| match cell {
            Cell::Null => String::new(),
            Cell::Int(value) => value.to_string(),
            Cell::Text(value) => value,
            Cell::Bytes(value) => format!("{} bytes", value.len()),
        };
        self.0.map(text).collect()
    }

    /// A version or count, which is never negative.
    pub(crate) fn count(&mut self) -> Result<u64, StoreError> {
        u64::try_from(self.int()?).map_err(|error| StoreError::corrupt("a count", error))
    }
}

fn wrong(wanted: &str, got: &Cell) -> StoreError {
    let kind = match got {
        Cell::Null => "NULL",
        Cell::Int(_) => "a number",
        Cell::Text(_) => "a text",
        Cell::Bytes(_) => "bytes",
    };
    StoreError::Corrupt(format!("a column holds {kind} where {wanted} is expected"))
}

/// A statement with its arguments.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) args: Vec<Arg>,
}

impl Statement {
    pub(crate) fn of(sql: &'static str) -> Self {
        Self { sql: Cow::Borrowed(sql), args: Vec::new() }
    }
}

/// The first of several statements that failed; those before it have run.
#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) at: usize,
    pub(crate) error: StoreError,
}

/// One connection to a database.
pub(crate) trait Connection: Send {
    fn dialect(&self) -> Dialect;
    /// Begins a transaction; on SQLite together with the statement that comes next.
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>>;
    /// Has other nodes hear of it once the next `COMMIT` has succeeded. On SQLite there are none.
    fn announce(&mut self, _: Bells) {}
    /// Whether a statement has run since [`Connection::begin`], so that there is something to end.
    fn has_begun(&self) -> bool;
    /// Runs a query.
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>>;
    /// Runs statements in order; the number of rows that each changed. On SQLite they cross to the driver's thread
    /// together, and where there are several, their arguments are `?`.
    fn run(&mut self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>>;
}

/// What a log is like after a checkpoint. Nothing where the database sees to that itself.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Checkpoint {
    /// The pages of the log, those that were moved before included.
    pub(crate) pages: u64,
    /// How many of them were moved. Fewer if somebody reads what is older.
    pub(crate) moved: u64,
}

/// A database: where connections come from.
pub(crate) trait Backend: Send + Sync {
    /// What its connections speak.
    fn dialect(&self) -> Dialect;
    /// The connection of the one writer. On SQLite nobody else writes.
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>>;
    /// A connection for reading; it goes back to its pool when it is dropped.
    fn reader(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>>;
    /// Where it is heard what other nodes have committed; nothing where there are none.
    fn listener(&self) -> BoxFuture<'_, Result<Option<Box<dyn Listener>>, StoreError>>;
    /// Brings the schema up to date; the number of migrations that ran.
    fn migrate(&self) -> BoxFuture<'_, Result<usize, StoreError>>;
    /// Moves what was committed from the log into the database file, away from the writer.
    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>>;
    /// Closes every connection.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Hears what other nodes have committed.
pub(crate) trait Listener: Send {
    /// The bells that another node has rung. An error means that some may have been missed, and that it is of no use any
    /// more.
    fn hear(&mut self) -> BoxFuture<'_, Result<Bells, StoreError>>;
}

impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<&String> for Arg {
    fn from(value: &String) -> Self {
        Self::Text(Some(value.clone()))
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<Option<String>> for Arg {
    fn from(value: Option<String>) -> Self {
        Self::Text(value)
    }
}
impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<u64> for Arg {
    fn from(value: u64) -> Self {
        Self::Int(i64::try_from(value).ok())
    }
}
impl From<u32> for Arg {
    fn from(value: u32) -> Self {
        Self::Int(Some(i64::from(value)))
    }
}
impl From<Vec<u8>> for Arg {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

/// Arguments of a statement, in the order of `$1`, `$2`, ...
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::backend::Arg::from($value)),*] };
}
pub(crate) use args;
