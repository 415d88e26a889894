//! SQLite: one writer, readers beside it, checkpoints from a connection of their own.

use crate::backend::{Arg, Backend, Broken, Cell, Checkpoint, Connection, Dialect, Listener, Row, Statement};
use crate::error::StoreError;
use crate::schema::MIGRATIONS;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Either, Executor, Row as _, SqlStr, TypeInfo, ValueRef};
use std::borrow::Cow;
use std::path::Path;
use std::time::Duration;

/// Older releases lose data: a checkpoint could race with a reset of the write-ahead log.
const OLDEST: (u32, u32, u32) = (3, 51, 3);

pub(crate) struct SqliteBackend {
    options: SqliteConnectOptions,
    readers: SqlitePool,
    checkpoints: tokio::sync::Mutex<SqliteConnection>,
}

impl SqliteBackend {
    pub(crate) async fn open(path: &Path) -> Result<Self, StoreError> {
        // Each connection to either of these has a database of its own.
        if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
            return Err(StoreError::Unavailable("the database URL must name a file: sqlite://PATH".to_owned()));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .pragma("wal_autocheckpoint", "0")
            .statement_cache_capacity(200);
        let cannot_open =
            |error: sqlx::Error| StoreError::Unavailable(format!("{} cannot be opened: {error}", path.display()));
        let mut first = connect_first(&options).await.map_err(cannot_open)?;
        assert_version(&mut first).await?;
        // A file does not go away as a server does, so a connection need not be tried before each use.
        let readers = SqlitePoolOptions::new().test_before_acquire(false).max_connections(4).min_connections(1);
        let readers = readers.connect_with(options.clone().read_only(true)).await.map_err(unavailable)?;
        Ok(Self { options, readers, checkpoints: tokio::sync::Mutex::new(first) })
    }
}

/// The first connection turns the file to its write-ahead log. Another process may do so at the same moment, and for that
/// SQLite waits for nobody.
async fn connect_first(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let mut tries = 0;
    loop {
        match options.connect().await {
            Err(error) if is_busy(&error) && tries < FIRST_TRIES => tries += 1,
            connected => return connected,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == BUSY)
}

async fn assert_version(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let version: String =
        sqlx::query_scalar("SELECT sqlite_version()").fetch_one(connection).await.map_err(unavailable)?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < OLDEST {
        let (major, minor, patch) = OLDEST;
        return Err(StoreError::Unavailable(format!(
            "SQLite {version} is too old; {major}.{minor}.{patch} or newer is needed"
        )));
    }
    Ok(())
}

impl Backend for SqliteBackend {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>> {
        async move {
            let connection = self.options.connect().await.map_err(unavailable)?;
            Ok(Box::new(Writer { connection, begins: false }) as Box<dyn Connection>)
        }
        .boxed()
    }

    fn reader(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>> {
        async move {
            let connection = self.readers.acquire().await.map_err(unavailable)?;
            Ok(Box::new(Reader(connection)) as Box<dyn Connection>)
        }
        .boxed()
    }

    fn listener(&self) -> BoxFuture<'_, Result<Option<Box<dyn Listener>>, StoreError>> {
        // Nobody else writes.
        async { Ok(None) }.boxed()
    }

    fn migrate(&self) -> BoxFuture<'_, Result<usize, StoreError>> {
        async move {
            let mut connection = self.options.connect().await.map_err(unavailable)?;
            let before = applied(&mut connection).await;
            // Another process may do the same at the same moment: sqlx has no lock for that on SQLite. Whoever is slower fails at
            // a migration that is there by then, and goes on behind it, at most once for each.
            let mut run = migrator().run_direct(None, &mut connection, false).await;
            for _ in &MIGRATIONS {
                if run.is_ok() {
                    break;
                }
                run = migrator().run_direct(None, &mut connection, false).await;
            }
            run.map_err(|error| StoreError::Unavailable(error.to_string()))?;
            Ok(applied(&mut connection).await - before)
        }
        .boxed()
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>> {
        async move {
            let mut connection = self.checkpoints.lock().await;
            let (_busy, pages, moved): (i64, i64, i64) = sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)")
                .fetch_one(&mut *connection)
                .await
                .map_err(unavailable)?;
            // -1 if it could not begin.
            Ok(Checkpoint { pages: u64::try_from(pages).unwrap_or(0), moved: u64::try_from(moved).unwrap_or(0) })
        }
        .boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.readers.close().boxed()
    }
}

async fn applied(connection: &mut SqliteConnection) -> usize {
    let count: Result<i64, _> = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(connection).await;
    count.ok().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

fn migrator() -> Migrator {
    let numbered = (1..).zip(&MIGRATIONS).map(|(number, migration)| {
        let sql = SqlStr::from_static(migration.sqlite);
        Migration::new(number, migration.name.into(), MigrationType::Simple, sql, false)
    });
    // A newer program may have been here before; `schema` says whether that is too new.
    Migrator { migrations: numbered.collect::<Vec<_>>().into(), ignore_missing: true, ..Migrator::DEFAULT }
}

/// The first statement of a transaction brings its `BEGIN` along: each crossing to the driver's thread and back costs
/// a lone unit two wake-ups.
struct Writer {
    connection: SqliteConnection,
    begins: bool,
}

/// How often the first connection is tried.
const FIRST_TRIES: u32 = 100;
/// SQLITE_BUSY, which does not occur within a transaction that has the lock for writing.
const BUSY: &str = "5";
/// What [`Writer::begins`] puts before a statement. The lock is taken at once: a transaction that began with reading
/// would fail if somebody else wrote before it does.
const BEGIN: &str = "BEGIN IMMEDIATE;";

struct Reader(PoolConnection<Sqlite>);

impl Connection for Writer {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.begins = true;
        async { Ok(()) }.boxed()
    }
    fn has_begun(&self) -> bool {
        !self.begins
    }
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        async move {
            let begins = std::mem::take(&mut self.begins);
            let answered = query(&mut self.connection, begins, statement).await;
            self.begins = begins && matches!(answered, Err(Refused::Busy(_)));
            answered.map_err(StoreError::from)
        }
        .boxed()
    }
    fn run(&mut self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>> {
        async move {
            let begins = std::mem::take(&mut self.begins);
            let done = run(&mut self.connection, begins, statements).await;
            self.begins = begins && matches!(done, Err((_, Refused::Busy(_))));
            done.map_err(|(at, refused)| Broken { at, error: refused.into() })
        }
        .boxed()
    }
}

impl Connection for Reader {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }
    fn has_begun(&self) -> bool {
        false
    }
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        async move { query(&mut self.0, false, statement).await.map_err(StoreError::from) }.boxed()
    }
    fn run(&mut self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>> {
        async move {
            let done = run(&mut self.0, false, statements).await;
            done.map_err(|(at, refused)| Broken { at, error: refused.into() })
        }
        .boxed()
    }
}

/// What SQLite did not do.
enum Refused {
    /// Another process holds the lock for writing, so that nothing has begun.
    Busy(StoreError),
    Other(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Other(error)
    }
}

impl From<sqlx::Error> for Refused {
    fn from(error: sqlx::Error) -> Self {
        if is_busy(&error) { Self::Busy(failed(error)) } else { Self::Other(failed(error)) }
    }
}

impl From<Refused> for StoreError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Busy(error) | Refused::Other(error) => error,
        }
    }
}

async fn query(connection: &mut SqliteConnection, begins: bool, statement: Statement) -> Result<Vec<Row>, Refused> {
    let (sql, args) = joined(begins, vec![statement]);
    let rows = sqlx::query_with(AssertSqlSafe(sql), bind(args)?).fetch_all(connection).await?;
    Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
}

/// The numbers of rows; or at which statement it ended, and why.
async fn run(
    connection: &mut SqliteConnection,
    begins: bool,
    statements: Vec<Statement>,
) -> Result<Vec<u64>, (usize, Refused)> {
    let (sql, args) = joined(begins, statements);
    let args = bind(args).map_err(|error| (0, error.into()))?;
    let mut results = connection.fetch_many(sqlx::query_with(AssertSqlSafe(sql), args));
    let (mut changed, skipped) = (Vec::new(), usize::from(begins));
    loop {
        match results.try_next().await {
            Ok(Some(Either::Left(done))) => changed.push(done.rows_affected()),
            Ok(Some(Either::Right(_))) => {}
            Ok(None) => return Ok(changed.split_off(skipped.min(changed.len()))),
            Err(error) => return Err((changed.len().saturating_sub(skipped), error.into())),
        }
    }
}

/// Several statements as one text. The driver numbers `?` on from statement to statement.
fn joined(begins: bool, statements: Vec<Statement>) -> (Cow<'static, str>, Vec<Arg>) {
    let mut statements = statements.into_iter();
    let Some(first) = statements.next() else { return (Cow::Borrowed(""), Vec::new()) };
    let (mut sql, mut args) = (first.sql, first.args);
    if begins {
        sql = Cow::Owned(format!("{BEGIN} {sql}"));
    }
    for next in statements {
        sql = Cow::Owned(format!("{sql}; {}", next.sql));
        args.extend(next.args);
    }
    (sql, args)
}

fn bind(args: Vec<Arg>) -> Result<SqliteArguments, StoreError> {
    use sqlx::Arguments as _;
    let mut bound = SqliteArguments::default();
    for arg in args {
        match arg {
            Arg::Int(value) => bound.add(value),
            Arg::Text(value) => bound.add(value),
            Arg::Bytes(value) => bound.add(value),
        }
        .map_err(|error| StoreError::corrupt("an argument", error))?;
    }
    Ok(bound)
}

fn read(row: &SqliteRow) -> Result<Row, StoreError> {
    let cells = (0..row.len()).map(|n| {
        let raw = row.try_get_raw(n).map_err(failed)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        match raw.type_info().name() {
            "TEXT" => row.try_get(n).map(Cell::Text),
            "BLOB" => row.try_get(n).map(Cell::Bytes),
            _ => row.try_get(n).map(Cell::Int),
        }
        .map_err(failed)
    });
    Ok(Row::new(cells.collect::<Result<_, StoreError>>()?))
}

fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

fn failed(error: sqlx::Error) -> StoreError {
    match error.as_database_error() {
        Some(database) if database.is_unique_violation() => StoreError::Conflict,
        _ => unavailable(error),
    }
}
