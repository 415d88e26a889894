//! `/mailbox`: the mails of an installation without a mail server. Where there is one, nothing is here.

use super::host::Mailbox;
use super::link::moment;
use super::{answer, notice, words};
use crate::documents::safe_name;
use crate::pages::mailbox::{Attachment, MailPage, MailRow, MailboxPage};
use crate::pages::notice::Notice;
use crate::pages::{MAIL_POLICY, respond};
use crate::state::AppState;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use modules::view::Fact;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use store::{StoreError, StoredMail};
use time::format_description::well_known::Rfc3339;

/// The most mails that are shown, the newest. Older ones are stored and not shown.
const MAX_MAILS: u32 = 1_000;
/// Mails on one page of the list.
const PAGE: usize = 50;
/// The length of a preview, in characters.
const PREVIEW_CHARS: usize = 160;

/// Which page of the list.
#[derive(Deserialize)]
pub(super) struct Paging {
    page: Option<usize>,
}

/// `GET /mailbox`: newest first.
pub(super) async fn list(mailbox: Mailbox, paging: Result<Query<Paging>, QueryRejection>) -> Response {
    let mails = match mailbox.mails().await {
        Ok(mails) => mails,
        Err(response) => return response,
    };
    let page = paging.ok().and_then(|Query(paging)| paging.page).unwrap_or(1).clamp(1, MAX_MAILS as usize);
    let rows: Vec<MailRow> = mails.iter().skip((page - 1) * PAGE).take(PAGE).map(row).collect();
    let older = (mails.len() > page * PAGE).then(|| format!("/mailbox?page={}", page + 1));
    match company(&mailbox.0, mails.first()).await {
        Ok(company) => respond(StatusCode::OK, &MailboxPage { company, mails: rows, older }),
        Err(error) => answer::reading(&error),
    }
}

/// `GET /mailbox.json`: `[{id, at, to, from, subject, text, html, attachments: [{name, type, href}]}]`, newest first.
pub(super) async fn json(mailbox: Mailbox) -> Response {
    match mailbox.mails().await {
        Ok(mails) => Json(mails.iter().map(told).collect::<Vec<_>>()).into_response(),
        Err(response) => response,
    }
}

/// `GET /mailbox/{id}`.
pub(super) async fn mail(mailbox: Mailbox, Path(id): Path<String>) -> Response {
    let mail = match mailbox.mail(&id).await {
        Ok(mail) => mail,
        Err(response) => return response,
    };
    match page(&mailbox.0, &mail, id).await {
        Ok(page) => respond(StatusCode::OK, &page),
        Err(error) => answer::reading(&error),
    }
}

/// `GET /mailbox/{id}/html`: the HTML part, in its own small world.
pub(super) async fn html(mailbox: Mailbox, Path(id): Path<String>) -> Response {
    let mail = match mailbox.mail(&id).await {
        Ok(mail) => mail,
        Err(response) => return response,
    };
    match mail.body.get("html").and_then(Value::as_str) {
        Some(html) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, MAIL_POLICY),
                (header::X_FRAME_OPTIONS, "SAMEORIGIN"),
            ];
            (headers, html.to_owned()).into_response()
        }
        None => notice(Notice::PageUnknown),
    }
}

/// `GET /mailbox/{id}/attachments/{n}`: the n-th file, from 0.
pub(super) async fn attachment(mailbox: Mailbox, Path((id, n)): Path<(String, String)>) -> Response {
    let mail = match mailbox.mail(&id).await {
        Ok(mail) => mail,
        Err(response) => return response,
    };
    let file = n.parse().ok().and_then(|n: usize| attachments(&mail).get(n));
    let Some((file, sha256)) = file.and_then(|file| Some((file, file.get("sha256")?.as_str()?))) else {
        return notice(Notice::PageUnknown);
    };
    match bytes(&mailbox.0, &mail.company, sha256).await {
        Ok(bytes) => {
            let name = safe_name(text(file, "name"));
            let headers = [
                (header::CONTENT_TYPE, media_type(file).to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
            ];
            (headers, bytes).into_response()
        }
        Err(StoreError::Missing { .. }) => notice(Notice::PageUnknown),
        Err(error) => answer::reading(&error),
    }
}

async fn bytes(state: &AppState, company: &str, sha256: &str) -> Result<Vec<u8>, StoreError> {
    state.store.read().await?.blob(company, sha256).await
}

impl Mailbox {
    /// The newest mails, or the answer that they cannot be read.
    async fn mails(&self) -> Result<Vec<StoredMail>, Response> {
        let mails = async { self.0.store.read().await?.mails(MAX_MAILS).await }.await;
        mails.map_err(|error| answer::reading(&error))
    }

    async fn mail(&self, id: &str) -> Result<StoredMail, Response> {
        let found = self.mails().await?.into_iter().find(|mail| address(mail) == id);
        found.ok_or_else(|| notice(Notice::PageUnknown))
    }
}

/// The id of a mail in addresses. A Message-ID holds signs that addresses do not.
fn address(mail: &StoredMail) -> String {
    let mut hash = hex::encode(Sha256::digest(format!("{}\n{}", mail.company, mail.id)));
    hash.truncate(32);
    hash
}

async fn company(state: &AppState, mail: Option<&StoredMail>) -> Result<String, StoreError> {
    match mail {
        Some(mail) => state.store.read().await?.company(&mail.company).await.map(|company| company.name),
        None => Ok(String::new()),
    }
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// To whom, as the mail says it; the address it went to where it says nothing.
fn recipient(mail: &StoredMail) -> &str {
    Some(text(&mail.body, "to")).filter(|to| !to.is_empty()).unwrap_or(&mail.recipient)
}

fn attachments(mail: &StoredMail) -> &[Value] {
    mail.body.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Only what browsers show without running anything keeps its type.
fn media_type(file: &Value) -> &str {
    match text(file, "type") {
        kind @ ("application/pdf" | "text/csv" | "image/png") => kind,
        _ => "application/octet-stream",
    }
}

fn row(mail: &StoredMail) -> MailRow {
    let words = text(&mail.body, "text").split_whitespace().collect::<Vec<_>>().join(" ");
    MailRow {
        id: address(mail),
        at: moment(mail.at),
        to: recipient(mail).to_owned(),
        subject: text(&mail.body, "subject").to_owned(),
        preview: words.chars().take(PREVIEW_CHARS).collect(),
        attachments: attachments(mail).len(),
    }
}

fn href(id: &str, n: usize) -> String {
    format!("/mailbox/{id}/attachments/{n}")
}

fn told(mail: &StoredMail) -> Value {
    let id = address(mail);
    let file = |(n, file): (usize, &Value)| json!({ "name": text(file, "name"), "type": text(file, "type"), "href": href(&id, n) });
    let attachments: Vec<Value> = attachments(mail).iter().enumerate().map(file).collect();
    json!({
        "id": id,
        "at": moment(mail.at).0.format(&Rfc3339).unwrap_or_default(),
        "to": recipient(mail),
        "from": text(&mail.body, "from"),
        "subject": text(&mail.body, "subject"),
        "text": text(&mail.body, "text"),
        "html": text(&mail.body, "html"),
        "attachments": attachments,
    })
}

async fn page(state: &AppState, mail: &StoredMail, id: String) -> Result<MailPage, StoreError> {
    let mut files = Vec::new();
    for (n, file) in attachments(mail).iter().enumerate() {
        let size = match bytes(state, &mail.company, text(file, "sha256")).await {
            Ok(bytes) => words::size(bytes.len()),
            Err(StoreError::Missing { .. }) => "missing".to_owned(),
            Err(error) => return Err(error),
        };
        files.push(Attachment { name: text(file, "name").to_owned(), href: href(&id, n), size });
    }
    let named = [("From", "from"), ("To", "to"), ("Message-ID", "message_id"), ("In-Reply-To", "in_reply_to")];
    let headers = named.map(|(label, name)| Fact::new(label, text(&mail.body, name)));
    Ok(MailPage {
        company: company(state, Some(mail)).await?,
        id,
        subject: text(&mail.body, "subject").to_owned(),
        at: moment(mail.at),
        headers: headers.into_iter().filter(|fact| !fact.value.is_empty()).collect(),
        text: text(&mail.body, "text").to_owned(),
        html: !text(&mail.body, "html").is_empty(),
        attachments: files,
    })
}
