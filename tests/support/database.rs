//! A database of its own for each test: a SQLite file, or a schema on the PostgreSQL server.

use anyhow::{Context, Result};
use sqlx::{Connection, Executor};
use std::path::PathBuf;

/// A database that nobody else uses. It goes away with the value.
pub(crate) struct Database {
    pub(crate) url: String,
    kind: Kind,
}

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
