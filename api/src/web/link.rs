//! `GET /a/{token}`: what is behind a link. Nothing changes, however often it is opened, by whom or by what.

use super::answer::{self, Missed};
use super::asked::{Asked, rule};
use super::limit::{UnknownLinks, client};
use super::{notice, page};
use crate::documents::related;
use crate::pages::notice::Notice;
use crate::pages::outcome::Arrival;
use crate::pages::parts::Moment;
use crate::state::AppState;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Extensions, StatusCode};
use axum::response::Response;
use modules::Catalogue;
use std::sync::Arc;
use store::{Company, Link, Object, Person, Reader, StoreError};
use workflow::definition::Approval;
use workflow::{Definition, EventKind, Instance};

/// A token is 256 bits in lower-case hex.
const TOKEN_CHARS: usize = 64;
/// For so long after a decision the page thanks for it, in milliseconds. Later it only tells what was decided.
const FRESH_MS: i64 = 60_000;

/// Everything behind a link. It has no `Debug`: the token is a secret.
pub(super) struct Opened {
    pub(super) token: String,
    pub(super) link: Link,
    pub(super) company: Company,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) person: Person,
    pub(super) instance: Instance,
    pub(super) definition: Arc<Definition>,
    pub(super) asked: Asked,
    pub(super) object: Option<Object>,
    /// Objects that the object names: its supplier.
    pub(super) related: Vec<Object>,
    /// Who made the request, by name.
    pub(super) requester: String,
    /// When, in milliseconds since 1970.
    pub(super) requested_at: i64,
    /// The time at which it was read.
    pub(super) now_ms: i64,
}

/// `GET /a/{token}`.
pub(super) async fn show(
    State(state): State<AppState>,
    Extension(limit): Extension<Arc<UnknownLinks>>,
    extensions: Extensions,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let opened = match open(&state, path).await {
        Ok(opened) => opened,
        Err(missed) => return missed_answer(missed, &state, &limit, &extensions),
    };
    let arrival = opened.arrival();
    match page::show(&state, &opened, page::Showing { arrival, ..page::Showing::default() }).await {
        Ok(page) => page.respond(StatusCode::OK),
        Err(error) => answer::reading(&error),
    }
}

/// The answer for a link that shows nothing.
pub(super) fn missed_answer(
    missed: Missed,
    state: &AppState,
    limit: &UnknownLinks,
    extensions: &Extensions,
) -> Response {
    match missed {
        Missed::Unknown => match limit.count(client(extensions), state.store.now_ms()) {
            Ok(()) => notice(Notice::LinkUnknown),
            Err(wait_seconds) => answer::too_many(wait_seconds),
        },
        Missed::Notice(known) => notice(known),
        Missed::Store(error) => answer::reading(&error),
    }
}

/// Reads everything behind a link. Whoever may not see it gets the reason.
pub(super) async fn open(state: &AppState, path: Result<Path<String>, PathRejection>) -> Result<Opened, Missed> {
    let Ok(Path(token)) = path else { return Err(Missed::Unknown) };
    if token.len() != TOKEN_CHARS || !token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(Missed::Unknown);
    }
    let mut reader = state.store.read().await?;
    let link = reader.link(&token).await?.ok_or(Missed::Unknown)?;
    let person = reader.person(&link.company, &link.person).await?.filter(|person| person.active);
    // Somebody who left has no say and no view any more, and need not be told why.
    let person = person.ok_or(Missed::Notice(Notice::LinkUnknown))?;
    let (instance, definition) = reader.instance(&link.company, &link.instance).await?;
    let asked = Asked::find(&mut reader, &instance, &definition, link.activity).await?;
    let asked = asked.ok_or_else(|| StoreError::Missing { what: "approval", id: link.activity.to_string() })?;
    let now_ms = state.store.now_ms();
    if let Some(notice) = barred(&asked, &link.person, now_ms) {
        return Err(Missed::Notice(notice));
    }
    let catalogue = state.registry.of(&mut reader, &link.company).await?;
    let (object, related) = objects(&catalogue, &mut reader, &link.company, &asked).await?;
    let (requester, requested_at) = request(&mut reader, &instance).await?;
    let company = reader.company(&link.company).await?;
    let requester = requester.unwrap_or_else(|| company.name.clone());
    let opened = Opened {
        token,
        link,
        company,
        catalogue,
        person,
        instance,
        definition,
        asked,
        object,
        related,
        requester,
        requested_at,
        now_ms,
    };
    Ok(opened)
}

/// Why this person is shown nothing: it is too long ago, or somebody else's business by now.
fn barred(asked: &Asked, person: &str, now_ms: i64) -> Option<Notice> {
    if asked.kept_until().is_some_and(|until| until <= now_ms) {
        return Some(Notice::LinkExpired);
    }
    let seat = asked.given_to(person)?;
    Some(Notice::Reassigned { to: seat.name.clone(), by: None, at: moment(seat.since) })
}

/// The object that is decided on, and those that it names.
async fn objects(
    catalogue: &Catalogue,
    reader: &mut Reader,
    company: &str,
    asked: &Asked,
) -> Result<(Option<Object>, Vec<Object>), StoreError> {
    let Some(subject) = &asked.approval.subject else { return Ok((None, Vec::new())) };
    let object = reader.object(company, &subject.kind, &subject.id).await?;
    let related = related(reader, catalogue, company, &object).await?;
    Ok((Some(object), related))
}

/// Who made the request, by name, and when. An instance that is over tells it by its first event only.
async fn request(reader: &mut Reader, instance: &Instance) -> Result<(Option<String>, i64), StoreError> {
    let (requester, at) = match instance.running() {
        Some(running) => (running.requester.clone(), running.started_at),
        None => {
            let first = reader.transitions(&instance.company, &instance.id).await?.into_iter().next();
            match first.map(|first| (first.event.kind, first.event.at)) {
                Some((EventKind::Started { requester, .. }, at)) => (requester, at),
                _ => (None, 0),
            }
        }
    };
    match requester {
        Some(id) => Ok((Some(name_of(reader, &instance.company, &id).await?), at)),
        None => Ok((None, at)),
    }
}

/// The name of a person, the id where nobody is known by it.
pub(super) async fn name_of(reader: &mut Reader, company: &str, id: &str) -> Result<String, StoreError> {
    Ok(reader.person(company, id).await?.map_or_else(|| id.to_owned(), |person| person.name))
}

impl Opened {
    /// The rules of the approval's state.
    pub(super) fn rule(&self) -> Option<&Approval> {
        rule(&self.definition, &self.asked.state)
    }

    /// The revision of the object; 0 without one.
    pub(super) fn revision(&self) -> u64 {
        self.object.as_ref().map_or(0, |object| object.revision)
    }

    /// A link that is opened within a minute of the own decision is mostly the redirect of the form.
    fn arrival(&self) -> Arrival {
        let own = self.asked.approval.vote_of(&self.person.id);
        match own.is_some_and(|vote| self.now_ms.saturating_sub(vote.at) < FRESH_MS) {
            true => Arrival::JustDecided,
            false => Arrival::Looking,
        }
    }
}

/// Milliseconds since 1970 as pages show them. Beyond the calendar it is its beginning.
pub(super) fn moment(at_ms: i64) -> Moment {
    let at = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(at_ms) * 1_000_000);
    Moment(at.unwrap_or(time::OffsetDateTime::UNIX_EPOCH))
}
