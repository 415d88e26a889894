//! An import on its way: first every row is tried, then, if all are fine, they are stored, a few hundred a commit.
//!
//! With an `Idempotency-Key` each commit keeps what it has done under the key and its place, so that a file that is sent
//! again goes on where it broke off.

use super::wish::Wish;
use crate::problem::ProblemDetails;
use crate::rest::idempotency::Answered;
use crate::state::AppState;
use axum::http::StatusCode;
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::transfer::{Done, Importing, Keys, Mode, Refusal, Row, Rows, Unreadable};
use modules::{Caller, Catalogue};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use store::{Remembered, RequestKey, StoreError, Unit};
use tokio::sync::mpsc::Sender;

/// So many rows share a commit: it keeps everybody else waiting.
const ROWS: usize = 200;
/// From so many bytes on a commit takes no further row.
const BYTES: usize = 1_048_576;
/// The code of an error that stops an import.
const STOPPED: &str = "import-stopped";

/// Everything that an import needs.
pub(super) struct Run {
    pub(super) state: AppState,
    pub(super) caller: Caller,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) module: String,
    pub(super) collection: String,
    pub(super) mode: Mode,
    pub(super) wish: Wish,
    pub(super) key: Option<RequestKey>,
    pub(super) text: String,
}

/// How far it is: a line for whoever follows it. Nobody may be there to read it.
pub(super) type Progress = Option<Sender<Value>>;

impl Run {
    /// Does it.
    pub(super) async fn to_its_end(&self, progress: &Progress) -> Result<Answered, ProblemDetails> {
        if let Some(key) = &self.key
            && let Some(kept) = self.state.store.read().await?.remembered(key).await?
        {
            return Ok(Answered::before(kept));
        }
        let missing = || StoreError::Missing { what: "collection", id: format!("{}/{}", self.module, self.collection) };
        let found = self.catalogue.collection(&self.module, &self.collection).ok_or_else(missing)?;
        let mut rows = Rows::of(self.wish.format, &self.text, found.schema).map_err(unreadable)?;
        let total = rows.total().map_err(unreadable)?;
        let mut done = self.done_before(&mut rows).await?;
        if self.wish.preview || !self.wish.partial {
            let mut tried = done.clone();
            let mut rows = rows.clone();
            self.all(&mut rows, &mut tried, total, progress, false).await?;
            if self.wish.preview {
                return Ok(answered(true, &tried, &rows));
            }
            if tried.refused > 0 {
                return Err(refused(&tried));
            }
        }
        self.all(&mut rows, &mut done, total, progress, true).await?;
        let answer = answered(false, &done, &rows);
        if let Some(key) = self.key.clone() {
            let kept = answer.kept().clone();
            let keep = self.state.store.write(move |unit| {
                let (key, kept) = (key.clone(), kept.clone());
                async move { keep_once(unit, &key, &kept).await }.boxed()
            });
            keep.await?;
        }
        Ok(answer)
    }

    /// What was imported when the same request came before and broke off; its rows are gone over.
    async fn done_before(&self, rows: &mut Rows<'_>) -> Result<Done, ProblemDetails> {
        let mut done = Done::default();
        let Some(key) = &self.key else { return Ok(done) };
        let mut reader = self.state.store.read().await?;
        while let Some(kept) = reader.remembered(&part(key, done.rows)).await? {
            let further = read(&kept)?;
            (0..further.rows).for_each(|_| _ = rows.next());
            done.add(further);
        }
        Ok(done)
    }

    /// Takes all rows, some at a time.
    async fn all(
        &self,
        rows: &mut Rows<'_>,
        done: &mut Done,
        total: u64,
        progress: &Progress,
        stores: bool,
    ) -> Result<(), ProblemDetails> {
        let columns = rows.columns();
        let (module, collection, mode) = (self.module.clone(), self.collection.clone(), self.mode.clone());
        let importing = Importing { module, collection, mode, columns, is_persistent: false };
        let (keys, mut waiting) = (Arc::<Mutex<Keys>>::default(), VecDeque::new());
        loop {
            fill(&mut waiting, rows);
            if waiting.is_empty() {
                return Ok(());
            }
            let chunk =
                Chunk { importing: importing.clone(), rows: waiting.iter().cloned().collect(), keys: keys.clone() };
            let further = match stores {
                true => self.store(chunk, done.rows).await.map_err(|error| stopped(error, done))?,
                false => self.rehearse(chunk).await?,
            };
            waiting.drain(..usize::try_from(further.rows).unwrap_or(usize::MAX).min(waiting.len()));
            done.add(further);
            if let Some(progress) = progress {
                let name = if stores { "imported" } else { "checked" };
                // Whoever has listened may be gone; then this ends with the connection.
                let _ = progress.send(json!({ name: done.rows, "rows": total })).await;
            }
        }
    }

    async fn rehearse(&self, chunk: Chunk) -> Result<Done, StoreError> {
        let once = |chunk: Chunk| {
            let (registry, caller) = (self.state.registry.clone(), self.caller.clone());
            self.state.store.rehearse(move |unit| {
                let (registry, caller, chunk) = (registry.clone(), caller.clone(), chunk.clone());
                async move { registry.import(unit, &caller, &chunk.importing, &chunk.rows, &chunk.keys).await }.boxed()
            })
        };
        match once(chunk.clone()).await {
            Err(StoreError::Conflict) => once(chunk.persistent()).await,
            done => done,
        }
    }

    async fn store(&self, chunk: Chunk, from: u64) -> Result<Done, StoreError> {
        let once = |chunk: Chunk| {
            let (registry, caller, partial) = (self.state.registry.clone(), self.caller.clone(), self.wish.partial);
            let key = self.key.as_ref().map(|key| part(key, from));
            self.state.store.write(move |unit| {
                let (registry, caller, chunk, key) = (registry.clone(), caller.clone(), chunk.clone(), key.clone());
                async move {
                    if let Some(key) = &key
                        && let Some(kept) = unit.remembered(key).await?
                    {
                        return read(&kept);
                    }
                    let done = registry.import(unit, &caller, &chunk.importing, &chunk.rows, &chunk.keys).await?;
                    if let Some(refusal) = done.refusals.first().filter(|_| !partial) {
                        return Err(StoreError::refused(STOPPED, told(refusal)));
                    }
                    if let Some(key) = &key {
                        unit.remember(key, &Remembered { status: 200, answer: json!(done).to_string() }).await?;
                    }
                    Ok(done)
                }
                .boxed()
            })
        };
        match once(chunk.clone()).await {
            Err(StoreError::Conflict) => once(chunk.persistent()).await,
            done => done,
        }
    }
}

/// Rows that are to share a commit.
#[derive(Clone)]
struct Chunk {
    importing: Importing,
    rows: Arc<[Row]>,
    keys: Arc<Mutex<Keys>>,
}

impl Chunk {
    /// The same, once it is known that a conflict does not pass.
    fn persistent(mut self) -> Self {
        self.importing.is_persistent = true;
        self
    }
}

fn fill(waiting: &mut VecDeque<Row>, rows: &mut Rows<'_>) {
    let mut bytes: usize = waiting.iter().map(|row| row.bytes).sum();
    while waiting.len() < ROWS && bytes < BYTES {
        let Some(row) = rows.next() else { return };
        bytes += row.bytes;
        waiting.push_back(row);
    }
}

/// The key of a part of a request. No client's key has a space in it.
fn part(key: &RequestKey, from: u64) -> RequestKey {
    RequestKey { key: format!("{} from row {from}", key.key), ..key.clone() }
}

fn read(kept: &Remembered) -> Result<Done, StoreError> {
    serde_json::from_str(&kept.answer).map_err(|error| StoreError::Corrupt(format!("a part of an import: {error}")))
}

/// Another request with the same key may have come to its end at the same moment.
fn keep_once<'u>(
    unit: &'u mut Unit,
    key: &'u RequestKey,
    kept: &'u Remembered,
) -> BoxFuture<'u, Result<(), StoreError>> {
    async move {
        if unit.remembered(key).await?.is_some() {
            return Ok(());
        }
        unit.remember(key, kept).await
    }
    .boxed()
}

fn answered(preview: bool, done: &Done, rows: &Rows<'_>) -> Answered {
    let Done { rows: count, new, changed, same, refused, refusals } = done;
    let body = json!({
        "preview": preview, "rows": count, "new": new, "changed": changed, "same": same, "refused": refused,
        "refusals": refusals, "ignored": rows.ignored(),
    });
    Answered::new(StatusCode::OK, &body)
}

/// `line 4, column 2: /code is the same as in line 3; it must be another`
fn told(refusal: &Refusal) -> String {
    let Refusal { line, column, pointer, message, .. } = refusal;
    let column = column.map(|column| format!(", column {column}")).unwrap_or_default();
    let pointer = if pointer.is_empty() { String::new() } else { format!("{pointer} ") };
    format!("line {line}{column}: {pointer}{message}")
}

/// 422: some rows are refused, so all are.
fn refused(done: &Done) -> ProblemDetails {
    let first = done.refusals.first().map(told).unwrap_or_default();
    let detail = format!(
        "{} of {} rows are refused, so nothing was imported; mend them, or import the others with partial=true. The \
         first: {first}",
        done.refused, done.rows
    );
    problem(StatusCode::UNPROCESSABLE_ENTITY, "import-refused", "Some rows are refused", detail, &done.refusals)
}

/// What has stopped an import after some of it was stored.
fn stopped(error: StoreError, done: &Done) -> ProblemDetails {
    let StoreError::Refused { code: STOPPED, sentence } = error else { return error.into() };
    let detail = format!(
        "something was changed by others while this was imported: {sentence}. The {} rows before are imported; mend the \
         row and send the others, or the whole file with mode=upsert",
        done.rows
    );
    problem(StatusCode::CONFLICT, STOPPED, "It stands otherwise by now", detail, &[])
}

/// 400: the file cannot be read, so nothing was.
fn unreadable(error: Unreadable) -> ProblemDetails {
    let first = error.problems.first();
    let detail =
        first.map(|first| if first.line == 0 { first.message.clone() } else { told(first) }).unwrap_or_default();
    let (status, code) = match first.map(|first| first.code.as_str()) {
        Some("too-many-rows") => (StatusCode::PAYLOAD_TOO_LARGE, "too-many-rows"),
        Some("malformed-csv") => (StatusCode::BAD_REQUEST, "malformed-csv"),
        _ => (StatusCode::BAD_REQUEST, "columns"),
    };
    problem(status, code, "The file cannot be read", detail, &error.problems)
}

fn problem(
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    refusals: &[Refusal],
) -> ProblemDetails {
    ProblemDetails {
        errors: refusals.iter().map(|refusal| json!(refusal)).collect(),
        ..ProblemDetails::new(status, code, title, detail)
    }
}
