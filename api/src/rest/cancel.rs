//! `POST /api/v1/{company}/instances/{id}/cancel`

use super::body::Body;
use super::deed::{Asked, Deed, done, standing};
use super::idempotency::{Answer, Answered};
use crate::auth::is_admin;
use crate::problem::ProblemDetails;
use futures::FutureExt;
use store::{StoreError, Unit};
use workflow::EventKind;

/// Ends an instance; nobody is asked any more.
pub(crate) async fn cancel(asked: Asked) -> Result<Answered, ProblemDetails> {
    let mut body = Body::of(asked.post.json()?)?;
    let reason = body.required("reason");
    body.finish()?;
    may_cancel(&asked).await?;
    asked.once(reason, |unit, deed| end(unit, deed).boxed()).await
}

async fn end(unit: &mut Unit, deed: Deed<String>) -> Result<Answer, StoreError> {
    let (reason, company) = (deed.what.clone(), &deed.by.company);
    if modules::is_change(&unit.instance(company, &deed.id).await?.0.definition.name) {
        let sentence = "a change of modules would be left half done, so it is not cancelled; what it waits for can be";
        return Err(StoreError::refused("change-of-modules", sentence));
    }
    Ok(done(standing(&deed.advance(unit, EventKind::Cancelled { reason }).await?)))
}

/// Admins and the requester. Who the requester is never changes, so it is read before the unit of work.
pub(super) async fn may_cancel(asked: &Asked) -> Result<(), ProblemDetails> {
    let Asked { app, by, id, .. } = asked;
    let mut reader = app.store.read().await?;
    reader.instance(&by.company, id).await?;
    if is_admin(by) {
        return Ok(());
    }
    let transitions = reader.transitions(&by.company, id).await?;
    match transitions.first().map(|first| &first.event.kind) {
        Some(EventKind::Started { requester: Some(requester), .. }) if *requester == by.person.id => Ok(()),
        _ => Err(ProblemDetails::forbidden("this needs the role \"admin\", or to be the requester")),
    }
}
