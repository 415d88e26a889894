//! A database of its own for each test: a SQLite file, or a schema on the PostgreSQL server.

use anyhow::{Context, Result};
use sqlx::{Connection, Executor};
use std::path::PathBuf;

/// A database that nobody else uses. It goes away with the value.
pub(crate) struct Database {
    pub(crate) url: String,
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Sqlite(PathBuf),
    Postgres { server: String, schema: String },
}

impl Database {
    /// A SQLite file in a new folder.
    pub(crate) fn sqlite() -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("countersign-test-{}", unique()));
        std::fs::create_dir_all(&folder)?;
        let url = format!("sqlite://{}", folder.join("store.db").display());
        Ok(Self { url, kind: Kind::Sqlite(folder) })
    }

    /// A schema on the server that `COUNTERSIGN_TEST_POSTGRES` names.
    pub(crate) async fn postgres() -> Result<Self> {
        let server = std::env::var("COUNTERSIGN_TEST_POSTGRES").context(
            "this test needs PostgreSQL: run `cargo xtask test`, which finds or starts one, or set COUNTERSIGN_TEST_POSTGRES=postgres://USER@HOST/DATABASE",
        )?;
        let schema = format!("test_{}", unique().replace('-', "_"));
        let mut connection =
            sqlx::PgConnection::connect(&server).await.context("the PostgreSQL server does not answer")?;
        connection.execute(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).await?;
        connection.close().await?;
        let joiner = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joiner}options=-c%20search_path%3D{schema}");
        Ok(Self { url, kind: Kind::Postgres { server, schema } })
    }

    /// The host and port of the PostgreSQL server.
    pub(crate) fn address(&self) -> Result<String> {
        let options: sqlx::postgres::PgConnectOptions = self.url.parse()?;
        Ok(format!("{}:{}", options.get_host(), options.get_port()))
    }

    /// The same database once more, for statements beside the service.
    pub(crate) fn alike(&self) -> Self {
        Self { url: self.url.clone(), kind: self.kind.clone() }
    }

    /// The same database, reached through a proxy.
    pub(crate) fn through(mut self, proxy: &std::net::SocketAddr) -> Result<Self> {
        let (scheme, rest) = self.url.split_once("://").context("a URL")?;
        let (authority, path) = rest.split_once('/').context("a URL with a database")?;
        let user = authority.rsplit_once('@').map_or("postgres", |(user, _)| user);
        // What is encrypted cannot be cut at a chosen place.
        self.url = format!("{scheme}://{user}@{proxy}/{path}&sslmode=disable");
        Ok(self)
    }

    /// Runs a statement behind the service's back.
    pub(crate) async fn sql(&self, statement: &str) -> Result<()> {
        let (failed, statement) = (statement.to_owned(), sqlx::AssertSqlSafe(statement.to_owned()));
        let ran = match self.kind {
            Kind::Sqlite(_) => {
                let mut connection = sqlx::SqliteConnection::connect(&self.url).await?;
                let ran = connection.execute(statement).await.map(drop);
                connection.close().await?;
                ran
            }
            Kind::Postgres { .. } => {
                let mut connection = sqlx::PgConnection::connect(&self.url).await?;
                let ran = connection.execute(statement).await.map(drop);
                connection.close().await?;
                ran
            }
        };
        ran.context(failed)
    }

    /// Removes everything.
    pub(crate) async fn remove(self) -> Result<()> {
        match self.kind {
            Kind::Sqlite(folder) => std::fs::remove_dir_all(folder).context("the test's folder cannot be removed"),
            Kind::Postgres { server, schema } => {
                let mut connection = sqlx::PgConnection::connect(&server).await?;
                connection.execute(sqlx::AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"))).await?;
                connection.close().await.map_err(Into::into)
            }
        }
    }
}

/// A name that no other test of any run has.
pub(crate) fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let since = std::process::id();
    let at = store::Clock::now_ms(&store::SystemClock);
    format!("{since}-{at}-{}", COUNT.fetch_add(1, Ordering::SeqCst))
}
