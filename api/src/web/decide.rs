//! `POST /a/{token}`: the one request of a browser that changes something.
//!
//! In this order: the form comes from our own page and is whole, its nonce counts, a button was used; then, in one unit
//! of work, this person may still decide, the document is the one that the page showed, and the vote is taken.

use super::answer::Missed;
use super::fields::{self, Posted, mark_problems, mark_rejected};
use super::limit::UnknownLinks;
use super::link::{Opened, missed_answer, open};
use super::page::{self, Page, Showing};
use super::{answer, headers, nonce};
use crate::pages::decision::Refused;
use crate::pages::notice::{Notice, NoticePage};
use crate::pages::outcome::Arrival;
use crate::pages::respond;
use crate::state::AppState;
use axum::extract::rejection::{FormRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{Extensions, HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Form};
use futures::FutureExt;
use modules::{Deciding, Registry};
use std::sync::Arc;
use store::{About, StoreError, Unit};
use workflow::{Channel, Rejected, may_decide};

/// What a unit of work made of a decision.
enum Taken {
    /// It is recorded, now or before.
    Recorded,
    /// The document is not the one that the page showed.
    DocumentChanged,
}

/// `POST /a/{token}`.
pub(super) async fn decide(
    State(state): State<AppState>,
    Extension(limit): Extension<Arc<UnknownLinks>>,
    extensions: Extensions,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let again = path.as_ref().ok().map(|Path(token)| Path(token.clone()));
    let opened = match open(&state, path).await {
        Ok(opened) => opened,
        Err(missed) => return missed_post(missed, &state, &limit, &extensions),
    };
    let (posted, revision) = match accept(&state, &opened, &headers, form) {
        Ok(accepted) => accepted,
        Err((status, refused, posted)) => return refuse(&state, &opened, status, refused, &posted).await,
    };
    let taken = record(&state, &opened, &posted, revision).await;
    if let Ok(Taken::Recorded) = taken {
        return (StatusCode::SEE_OTHER, [(header::LOCATION, format!("/a/{}", opened.token))]).into_response();
    }
    // What stands now may differ from what was read before the unit of work.
    let fresh = match again {
        Some(path) => open(&state, Ok(path)).await,
        None => Ok(opened),
    };
    match (fresh, taken) {
        (Ok(fresh), Ok(_)) => {
            refuse(&state, &fresh, StatusCode::CONFLICT, Refused::DocumentChanged, &posted.comment_only()).await
        }
        (Ok(fresh), Err(error)) => failed(&state, &fresh, &posted, error).await,
        (Err(_), Err(error)) if !is_refusal(&error) => answer::writing(&error),
        (Err(missed), _) => missed_post(missed, &state, &limit, &extensions),
    }
}

/// A decision on what was given away is a conflict; looking at it is not.
fn missed_post(missed: Missed, state: &AppState, limit: &UnknownLinks, extensions: &Extensions) -> Response {
    match missed {
        Missed::Notice(notice @ Notice::Reassigned { .. }) => {
            respond(StatusCode::CONFLICT, &NoticePage { company: String::new(), notice })
        }
        other => missed_answer(other, state, limit, extensions),
    }
}

/// The form and the revision that its page showed, or why it is refused before anything is looked at.
fn accept(
    state: &AppState,
    opened: &Opened,
    headers: &HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Result<(Posted, u64), (StatusCode, Refused, Posted)> {
    if headers::is_cross_site(headers, &state.settings.base_url) {
        return Err((StatusCode::FORBIDDEN, Refused::FormSpent, Posted::default()));
    }
    let posted = match form {
        Ok(Form(pairs)) => Posted::read(pairs),
        Err(rejection) => return Err((rejection.status(), Refused::FormSpent, Posted::default())),
    };
    let bound = nonce::Bound { token: &opened.token, activity: opened.link.activity };
    match nonce::check(&state.settings.form_key, bound, &posted.nonce, opened.now_ms) {
        Err(nonce::Refusal::Forged) => Err((StatusCode::FORBIDDEN, Refused::FormSpent, posted)),
        Err(nonce::Refusal::Expired) => Err((StatusCode::CONFLICT, Refused::FormSpent, posted)),
        Ok(_) if posted.decision.is_empty() => Err((StatusCode::UNPROCESSABLE_ENTITY, Refused::NoDecision, posted)),
        Ok(revision) => Ok((posted, revision)),
    }
}

async fn record(state: &AppState, opened: &Opened, posted: &Posted, revision: u64) -> Result<Taken, StoreError> {
    let fields = fields::form(opened).fields;
    let deciding = Deciding {
        company: opened.link.company.clone(),
        instance: opened.link.instance.clone(),
        activity: opened.link.activity,
        person: opened.link.person.clone(),
        through: Channel::Link,
        decision: posted.decision.clone(),
        comment: posted.reason(),
        form: posted.answers(&fields),
    };
    let (registry, (company, instance)) =
        (state.registry.clone(), (deciding.company.clone(), deciding.instance.clone()));
    let write = state.store.write_about(About::instance(&company, &instance), move |unit| {
        let (registry, deciding) = (registry.clone(), deciding.clone());
        async move { take(unit, &registry, &deciding, revision).await }.boxed()
    });
    write.await
}

/// The revision is compared within the unit, so that nobody can change the document between look and vote. Who may not
/// decide any more is told so by the core, whatever became of the document.
async fn take(unit: &mut Unit, registry: &Registry, deciding: &Deciding, revision: u64) -> Result<Taken, StoreError> {
    let (instance, _) = unit.instance(&deciding.company, &deciding.instance).await?;
    if may_decide(&instance, deciding.activity, &deciding.person).is_ok() {
        let subject = registry.subject(unit, &deciding.company, &instance, deciding.activity).await?;
        if subject.map_or(0, |object| object.revision) != revision {
            return Ok(Taken::DocumentChanged);
        }
    }
    registry.decide(unit, deciding).await.map(|_| Taken::Recorded)
}

fn is_refusal(error: &StoreError) -> bool {
    matches!(error, StoreError::Rejected(_) | StoreError::Problems(_))
}

/// Shows the page with why nothing was recorded, and with what was typed.
async fn refuse(state: &AppState, opened: &Opened, status: StatusCode, refused: Refused, posted: &Posted) -> Response {
    let mut form = fields::form(opened);
    posted.fill(&mut form);
    again(state, opened, status, Showing { arrival: Arrival::TooLate, refused: Some(refused), form: Some(form) }).await
}

/// Shows the page with what the core or the module said.
async fn failed(state: &AppState, opened: &Opened, posted: &Posted, error: StoreError) -> Response {
    let mut form = fields::form(opened);
    posted.fill(&mut form);
    let refused = match &error {
        StoreError::Problems(problems) => {
            mark_problems(&mut form, &posted.decision, problems);
            Refused::Form
        }
        StoreError::Rejected(rejected) if mark_rejected(&mut form, &posted.decision, rejected) => Refused::Form,
        StoreError::Rejected(_) => Refused::NoDecision,
        _ => return answer::writing(&error),
    };
    let arrival = match &error {
        StoreError::Rejected(Rejected::Stands { .. }) => Arrival::FirstStands,
        _ => Arrival::TooLate,
    };
    let showing = Showing { arrival, refused: Some(refused), form: Some(form) };
    again(state, opened, status(&error), showing).await
}

fn status(error: &StoreError) -> StatusCode {
    match error {
        StoreError::Rejected(Rejected::NotAsked | Rejected::Excluded { .. }) => StatusCode::FORBIDDEN,
        StoreError::Rejected(
            Rejected::UnknownDecision { .. }
            | Rejected::CommentRequired { .. }
            | Rejected::CommentTooLong { .. }
            | Rejected::FormRequired { .. },
        )
        | StoreError::Problems(_) => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

async fn again(state: &AppState, opened: &Opened, status: StatusCode, showing: Showing) -> Response {
    match page::show(state, opened, showing).await {
        // There is no form that could be corrected: what matters is that the step is over.
        Ok(page @ Page::Outcome(_)) if status == StatusCode::UNPROCESSABLE_ENTITY => page.respond(StatusCode::CONFLICT),
        Ok(page) => page.respond(status),
        Err(error) => answer::reading(&error),
    }
}
