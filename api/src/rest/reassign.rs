//! `POST /api/v1/{company}/instances/{id}/reassign`

use super::body::Body;
use super::deed::{Asked, Deed, done, refused, standing};
use super::idempotency::{Answer, Answered};
use crate::auth::is_admin;
use crate::problem::ProblemDetails;
use futures::FutureExt;
use serde_json::Value;
use store::{Person, Session, StoreError, Unit};
use workflow::{Candidate, EventKind, Rejected, Why};

/// What is sent to hand over.
#[derive(Debug, Clone)]
struct Handing {
    activity: Option<u64>,
    from: String,
    to: String,
    reason: String,
}

/// Gives the seat of one person to another.
pub(crate) async fn reassign(asked: Asked) -> Result<Answered, ProblemDetails> {
    let handing = Handing::read(asked.post.json()?)?;
    if !is_admin(&asked.by) && asked.by.person.id != handing.from {
        return Err(ProblemDetails::forbidden("this needs the role \"admin\", or the seat that is given away"));
    }
    asked.once(handing, |unit, deed| hand_over(unit, deed).boxed()).await
}

impl Handing {
    fn read(value: Value) -> Result<Self, ProblemDetails> {
        let mut body = Body::of(value)?;
        let (activity, from, to) = (body.number("activity"), body.required("from"), body.required("to"));
        let handing = Self { activity, from, to, reason: body.required("reason") };
        body.finish()?;
        Ok(handing)
    }
}

async fn hand_over(unit: &mut Unit, deed: Deed<Handing>) -> Result<Answer, StoreError> {
    let Handing { activity, from, to, reason } = deed.what.clone();
    // The instance first: of an unknown one, nothing else is worth telling.
    let (instance, _) = unit.instance(&deed.by.company, &deed.id).await?;
    let open = instance.asked_of(&from).map(|(_, open)| open.activity).next();
    let open = open.or_else(|| instance.open_approvals().map(|(_, open)| open.activity).next());
    let over = || Rejected::NotRunning { status: instance.status_name() };
    let activity = activity.or(open).ok_or_else(over)?;
    let to = candidate(unit, &deed.by.company, &to).await?;
    match deed.advance(unit, EventKind::Reassigned { activity, from, to, reason }).await {
        Ok(instance) => Ok(done(standing(&instance))),
        // The sentence for somebody who decides would be wrong for somebody who hands over.
        Err(StoreError::Rejected(Rejected::NotAsked)) => {
            Err(refused("/from", "no-seat", "is not among the people who are asked"))
        }
        Err(error) => Err(error),
    }
}

async fn candidate(session: &mut Session, company: &str, id: &str) -> Result<Candidate, StoreError> {
    let person = person_of_field(session, company, id, "/to").await?;
    Ok(Candidate { person: person.id, name: person.name, why: Why::Named })
}

/// The person whom a field of the body names, who must be active.
pub(super) async fn person_of_field(
    session: &mut Session,
    company: &str,
    id: &str,
    pointer: &str,
) -> Result<Person, StoreError> {
    match session.person(company, id).await? {
        Some(person) if person.active => Ok(person),
        Some(_) => Err(refused(pointer, "inactive", "is not active, so nobody would answer; name somebody else")),
        None => Err(refused(pointer, "unknown-person", "is not the id of a person of this company; see /people")),
    }
}
