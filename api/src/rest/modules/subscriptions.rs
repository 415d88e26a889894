//! The subscriptions of a module: how far each has come in the log of events, what it could not handle, and how an admin has
//! it go on.

use crate::auth::{Authenticated, require_manage};
use crate::problem::ProblemDetails;
use crate::rest::body::Body;
use crate::rest::idempotency::{Answer, Answered, once};
use crate::rest::moment::rfc3339;
use crate::rest::params::{At, Params};
use crate::rest::post::Post;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};
use store::{HeldEvent, HeldStatus, Session, StoreError, Subscription, SubscriptionKey, Unit};
use workflow::Problem;

/// So many held events are shown of each subscription.
const SHOWN: u32 = 50;

/// `GET /api/v1/{company}/modules/{name}/subscriptions`
pub(crate) async fn list(
    State(app): State<AppState>,
    At((_, name)): At<(String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let catalogue = app.catalogue(&caller.company).await?;
    let mut reader = app.store.read().await?;
    let known = reader.subscriptions(&caller.company, Some(&name)).await?;
    let installed = catalogue.all().into_iter().find(|(installed, _)| installed.manifest.name == name);
    if installed.is_none() && known.is_empty() {
        return Err(ProblemDetails::not_found(format!("there is no module \"{name}\" in this company")));
    }
    let end = reader.last_event(&caller.company).await?;
    let mut items = Vec::with_capacity(known.len());
    for subscription in &known {
        let manifest = installed.as_ref().map(|(installed, _)| &installed.manifest);
        let declared = manifest
            .and_then(|manifest| manifest.consumes.iter().find(|declared| declared.name == subscription.key.name));
        let mut item = shown(&mut reader, subscription, end).await?;
        item["type"] = json!(declared.map(|declared| &declared.kind));
        item["filter"] = json!(declared.and_then(|declared| declared.filter.as_ref()));
        items.push(item);
    }
    Ok(Json(json!({ "items": items })))
}

/// A subscription as it stands.
async fn shown(session: &mut Session, subscription: &Subscription, end: u64) -> Result<Value, StoreError> {
    let Subscription { key, position, state, moved_at } = subscription;
    let held = session.held_events(key, SHOWN).await?;
    let dead = session.count_held(key, Some(HeldStatus::Dead)).await?;
    let count = session.count_held(key, None).await?;
    Ok(json!({
        "name": key.name,
        "state": state.word(),
        "position": position,
        "end": end,
        "lag": end.saturating_sub(*position),
        "moved_at": rfc3339(*moved_at),
        "held": count,
        "dead": dead,
        "failures": held.iter().map(failure).collect::<Vec<_>>(),
    }))
}

fn failure(held: &HeldEvent) -> Value {
    let HeldEvent { seq, subject, status, attempts, run_at, error, since } = held;
    let again_at = (*status == HeldStatus::Ready).then(|| rfc3339(*run_at));
    json!({
        "seq": seq,
        "subject": subject,
        "status": status.word(),
        "attempts": attempts,
        "error": error,
        "since": rfc3339(*since),
        "again_at": again_at,
    })
}

/// What an admin wants of a subscription.
#[derive(Debug, Clone, Copy)]
enum Wish {
    Replay { after: u64 },
    Retry { seq: Option<u64> },
    Skip { seq: u64 },
}

/// `POST .../subscriptions/{subscription}/replay` with `{"after": seq}`
pub(crate) async fn replay(
    State(app): State<AppState>,
    At((_, name, subscription)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let after = needed("after", number("after", &post)?)?;
    let key = SubscriptionKey { company: caller.company.clone(), module: name, name: subscription };
    let answered = once(&app, &caller, &post, move |unit| Box::pin(grant(unit, key.clone(), Wish::Replay { after })));
    answered.await
}

/// `POST .../subscriptions/{subscription}/retry` with `{"seq": seq}`, or `{}` for all that were given up
pub(crate) async fn retry(
    State(app): State<AppState>,
    At((_, name, subscription)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let seq = number("seq", &post)?;
    let key = SubscriptionKey { company: caller.company.clone(), module: name, name: subscription };
    let answered = once(&app, &caller, &post, move |unit| Box::pin(grant(unit, key.clone(), Wish::Retry { seq })));
    answered.await
}

/// `POST .../subscriptions/{subscription}/skip` with `{"seq": seq}`
pub(crate) async fn skip(
    State(app): State<AppState>,
    At((_, name, subscription)): At<(String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    require_manage(&caller)?;
    let seq = needed("seq", number("seq", &post)?)?;
    let key = SubscriptionKey { company: caller.company.clone(), module: name, name: subscription };
    let answered = once(&app, &caller, &post, move |unit| Box::pin(grant(unit, key.clone(), Wish::Skip { seq })));
    answered.await
}

/// The one field of a body: a place in the log.
fn number(name: &'static str, post: &Post) -> Result<Option<u64>, ProblemDetails> {
    let mut body = Body::of(post.json()?)?;
    let number = body.number(name);
    body.finish()?;
    match number.filter(|number| i64::try_from(*number).is_err()) {
        Some(_) => Err(ProblemDetails::invalid(&[Problem::new(format!("/{name}"), "range", "is no place in the log")])),
        None => Ok(number),
    }
}

fn needed(name: &str, number: Option<u64>) -> Result<u64, ProblemDetails> {
    let missing = || Problem::new(format!("/{name}"), "missing", "is missing; name a place in the log");
    number.ok_or_else(|| ProblemDetails::invalid(&[missing()]))
}

async fn grant(unit: &mut Unit, key: SubscriptionKey, wish: Wish) -> Result<Answer, StoreError> {
    let end = unit.last_event(&key.company).await?;
    match wish {
        Wish::Replay { after } if after > end => {
            let message = format!("the log ends at {end}; give that, or a place before it");
            return Err(StoreError::Problems(vec![Problem::new("/after", "range", message)]));
        }
        Wish::Replay { after } => unit.replay_subscription(&key, after).await?,
        Wish::Retry { seq } => {
            unit.lock_subscription(&key).await?;
            unit.retry_held_events(&key, seq).await?;
        }
        Wish::Skip { seq } => {
            unit.lock_subscription(&key).await?;
            let missing = || StoreError::Missing { what: "held event", id: seq.to_string() };
            let held = unit.held_event(&key, seq).await?.ok_or_else(missing)?;
            unit.let_event_go(&key, &held).await?;
        }
    }
    let missing = || StoreError::Missing { what: "subscription", id: key.name.clone() };
    let subscription = unit.subscription(&key).await?.ok_or_else(missing)?;
    Ok(Answer { status: StatusCode::OK, body: shown(unit, &subscription, end).await? })
}
