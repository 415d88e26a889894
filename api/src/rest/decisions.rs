//! What people do with an instance: decide, hand over, cancel.

use super::body::Body;
use super::idempotency::{Answer, Answered, once, once_about};
use super::instances::state;
use super::params::{At, Params};
use super::post::Post;
use crate::auth::{Authenticated, is_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use modules::{Answers, Caller, Deciding};
use serde_json::{Value, json};
use store::{Person, Session, StoreError, Unit};
use workflow::{Candidate, EventKind, Instance, Problem, Rejected, Why};

/// What is sent to decide.
#[derive(Debug, Clone)]
struct Decision {
    activity: Option<u64>,
    decision: String,
    comment: Option<String>,
    form: Option<Value>,
}

/// `POST /api/v1/{company}/instances/{id}/decisions`
pub(crate) async fn decide(
    State(app): State<AppState>,
    At((_, id)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    let decision = Decision::read(post.json()?)?;
    let (registry, by, about) = (app.registry.clone(), caller.clone(), id.clone());
    let answered = once_about(&app, &caller, &post, &about, move |unit| {
        let (registry, by, id, decision) = (registry.clone(), by.clone(), id.clone(), decision.clone());
        Box::pin(async move {
            let activity = activity(unit, &by, &id, &decision).await?;
            let deciding = decision.by(&by, id, activity);
            let decided = registry.decide(unit, &deciding).await?;
            let mut body = summary(&decided.instance);
            body["activity"] = json!(activity);
            body["decision"] = json!(deciding.decision);
            body["repeated"] = json!(decided.repeated);
            Ok(Answer { status: StatusCode::OK, body })
        })
    });
    answered.await
}

impl Decision {
    fn read(value: Value) -> Result<Self, ProblemDetails> {
        let mut body = Body::of(value)?;
        let decision = body.required("decision");
        let (activity, comment, form) = (body.number("activity"), body.text("comment"), body.value("form"));
        body.finish()?;
        Ok(Self { activity, decision, comment, form })
    }

    fn by(self, caller: &Caller, instance: String, activity: u64) -> Deciding {
        Deciding {
            company: caller.company.clone(),
            instance,
            activity,
            person: caller.person.id.clone(),
            through: caller.through,
            decision: self.decision,
            comment: self.comment,
            form: self.form.map_or(Answers::None, Answers::Document),
        }
    }
}

/// The approval that is meant. Without a number: the open one if the person has a seat in it, else the last one in which
/// the person decided, so that a decision sent again is recognised after its approval is closed.
async fn activity(session: &mut Session, caller: &Caller, id: &str, decision: &Decision) -> Result<u64, StoreError> {
    if let Some(activity) = decision.activity {
        return Ok(activity);
    }
    let (instance, _) = session.instance(&caller.company, id).await?;
    let (open, person) = (instance.open_approval(), caller.person.id.as_str());
    let seated = open.filter(|open| open.seats_of(person).next().is_some()).map(|open| open.activity);
    let decided = || instance.closed.iter().rfind(|closed| closed.approval.vote_of(person).is_some());
    let found =
        seated.or_else(|| decided().map(|closed| closed.approval.activity)).or_else(|| open.map(|open| open.activity));
    let last = || instance.closed.last().map(|closed| closed.approval.activity);
    found.or_else(last).ok_or_else(|| nothing_open(&instance))
}

fn nothing_open(instance: &Instance) -> StoreError {
    match instance.running() {
        Some(_) => StoreError::Problems(vec![Problem::new(
            "/activity",
            "nothing-open",
            "nobody is asked at the moment; read the instance to see why",
        )]),
        None => Rejected::NotRunning { status: instance.status_name() }.into(),
    }
}

/// What is sent to hand over.
#[derive(Debug, Clone)]
struct Handing {
    activity: Option<u64>,
    from: String,
    to: String,
    reason: String,
}

/// `POST /api/v1/{company}/instances/{id}/reassign`
pub(crate) async fn reassign(
    State(app): State<AppState>,
    At((_, id)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    let mut body = Body::of(post.json()?)?;
    let (activity, from, to) = (body.number("activity"), body.required("from"), body.required("to"));
    let handing = Handing { activity, from, to, reason: body.required("reason") };
    body.finish()?;
    if !is_admin(&caller) && caller.person.id != handing.from {
        return Err(ProblemDetails::forbidden("this needs the role \"admin\", or the seat that is given away"));
    }
    let by = caller.clone();
    let answered = once(&app, &caller, &post, move |unit| {
        let (by, id, handing) = (by.clone(), id.clone(), handing.clone());
        Box::pin(async move { hand_over(unit, &by, &id, handing).await })
    });
    answered.await
}

async fn hand_over(unit: &mut Unit, by: &Caller, id: &str, handing: Handing) -> Result<Answer, StoreError> {
    let Handing { activity, from, to, reason } = handing;
    // The instance first: of an unknown one, nothing else is worth telling.
    let (instance, _) = unit.instance(&by.company, id).await?;
    let open = instance.open_approval().map(|open| open.activity);
    let over = || Rejected::NotRunning { status: instance.status_name() };
    let activity = activity.or(open).ok_or_else(over)?;
    let to = candidate(unit, &by.company, &to).await?;
    let reassigned = EventKind::Reassigned { activity, from, to, reason };
    match unit.advance(&by.company, id, by.actor(), reassigned).await {
        Ok(instance) => Ok(Answer { status: StatusCode::OK, body: summary(&instance) }),
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

pub(super) fn refused(pointer: &str, code: &str, message: &str) -> StoreError {
    StoreError::Problems(vec![Problem::new(pointer, code, message)])
}

/// `POST /api/v1/{company}/instances/{id}/cancel`
pub(crate) async fn cancel(
    State(app): State<AppState>,
    At((_, id)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    let mut body = Body::of(post.json()?)?;
    let reason = body.required("reason");
    body.finish()?;
    may_cancel(&app, &caller, &id).await?;
    let by = caller.clone();
    let answered = once(&app, &caller, &post, move |unit| {
        let (by, id, reason) = (by.clone(), id.clone(), reason.clone());
        Box::pin(async move {
            let instance = unit.advance(&by.company, &id, by.actor(), EventKind::Cancelled { reason }).await?;
            Ok(Answer { status: StatusCode::OK, body: summary(&instance) })
        })
    });
    answered.await
}

/// Admins and the requester. Who the requester is never changes, so it is read before the unit of work.
async fn may_cancel(app: &AppState, caller: &Caller, id: &str) -> Result<(), ProblemDetails> {
    let mut reader = app.store.read().await?;
    reader.instance(&caller.company, id).await?;
    if is_admin(caller) {
        return Ok(());
    }
    let transitions = reader.transitions(&caller.company, id).await?;
    match transitions.first().map(|first| &first.event.kind) {
        Some(EventKind::Started { requester: Some(requester), .. }) if *requester == caller.person.id => Ok(()),
        _ => Err(ProblemDetails::forbidden("this needs the role \"admin\", or to be the requester")),
    }
}

/// Where the instance stands after what was done.
pub(super) fn summary(instance: &Instance) -> Value {
    let pending = instance.open_approval().map(|open| open.pending()).unwrap_or_default();
    let names: Vec<&str> = pending.into_iter().map(|seat| seat.name.as_str()).collect();
    json!({
        "instance": instance.id,
        "version": instance.version,
        "status": instance.status_name(),
        "state": state(instance),
        "waiting_for": names,
    })
}
