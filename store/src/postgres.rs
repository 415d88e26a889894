//! PostgreSQL: many nodes; any of them may write anything, the version fence decides.

mod connection;
mod listener;
mod pool;

use crate::backend::{Backend, Checkpoint, Connection, Dialect, Listener};
use crate::error::StoreError;
use crate::relay::Relay;
use crate::schema::MIGRATIONS;
use connection::{Line, Writer};
use futures::FutureExt;
use futures::future::BoxFuture;
use listener::Ear;
use pool::Pool;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, SqlStr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// How long a statement of the writer may take. A network that swallows everything says nothing, for a quarter of an hour
/// if one waits for the system to find out; until then every request would wait.
const WRITE_WITHIN: Duration = Duration::from_secs(5);
/// What the server is to do about a writer that falls silent in the middle of a transaction: it holds locks that other
/// nodes wait for, so its session ends before they lose patience. Who has waited for too long hears of it from the server
/// and keeps the connection. The system's probes find a dead peer when nothing is being sent, too.
const SILENT_WRITER: &str = "SET idle_in_transaction_session_timeout = '4s'; SET statement_timeout = '4500ms'; \
    SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

pub(crate) struct PostgresBackend {
    options: PgConnectOptions,
    readers: Arc<Pool>,
    post: Post,
    _relay: Option<Relay>,
}

/// How nodes tell each other what they have committed.
#[derive(Debug, Clone)]
pub(crate) struct Post {
    /// The same for all nodes that work on the same tables, and for no others.
    channel: String,
    /// What this node signs with, so that it does not wake itself.
    node: String,
}

impl PostgresBackend {
    pub(crate) async fn open(url: &str, read_within: Duration) -> Result<Self, StoreError> {
        // The driver's error would repeat the URL with its password.
        let mut options = PgConnectOptions::from_str(url)
            .map_err(|_| StoreError::Unavailable("the database URL is not a PostgreSQL URL".to_owned()))?;
        // Whoever runs several nodes on one server may name them in the URL.
        if options.get_application_name().is_none() {
            options = options.application_name("countersign");
        }
        // Before there is a relay: what goes wrong first is told in the words of the system.
        let post = Post::of(&mut connect(&options).await?).await?;
        let relay = relay(&options);
        if let Some(relay) = &relay {
            options = options.socket(&relay.folder);
        }
        let readers = Arc::new(Pool::new(options.clone(), read_within));
        Ok(Self { options, readers, post, _relay: relay })
    }
}

impl Post {
    /// The name of a channel has at most 63 bytes, and so has that of a schema.
    async fn of(connection: &mut PgConnection) -> Result<Self, StoreError> {
        let sql = "SELECT 'countersign_' || md5(coalesce(current_schema(), ''))";
        let channel = sqlx::query_scalar(sql).fetch_one(connection).await.map_err(unavailable)?;
        Ok(Self { channel, node: hex::encode(rand::random::<[u8; 8]>()) })
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
    let connecting = async {
        match options.connect().await {
            Ok(connection) => Ok(connection),
            Err(error) => Err(cannot(behind_relay(options).await.unwrap_or_else(|| error.to_string()))),
        }
    };
    let late = |_| cannot(format!("no answer within {} s", CONNECT_WITHIN.as_secs()));
    tokio::time::timeout(CONNECT_WITHIN, connecting).await.map_err(late)?
}

/// Why the server cannot be reached: behind a relay the driver only sees that its connection ends.
async fn behind_relay(options: &PgConnectOptions) -> Option<String> {
    options.get_socket()?;
    let tried = tokio::net::TcpStream::connect((options.get_host(), options.get_port())).await;
    tried.err().map(|error| error.to_string())
}

impl Backend for PostgresBackend {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn writer(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>> {
        async move {
            let mut line = Line::new(connect(&self.options).await?, WRITE_WITHIN);
            line.set(SILENT_WRITER).await?;
            Ok(Box::new(Writer::new(line, self.post.clone())) as Box<dyn Connection>)
        }
        .boxed()
    }

    fn reader(&self) -> BoxFuture<'_, Result<Box<dyn Connection>, StoreError>> {
        async move { Ok(Box::new(self.readers.clone().reader().await?) as Box<dyn Connection>) }.boxed()
    }

    fn listener(&self) -> BoxFuture<'_, Result<Option<Box<dyn Listener>>, StoreError>> {
        async move {
            let ear = Ear::on(self.options.clone(), self.post.clone()).await?;
            Ok(Some(Box::new(ear) as Box<dyn Listener>))
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

    fn checkpoint(&self) -> BoxFuture<'_, Result<Checkpoint, StoreError>> {
        // PostgreSQL has a process of its own for this.
        async { Ok(Checkpoint::default()) }.boxed()
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
    let numbered = (1..).zip(&MIGRATIONS).map(|(number, migration)| {
        let sql = SqlStr::from_static(migration.postgres);
        Migration::new(number, migration.name.into(), MigrationType::Simple, sql, false)
    });
    // A newer program may have been here before; `schema` says whether that is too new.
    Migrator { migrations: numbered.collect::<Vec<_>>().into(), ignore_missing: true, ..Migrator::DEFAULT }
}

fn unavailable(error: sqlx::Error) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
