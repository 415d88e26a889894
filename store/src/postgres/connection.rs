//! Connections, which are given up when an answer takes too long.

use super::{Post, unavailable};
use crate::backend::{Arg, Broken, Cell, Connection, Dialect, Row, Statement};
use crate::error::StoreError;
use crate::ledger::Bells;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, TypeInfo, ValueRef};
use std::borrow::Cow;
use std::time::Duration;
use tokio::time::timeout;

/// A connection to the server.
pub(super) struct Line {
    connection: PgConnection,
    within: Duration,
    /// Whether every answer has come. If one has not, nobody knows what the next one would belong to.
    is_sound: bool,
}

impl Line {
    pub(super) fn new(connection: PgConnection, within: Duration) -> Self {
        Self { connection, within, is_sound: true }
    }

    pub(super) fn is_sound(&self) -> bool {
        self.is_sound
    }

    /// Runs statements without arguments that belong together, in one crossing.
    pub(super) async fn set(&mut self, statements: &str) -> Result<(), StoreError> {
        let within = self.ask()?;
        let text = AssertSqlSafe(statements.to_owned());
        let answer = timeout(within, sqlx::raw_sql(text).execute(&mut self.connection)).await;
        self.answered(answer.map(|done| done.map_err(failed)))?.map(|_| ())
    }

    /// The same, and how many of them have succeeded before one failed.
    async fn run_as_far_as_possible(&mut self, statements: &str) -> Result<(usize, Option<StoreError>), StoreError> {
        let within = self.ask()?;
        let (mut done, text) = (0, AssertSqlSafe(statements.to_owned()));
        let running = async {
            let mut results = sqlx::raw_sql(text).execute_many(&mut self.connection);
            while results.try_next().await.map_err(failed)?.is_some() {
                done += 1;
            }
            Ok(())
        };
        let answer = timeout(within, running).await;
        Ok((done, self.answered(answer)?.err()))
    }

    /// Whether the server is still there.
    pub(super) async fn answers(&mut self, within: Duration) -> bool {
        timeout(within, self.connection.ping()).await.is_ok_and(|answer| answer.is_ok())
    }

    pub(super) async fn query(&mut self, statement: Statement) -> Result<Vec<Row>, StoreError> {
        let within = self.ask()?;
        let answer = timeout(within, query(&mut self.connection, statement)).await;
        self.answered(answer)?
    }

    pub(super) async fn run(&mut self, statements: Vec<Statement>) -> Result<Vec<u64>, Broken> {
        let mut changed = Vec::with_capacity(statements.len());
        for statement in statements {
            let at = changed.len();
            changed.push(self.run_one(statement).await.map_err(|error| Broken { at, error })?);
        }
        Ok(changed)
    }

    async fn run_one(&mut self, statement: Statement) -> Result<u64, StoreError> {
        let within = self.ask()?;
        let answer = timeout(within, run(&mut self.connection, statement)).await;
        self.answered(answer)?
    }

    /// Unsound until the answer is there, also if whoever waits for it goes away.
    fn ask(&mut self) -> Result<Duration, StoreError> {
        if !std::mem::replace(&mut self.is_sound, false) {
            return Err(StoreError::Unavailable("the connection to PostgreSQL was given up".to_owned()));
        }
        Ok(self.within)
    }

    fn answered<T>(
        &mut self,
        answer: Result<Result<T, StoreError>, tokio::time::error::Elapsed>,
    ) -> Result<Result<T, StoreError>, StoreError> {
        let seconds = self.within.as_secs();
        let late = |_| StoreError::Unavailable(format!("PostgreSQL did not answer within {seconds} s"));
        let answer = answer.map_err(late)?;
        self.is_sound = true;
        Ok(answer)
    }

    /// Says goodbye, if the server listens.
    pub(super) async fn close(self, within: Duration) {
        // The server finds out by itself otherwise.
        let _ = timeout(within, self.connection.close()).await;
    }
}

/// The connection of the one writer of a node.
pub(super) struct Writer {
    line: Line,
    post: Post,
    /// What other nodes are to hear of with the next commit.
    news: Bells,
}

impl Writer {
    pub(super) fn new(line: Line, post: Post) -> Self {
        Self { line, post, news: Bells::default() }
    }

    /// Commits, and has the others hear of it, in one crossing.
    async fn commit_with_news(&mut self, news: Bells) -> Result<Vec<u64>, Broken> {
        let Post { channel, node } = &self.post;
        let text = format!("COMMIT; {AFTERWARDS}; NOTIFY {channel}, '{node} {}'; COMMIT", told(news));
        let (done, error) = self.line.run_as_far_as_possible(&text).await.map_err(|error| Broken { at: 0, error })?;
        match error {
            Some(error) if done == 0 => return Err(Broken { at: 0, error }),
            // It is committed. The others find it by looking.
            Some(error) => tracing::warn!(%error, "other nodes were not told of a commit"),
            None => {}
        }
        Ok(vec![0])
    }
}

/// The news is a transaction of its own, which need not be durable. Within the one that it tells of, it would keep the
/// commits of all other nodes waiting for this one's sync: the server lets one notifying transaction commit at a time.
const AFTERWARDS: &str = "BEGIN; SET LOCAL synchronous_commit = off";

/// What a notification says: a letter for each bell.
fn told(bells: Bells) -> String {
    let letters = [(bells.effects, 'e'), (bells.deadlines, 'd'), (bells.installed, 'i'), (bells.events, 'v')];
    letters.into_iter().filter(|(rings, _)| *rings).map(|(_, letter)| letter).collect()
}

impl Connection for Writer {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }
    fn begin(&mut self) -> BoxFuture<'_, Result<(), StoreError>> {
        self.news = Bells::default();
        let begun = self.line.run(vec![Statement::of("BEGIN")]);
        begun.map(|begun| begun.map(|_| ()).map_err(|broken| broken.error)).boxed()
    }
    fn has_begun(&self) -> bool {
        true
    }
    fn announce(&mut self, bells: Bells) {
        self.news = bells;
    }
    fn query(&mut self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, StoreError>> {
        self.line.query(statement).boxed()
    }
    fn run(&mut self, statements: Vec<Statement>) -> BoxFuture<'_, Result<Vec<u64>, Broken>> {
        let news = self.news;
        match statements.as_slice() {
            [Statement { sql: Cow::Borrowed("COMMIT"), .. }] if news.ring() => self.commit_with_news(news).boxed(),
            _ => self.line.run(statements).boxed(),
        }
    }
}

async fn query(connection: &mut PgConnection, statement: Statement) -> Result<Vec<Row>, StoreError> {
    let Statement { sql, args } = statement;
    let rows = sqlx::query_with(AssertSqlSafe(sql), bind(args)?).fetch_all(connection).await.map_err(failed)?;
    rows.iter().map(read).collect()
}

async fn run(connection: &mut PgConnection, statement: Statement) -> Result<u64, StoreError> {
    let Statement { sql, args } = statement;
    let done = sqlx::query_with(AssertSqlSafe(sql), bind(args)?).execute(connection).await.map_err(failed)?;
    Ok(done.rows_affected())
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

/// A unique key that is taken, a deadlock and a serialization failure all mean: somebody else was faster. What the server
/// does not take by itself (class 22: a text with U+0000; class 23: a broken constraint) it will not take the next time
/// either, so it does not pass for a server that is away.
fn failed(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|database| database.code().map(|code| code.into_owned()));
    match code.as_deref() {
        Some("23505" | "40001" | "40P01") => StoreError::Conflict,
        Some(code) if code.starts_with("22") || code.starts_with("23") => {
            StoreError::Corrupt(format!("PostgreSQL does not take a value ({code}): {error}"))
        }
        _ => unavailable(error),
    }
}
