//! The answer to an import: at its end, or, for whoever accepts `application/jsonl`, a line now and then that says how far it
//! is, and the answer as the last.

use super::run::{Progress, Run};
use crate::rest::request_id;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures::future::BoxFuture;
use futures::{FutureExt, stream};
use serde_json::{Value, json};
use std::convert::Infallible;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::mpsc::{Receiver, channel};

/// So many lines wait for a client that reads slowly; then the import waits too.
const WAITING: usize = 16;

pub(super) async fn of(run: Run, permit: OwnedSemaphorePermit, is_followed: bool) -> Response {
    if is_followed { followed(run, permit) } else { run.to_its_end(&None).await.into_response() }
}

fn followed(run: Run, permit: OwnedSemaphorePermit) -> Response {
    let (sender, receiver) = channel(WAITING);
    let id = request_id::current().unwrap_or_default();
    let work = request_id::scope(id, async move {
        let (progress, _permit): (Progress, _) = (Some(sender), permit);
        match run.to_its_end(&progress).await {
            Ok(answered) => {
                let answer: Value = serde_json::from_str(answered.text()).unwrap_or_default();
                json!({ "status": 200, "answer": answer, "replayed": answered.is_replayed() })
            }
            Err(problem) => json!({ "status": problem.status.as_u16(), "answer": problem.document() }),
        }
    });
    let lines = stream::unfold(Some(Following { work: work.boxed(), receiver, last: None }), |following| async {
        let mut following = following?;
        let (line, is_last) = following.next().await;
        Some((Ok::<_, Infallible>(Bytes::from(format!("{line}\n"))), (!is_last).then_some(following)))
    });
    ([(header::CONTENT_TYPE, "application/jsonl")], Body::from_stream(lines)).into_response()
}

/// An import whose lines are being sent. If the connection ends, so does the import, after the commit under way.
struct Following {
    work: BoxFuture<'static, Value>,
    receiver: Receiver<Value>,
    /// The answer, once it is there and lines before it wait.
    last: Option<Value>,
}

impl Following {
    /// The next line, and whether it is the last.
    async fn next(&mut self) -> (Value, bool) {
        if self.last.is_none() {
            tokio::select! {
                biased;
                Some(line) = self.receiver.recv() => return (line, false),
                last = &mut self.work => self.last = Some(last),
            }
        }
        match self.receiver.try_recv() {
            Ok(line) => (line, false),
            Err(_) => (self.last.take().unwrap_or_default(), true),
        }
    }
}
