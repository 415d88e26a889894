//! `/`: in the demo who is there and what to try; otherwise where the documentation is.

use super::answer;
use super::host::Mailbox;
use crate::pages::respond;
use crate::pages::start::{Person, StartPage, Step};
use crate::state::AppState;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use modules::{Catalogue, Installed, ObjectType};
use store::{Company, ListQuery, Reader, StoreError};

/// What stands at `/` where people really work: links lead past it, so it only says where the documentation is.
#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% extends "layout.html" %}
{% block main %}
<div class="notice">
<h1>Countersign</h1>
<p class="lead">Decisions are made on the links in your mails. Nothing else is to be done here.</p>
<p><a class="button" href="/openapi">Read the API</a></p>
</div>
{% endblock %}
{% block footer %}Countersign asks for decisions and remembers them.{% endblock %}"#
)]
struct PlainPage {
    /// The layout names it; there may be several, so none is named.
    company: &'static str,
}

/// `GET /`. Names of people are told in the demo only: elsewhere everybody on the network would read them.
pub(super) async fn show(State(state): State<AppState>, mailbox: Result<Mailbox, Response>) -> Response {
    if !state.settings.mailbox {
        return respond(StatusCode::OK, &PlainPage { company: "" });
    }
    let Mailbox(state) = match mailbox {
        Ok(mailbox) => mailbox,
        Err(response) => return response,
    };
    match demo(&state).await {
        Ok(Some(page)) => respond(StatusCode::OK, &page),
        Ok(None) => respond(StatusCode::OK, &PlainPage { company: "" }),
        Err(error) => answer::reading(&error),
    }
}

/// The page of the first company; `None` while there is no company.
async fn demo(state: &AppState) -> Result<Option<StartPage>, StoreError> {
    let mut reader = state.store.read().await?;
    let Some(company) = reader.companies().await?.into_iter().next() else { return Ok(None) };
    let people = reader.people(&company.id).await?.into_iter().filter(|person| person.active).map(person).collect();
    let steps = steps(state, &mut reader, &company).await?;
    let remarks = vec!["Mails stay in the mailbox; nothing is sent.".to_owned()];
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(Some(StartPage { company: company.name, people, steps, version, remarks }))
}

fn person(person: store::Person) -> Person {
    let roles = person.roles.join(", ").replace('_', " ");
    Person { name: person.name, role: roles, email: person.email, part: None }
}

async fn steps(state: &AppState, reader: &mut Reader, company: &Company) -> Result<Vec<Step>, StoreError> {
    let decide = Step {
        title: "Decide".to_owned(),
        text: "The first person to decide gets a mail with a link. Open it and press a button.".to_owned(),
        command: None,
        link: Some(("Open the mailbox".to_owned(), "/mailbox".to_owned())),
    };
    let submit = submit(state, reader, company).await?;
    Ok(submit.into_iter().chain([decide, api()]).collect())
}

/// The first kind of object that has a document and an example.
fn offered(catalogue: &Catalogue) -> Option<(&Installed, &ObjectType)> {
    let modules = catalogue.modules().iter().map(AsRef::as_ref);
    let mut kinds =
        modules.flat_map(|installed: &Installed| installed.manifest.objects.iter().map(move |kind| (installed, kind)));
    kinds.find(|(_, kind)| kind.document.is_some() && kind.example.is_some())
}

async fn submit(state: &AppState, reader: &mut Reader, company: &Company) -> Result<Option<Step>, StoreError> {
    let catalogue = state.registry.of(reader, &company.id).await?;
    let Some((installed, kind)) = offered(&catalogue) else { return Ok(None) };
    let example = kind.example.as_deref().and_then(|file| installed.module().package().text(file).ok());
    let example = with_ids(reader, company, installed, example.unwrap_or_default().trim()).await?;
    let path = format!("/api/v1/{}/{}/{}", company.id, installed.manifest.name, kind.collection);
    Ok(Some(Step {
        title: format!("Submit: {}", kind.title),
        text: "Put the token of a person, which the command line printed, into TOKEN. The answer names the object."
            .to_owned(),
        command: Some(command(&state.settings.base_url, &path, &example)),
        link: None,
    }))
}

/// The example with the ids of this installation: `SUPPLIER_ID` becomes the id of the newest supplier.
async fn with_ids(
    reader: &mut Reader,
    company: &Company,
    installed: &Installed,
    example: &str,
) -> Result<String, StoreError> {
    let mut example = example.to_owned();
    for kind in &installed.manifest.objects {
        let place = format!("{}_ID", kind.title.to_uppercase().replace(' ', "_"));
        if example.contains(&place) {
            let name = format!("{}/{}", installed.manifest.name, kind.collection);
            let query = ListQuery { limit: 1, ..ListQuery::default() };
            if let Some(newest) = reader.objects(&company.id, &name, &query).await?.first() {
                example = example.replace(&place, &newest.id);
            }
        }
    }
    Ok(example)
}

fn command(base_url: &str, path: &str, example: &str) -> String {
    // Within single quotes of a shell only the quote itself ends the text.
    let body = example.replace('\'', "'\\''");
    format!(
        "curl -X POST {base_url}{path} \\\n  -H \"Authorization: Bearer $TOKEN\" \\\n  \
         -H \"Idempotency-Key: $(date +%s)\" \\\n  -H 'Content-Type: application/json' \\\n  -d '{body}'"
    )
}

fn api() -> Step {
    Step {
        title: "Use the API".to_owned(),
        text: "Every endpoint with its fields, examples and errors.".to_owned(),
        command: None,
        link: Some(("Read the API".to_owned(), "/openapi".to_owned())),
    }
}
