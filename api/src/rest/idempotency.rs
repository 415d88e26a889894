//! Writing once: a request that is sent again with its `Idempotency-Key` gets the answer of the first time.
//!
//! The answer is kept in the commit that it tells of, so there is no moment in which one is stored without the other,
//! and two that arrive together are put in order by the writer: the second finds the answer of the first. Only answers
//! to changes that were made are kept; a refusal may be mended and sent again under the same key.

use super::post::Post;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::Caller;
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use store::{About, Remembered, RequestKey, StoreError, Unit};

/// The header of an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What a change is answered with.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// 200 or 201; 204 if there is nothing to say.
    pub(crate) status: StatusCode,
    /// The document.
    pub(crate) body: Value,
}

/// An answer as it is sent and kept.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    kept: Remembered,
    replayed: bool,
}

/// Does the work in one unit, unless this request was answered before.
///
/// # Errors
/// 422 `idempotency-key-reused` if the key belongs to another request; else what the work says.
pub(crate) async fn once<F>(state: &AppState, caller: &Caller, post: &Post, work: F) -> Result<Answered, ProblemDetails>
where
    F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<Answer, StoreError>> + Send + Sync + 'static,
{
    once_in(state, caller, post, About::Nothing, work).await
}

/// The same for work on an instance, which is loaded together with those of others who wait.
pub(crate) async fn once_about<F>(
    state: &AppState,
    caller: &Caller,
    post: &Post,
    about: About,
    work: F,
) -> Result<Answered, ProblemDetails>
where
    F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<Answer, StoreError>> + Send + Sync + 'static,
{
    once_in(state, caller, post, about, work).await
}

async fn once_in<F>(
    state: &AppState,
    caller: &Caller,
    post: &Post,
    about: About,
    work: F,
) -> Result<Answered, ProblemDetails>
where
    F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<Answer, StoreError>> + Send + Sync + 'static,
{
    let (key, work) = (request_key(caller, post), Arc::new(work));
    let answered = state.store.write_about(about, move |unit| {
        let (key, work) = (key.clone(), work.clone());
        Box::pin(async move { run(unit, key.as_ref(), work.as_ref()).await })
    });
    Ok(answered.await?)
}

async fn run<F>(unit: &mut Unit, key: Option<&RequestKey>, work: &F) -> Result<Answered, StoreError>
where
    F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<Answer, StoreError>>,
{
    if let Some(key) = key
        && let Some(kept) = unit.remembered(key).await?
    {
        return Ok(Answered { kept, replayed: true });
    }
    // The work is done by the one task that writes: a panic that got through would end it for everybody.
    let answer = AssertUnwindSafe(work(unit)).catch_unwind().await.unwrap_or_else(|_| Err(panicked()))?;
    let kept = Remembered { status: answer.status.as_u16(), answer: answer.body.to_string() };
    if let Some(key) = key {
        unit.remember(key, &kept).await?;
    }
    Ok(Answered { kept, replayed: false })
}

fn panicked() -> StoreError {
    StoreError::Corrupt("the code of a module panicked".to_owned())
}

pub(crate) fn request_key(caller: &Caller, post: &Post) -> Option<RequestKey> {
    let key = post.key.clone()?;
    Some(RequestKey {
        company: caller.company.clone(),
        actor: caller.person.id.clone(),
        key,
        request: post.fingerprint.clone(),
    })
}

impl Answered {
    /// An answer that was given before.
    pub(crate) fn before(kept: Remembered) -> Self {
        Self { kept, replayed: true }
    }

    /// An answer that is given for the first time.
    pub(crate) fn new(status: StatusCode, body: &Value) -> Self {
        Self { kept: Remembered { status: status.as_u16(), answer: body.to_string() }, replayed: false }
    }

    /// What is kept of it.
    pub(crate) fn kept(&self) -> &Remembered {
        &self.kept
    }

    /// Whether it was given before.
    pub(crate) fn is_replayed(&self) -> bool {
        self.replayed
    }

    /// The document that is sent.
    pub(crate) fn text(&self) -> &str {
        &self.kept.answer
    }
}

impl IntoResponse for Answered {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.kept.status).unwrap_or(StatusCode::OK);
        let mut response = match status {
            StatusCode::NO_CONTENT => status.into_response(),
            _ => (status, [(header::CONTENT_TYPE, "application/json")], self.kept.answer).into_response(),
        };
        if self.replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}
