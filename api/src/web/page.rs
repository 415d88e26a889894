//! The page of a link: the form while this person may decide, what became of it otherwise.

use super::asked::Stage;
use super::link::{Opened, moment, name_of};
use super::{content, fields, nonce, words};
use crate::pages::decision::{DecisionForm, DecisionPage, Due, Refused};
use crate::pages::outcome::{Arrival, OutcomePage, Standing};
use crate::pages::parts::Vote;
use crate::pages::respond;
use crate::state::AppState;
use axum::http::StatusCode;
use axum::response::Response;
use store::{Reader, StoreError};
use workflow::{Actor, OpenApproval, may_decide};

/// So many names are told of those who are asked; the rest is a number.
const MAX_NAMES: usize = 5;

/// How a page comes to be shown.
pub(super) struct Showing {
    /// How the person came, for the page of what became of it.
    pub(super) arrival: Arrival,
    /// Why a POST recorded nothing, for the page with the form.
    pub(super) refused: Option<Refused>,
    /// The form with what was typed; a new one otherwise.
    pub(super) form: Option<DecisionForm>,
}

impl Default for Showing {
    fn default() -> Self {
        Self { arrival: Arrival::Looking, refused: None, form: None }
    }
}

/// One of the two pages of a link.
pub(super) enum Page {
    Decision(Box<DecisionPage>),
    Outcome(Box<OutcomePage>),
}

impl Page {
    pub(super) fn respond(&self, status: StatusCode) -> Response {
        match self {
            Self::Decision(page) => respond(status, page.as_ref()),
            Self::Outcome(page) => respond(status, page.as_ref()),
        }
    }
}

/// The page for this person now.
pub(super) async fn show(state: &AppState, opened: &Opened, showing: Showing) -> Result<Page, StoreError> {
    let mut reader = state.store.read().await?;
    let may = may_decide(&opened.instance, opened.link.activity, &opened.person.id).ok();
    match may {
        Some(open) => Ok(Page::Decision(Box::new(decision(state, &mut reader, opened, open, showing).await?))),
        None => Ok(Page::Outcome(Box::new(outcome(&mut reader, opened, showing.arrival).await?))),
    }
}

async fn decision(
    state: &AppState,
    reader: &mut Reader,
    opened: &Opened,
    open: &OpenApproval,
    showing: Showing,
) -> Result<DecisionPage, StoreError> {
    let why = open.seats_of(&opened.person.id).next().map(|(_, seat)| seat.why.to_you());
    let mut form = showing.form.unwrap_or_else(|| fields::form(opened));
    let bound = nonce::Bound { token: &opened.token, activity: opened.link.activity };
    form.nonce = nonce::issue(&state.settings.form_key, bound, opened.revision(), opened.now_ms);
    Ok(DecisionPage {
        company: opened.company.name.clone(),
        token: opened.token.clone(),
        person: opened.person.name.clone(),
        asked_because: why.unwrap_or_default(),
        step: open.title.clone(),
        details: open.details.clone(),
        round: open.round,
        requester: opened.requester.clone(),
        requested: moment(opened.requested_at),
        due: due(opened, open),
        view: content::view(opened),
        changed: content::changed(reader, opened).await?,
        history: content::history(opened),
        document: content::document(reader, opened).await?,
        form,
        refused: showing.refused,
    })
}

fn due(opened: &Opened, open: &OpenApproval) -> Option<Due> {
    let after_ms = opened.rule()?.expire_after_ms?;
    let then = Some("After that, it can no longer be decided.".to_owned());
    Some(Due { at: moment(open.opened_at.saturating_add(after_ms)), then })
}

async fn outcome(reader: &mut Reader, opened: &Opened, arrival: Arrival) -> Result<OutcomePage, StoreError> {
    let asked = &opened.asked;
    Ok(OutcomePage {
        company: opened.company.name.clone(),
        token: opened.token.clone(),
        person: opened.person.name.clone(),
        step: asked.approval.title.clone(),
        round: asked.approval.round,
        requester: opened.requester.clone(),
        arrival,
        standing: standing(reader, opened).await?,
        next: next(opened),
        own: own(opened),
        view: content::view(opened),
        history: content::history(opened),
        document: content::document(reader, opened).await?,
        kept_until: asked.kept_until().map(moment),
    })
}

fn own(opened: &Opened) -> Option<Vote> {
    let vote = opened.asked.approval.vote_of(&opened.person.id)?;
    Some(content::vote(opened.rule(), &opened.asked.approval, vote, None))
}

async fn standing(reader: &mut Reader, opened: &Opened) -> Result<Standing, StoreError> {
    Ok(match &opened.asked.stage {
        Stage::Open => Standing::Waiting { for_whom: waiting_for(&opened.asked.approval) },
        Stage::Closed { at, outcome, by } => match (outcome.as_str(), by) {
            ("expired", _) => Standing::Expired { at: moment(*at) },
            ("withdrawn", Some(by)) => Standing::Withdrawn { by: by.clone(), at: moment(*at) },
            _ => {
                let (tone, outcome) = (words::tone(outcome), words::passive(outcome));
                Standing::Decided { outcome, tone, by: by.clone(), at: moment(*at) }
            }
        },
        Stage::Withdrawn { at, by } => {
            let by = match by {
                Actor::Person { id, .. } => name_of(reader, &opened.link.company, id).await?,
                Actor::System => opened.company.name.clone(),
            };
            Standing::Withdrawn { by, at: moment(*at) }
        }
        Stage::TimedOut { at } => Standing::Expired { at: moment(*at) },
        Stage::Left { at } => {
            let (tone, outcome) = (crate::pages::parts::Tone::Neutral, "ended".to_owned());
            Standing::Decided { outcome, tone, by: None, at: moment(*at) }
        }
    })
}

/// The names of those who can still decide.
fn waiting_for(open: &OpenApproval) -> Vec<String> {
    let pending = open.pending();
    let mut names: Vec<String> = pending.iter().take(MAX_NAMES).map(|seat| seat.name.clone()).collect();
    if pending.len() > MAX_NAMES {
        names.push(format!("{} more", pending.len() - MAX_NAMES));
    }
    names
}

/// Who is asked now, where the request went on, and whether the page shows a later revision than the mail did.
fn next(opened: &Opened) -> Option<String> {
    let open = opened.instance.open_approvals().map(|(_, open)| open);
    let elsewhere = open.into_iter().find(|open| open.activity != opened.link.activity);
    let asked = elsewhere
        .map(|open| format!("It goes on with {}: \u{201c}{}\u{201d}.", words::listed(&waiting_for(open)), open.title));
    let (shown, mailed) = (opened.revision(), opened.link.revision);
    let changed = (mailed > 0 && shown > mailed)
        .then(|| format!("The document was changed after you were asked: this is revision {shown}."));
    let sentences: Vec<String> = asked.into_iter().chain(changed).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}
