//! `POST /api/v1/{company}/instances/{id}/decisions`

use super::body::Body;
use super::deed::{Asked, Deed, done, refused, standing};
use super::idempotency::{Answer, Answered};
use crate::problem::ProblemDetails;
use futures::FutureExt;
use modules::{Answers, Caller, Deciding};
use serde_json::{Value, json};
use store::{Session, StoreError, Unit};
use workflow::{Instance, OpenApproval, Rejected, may_decide};

/// What is sent to decide.
#[derive(Debug, Clone)]
struct Decision {
    activity: Option<u64>,
    decision: String,
    comment: Option<String>,
    form: Option<Value>,
}

/// Takes a decision as the person of the token.
pub(crate) async fn decide(asked: Asked) -> Result<Answered, ProblemDetails> {
    let decision = Decision::read(asked.post.json()?)?;
    asked.once(decision, |unit, deed| take(unit, deed).boxed()).await
}

async fn take(unit: &mut Unit, deed: Deed<Decision>) -> Result<Answer, StoreError> {
    let Deed { registry, by, id, what } = deed;
    let meant = Meant::find(unit, &by, &id, &what).await?;
    let deciding = what.by(&by, id, meant.activity);
    let decided = registry.decide(unit, &deciding).await.map_err(|error| meant.told(error))?;
    let mut body = standing(&decided.instance);
    body["activity"] = json!(deciding.activity);
    body["decision"] = json!(deciding.decision);
    body["repeated"] = json!(decided.repeated);
    Ok(done(body))
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

/// The approval that is meant.
struct Meant {
    activity: u64,
    /// What is said instead of a refusal, where the approval was only found by looking back.
    otherwise: Option<Rejected>,
}

impl Meant {
    /// Without a number: the open one if the person has a seat in it, else the last one in which the person decided, so
    /// that a decision sent again is recognised after its approval is closed.
    async fn find(session: &mut Session, by: &Caller, id: &str, decision: &Decision) -> Result<Self, StoreError> {
        if let Some(activity) = decision.activity {
            return Ok(Self::only(activity));
        }
        let (instance, _) = session.instance(&by.company, id).await?;
        let (open, person) = (instance.open_approvals().map(|(_, open)| open).next(), by.person.id.as_str());
        // Of several the one in which the person has not decided yet.
        let asked: Vec<&OpenApproval> = instance.asked_of(person).map(|(_, open)| open).collect();
        let undecided = asked.iter().find(|open| open.vote_of(person).is_none());
        if let Some(seated) = undecided.or(asked.first()) {
            return Ok(Self::only(seated.activity));
        }
        if let Some(decided) = instance.closed.iter().rfind(|closed| closed.approval.vote_of(person).is_some()) {
            // Another decision than the one made there was meant for the question that is open.
            let otherwise = open.and_then(|open| may_decide(&instance, open.activity, person).err());
            return Ok(Self { activity: decided.approval.activity, otherwise });
        }
        let last = || instance.closed.last().map(|closed| &closed.approval);
        open.or_else(last).map(|asked| Self::only(asked.activity)).ok_or_else(|| nothing_open(&instance))
    }

    fn only(activity: u64) -> Self {
        Self { activity, otherwise: None }
    }

    fn told(self, error: StoreError) -> StoreError {
        match (error, self.otherwise) {
            (StoreError::Rejected(_), Some(otherwise)) => otherwise.into(),
            (error, _) => error,
        }
    }
}

fn nothing_open(instance: &Instance) -> StoreError {
    match instance.running() {
        Some(_) => refused("/activity", "nothing-open", "nobody is asked at the moment; read the instance to see why"),
        None => Rejected::NotRunning { status: instance.status_name() }.into(),
    }
}
