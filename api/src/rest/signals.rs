//! Signals: what others tell a running instance.

use super::body::Body;
use super::decisions::{may_cancel, summary};
use super::idempotency::{Answer, Answered, once};
use super::params::{At, Params};
use super::post::Post;
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde_json::Value;
use workflow::EventKind;

/// `POST /api/v1/{company}/instances/{id}/signals`
pub(crate) async fn send(
    State(app): State<AppState>,
    At((_, id)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    let mut body = Body::of(post.json()?)?;
    let (name, data) = (body.required("name"), body.value("data").unwrap_or(Value::Null));
    body.finish()?;
    // Whoever may end an instance may tell it something.
    may_cancel(&app, &caller, &id).await?;
    let by = caller.clone();
    let answered = once(&app, &caller, &post, move |unit| {
        let (by, id) = (by.clone(), id.clone());
        let signalled = EventKind::Signalled { name: name.clone(), data: data.clone() };
        Box::pin(async move {
            let instance = unit.advance(&by.company, &id, by.actor(), signalled).await?;
            Ok(Answer { status: StatusCode::OK, body: summary(&instance) })
        })
    });
    answered.await
}
