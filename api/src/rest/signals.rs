//! `POST /api/v1/{company}/instances/{id}/signals`

use super::body::Body;
use super::cancel::may_cancel;
use super::deed::{Asked, Deed, done, standing};
use super::idempotency::{Answer, Answered};
use crate::problem::ProblemDetails;
use futures::FutureExt;
use serde_json::Value;
use store::{StoreError, Unit};
use workflow::EventKind;

/// What is sent.
#[derive(Debug, Clone)]
struct Sent {
    name: String,
    data: Value,
}

/// Tells a running instance something. Whoever may end it may do so.
pub(crate) async fn signal(asked: Asked) -> Result<Answered, ProblemDetails> {
    let mut body = Body::of(asked.post.json()?)?;
    let sent = Sent { name: body.required("name"), data: body.value("data").unwrap_or(Value::Null) };
    body.finish()?;
    may_cancel(&asked).await?;
    asked.once(sent, |unit, deed| tell(unit, deed).boxed()).await
}

async fn tell(unit: &mut Unit, deed: Deed<Sent>) -> Result<Answer, StoreError> {
    let Sent { name, data } = deed.what.clone();
    Ok(done(standing(&deed.advance(unit, EventKind::Signalled { name, data }).await?)))
}
