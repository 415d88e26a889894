//! PostgreSQL: many nodes; any of them may write anything, the version fence decides.

use crate::backend::{Arg, Backend, Broken, Cell, Connection, Dialect, Row, Statement};
use crate::error::StoreError;
use crate::relay::Relay;
use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::{AssertSqlSafe, ConnectOptions, Row as _, SqlStr, TypeInfo, ValueRef};
use std::str::FromStr;
use std::time::Duration;

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct PostgresBackend {
    options: PgConnectOptions,
    readers: PgPool,
    _relay: Option<Relay>,
}

impl PostgresBackend {
    pub(crate) async fn open(url: &str) -> Result<Self, StoreError> {
        // The driver's error would repeat the URL with its password.
        let mut options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Unavailable("the database URL is not a PostgreSQL URL".to_owned()))?;
        // Whoever runs several nodes on one server may name them in the URL.
        if options.get_application_name().is_none() {
            options = options.application_name("countersign");
        }
        // The pool would try again and again, and then only say that it took too long.
        connect(&options).await?;
        let relay = relay(&options);
        if let Some(relay) = &relay {
            options = options.socket(&relay.folder);
        }
        let readers = PgPoolOptions::new().max_connections(8).acquire_timeout(CONNECT_WITHIN);
        let readers = readers.connect_lazy_with(options.clone());
        Ok(Self { options, readers, _relay: relay })
    }
}

/// Nothing where the server is reached by a socket of the system anyway.
fn relay(options: &PgConnectOptions) -> Option<Relay> {
    if options.get_socket().is_some() || options.get_host().starts_with('/') {
        return None;
    }
    Relay::start(options.get_host(), options.get_port())
        .inspect_err(|error| tracing::warn!(%error, "statements of many rows will be slow"))
        .ok()
}

/// A connection of its own. What goes wrong names the server, never the password.
async fn connect(options: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let cannot = |why: String| {
        let (host, port) = (options.get_host(), options.get_port());
        StoreError::Unavailable(format!("no connection to PostgreSQL at {host}:{port}: {why}"))
    };
    match tokio::time::timeout(CONNECT_WITHIN, options.connect()).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(cannot(behind_relay(options).await.unwrap_or_else(|| error.to_string()))),
        Err(_) => Err(cannot(format!("no answer within {} s", CONNECT_WITHIN.as_secs()))),
    }
}

/// Why the server cannot be reached: behind a relay the driver only sees that its connection ends.
async fn behind_relay(options: &PgConnectOptions) -> Option<String> {
    options.get_socket()?;
    let tried = tokio::net::TcpStream::connect((options.get_host(), options.get_port())).await;
    tried.err().map(|error| error.to_string())
}

impl Backend for PostgresBackend {
    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>> {
        async move {
            let connection = connect(&self.options).await?;
            Ok(Box::new(Writer(connection)) as Box<dyn Connection>)
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

    fn migrate(&self) -> BoxFuture<'_, Result<usize, StoreError>> {
        async move {
            let mut connection = connect(&self.options).await?;
            let before = applied(&mut connection).await;
            migrator()
                .run_direct(None, &mut connection, false)
                .await
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            Ok(applied(&mut connection).await - before)
        }
        .boxed()
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        // PostgreSQL has a process of its own for this.
        async { Ok(()) }.boxed()
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        self.readers.close().boxed()
    }
}

async fn applied(connection: &mut PgConnection) -> usize {
    let count: Result<i64, _> = sqlx::query_scalar("SELECT count(*) FROM _sqlx_migrations").fetch_one(connection).await;
    count.ok().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

fn migrator() -> Migrator {
    let first = include_str!("../../migrations/postgres/0001_first.sql");
    let archive = include_str!("../../migrations/postgres/0002_archive.sql");
    Migrator {
        migrations: vec![migration(1, "first", first), migration(2, "archive", archive)].into(),
        ..Migrator::DEFAULT
    }
}

fn migration(version: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
}

struct Writer(PgConnection);
struct Reader(PoolConnection<Postgres>);

impl Connection for Writer {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        run(&mut self.0, vec![Statement::of("BEGIN")])
            .map(|begun| begun.map(|_| ()).map_err(|broken| broken.error))
            .boxed()
    }
    fn has_begun(&self) -> bool {
        true
    }
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        query(&mut self.0, statement).boxed()
    }
    fn run(&mut self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>> {
        run(&mut self.0, statements).boxed()
    }
}

impl Connection for Reader {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        async { Ok(()) }.boxed()
    }
    fn has_begun(&self) -> bool {
        false
    }
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        query(&mut self.0, statement).boxed()
    }
    fn run(&mut self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>> {
        run(&mut self.0, statements).boxed()
    }
}

async fn query(connection: &mut PgConnection, statement: Statement) -> Result<Vec<Row>, StoreError> {
    let Statement { sql, args } = statement;
    let rows = sqlx::query_with(AssertSqlSafe(sql), bind(args)?).fetch_all(connection).await.map_err(failed)?;
    rows.iter().map(read).collect()
}

async fn run(connection: &mut PgConnection, statements: Vec<Statement>) -> Result<Vec<u64>, Broken> {
    let mut changed = Vec::with_capacity(statements.len());
    for Statement { sql, args } in statements {
        let at = changed.len();
        let args = bind(args).map_err(|error| Broken { at, error })?;
        let done = sqlx::query_with(AssertSqlSafe(sql), args).execute(&mut *connection).await;
        changed.push(done.map_err(|error| Broken { at, error: failed(error) })?.rows_affected());
    }
    Ok(changed)
}

fn bind(args: Vec<Arg>) -> Result<PgArguments, StoreError> {
    use sqlx::Arguments as _;
    let mut bound = PgArguments::default();
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

fn read(row: &PgRow) -> Result<Row, StoreError> {
    let cells = (0..row.len()).map(|n| {
        let raw = row.try_get_raw(n).map_err(failed)?;
        if raw.is_null() {
            return Ok(Cell::Null);
        }
        match raw.type_info().name() {
            "INT8" => row.try_get(n).map(Cell::Int),
            "INT4" => row.try_get::<i32, _>(n).map(|value| Cell::Int(i64::from(value))),
            "BYTEA" => row.try_get(n).map(Cell::Bytes),
            _ => row.try_get(n).map(Cell::Text),
        }
        .map_err(failed)
    });
    Ok(Row::new(cells.collect::<Result<_, StoreError>>()?))
}

fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// A unique key that is taken, a deadlock and a serialization failure all mean: somebody else was faster.
fn failed(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|database| database.code().map(|code| code.into_owned()));
    match code.as_deref() {
        Some("23505" | "40001" | "40P01") => StoreError::Conflict,
        _ => unavailable(error),
    }
}
