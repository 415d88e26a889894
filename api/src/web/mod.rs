//! What browsers are answered: links, the mailbox of the demo, the start page and the files that pages need.
//!
//! A GET or HEAD in here never changes anything: no write, not even a counter. The one thing that does is
//! `POST /a/{token}`, in `decide`.

mod answer;
mod asked;
mod assets;
mod content;
mod decide;
mod document;
mod fields;
mod headers;
pub(crate) mod host;
mod limit;
mod link;
mod mailbox;
mod modules;
mod nonce;
mod page;
mod start;
#[cfg(test)]
mod tests;
mod words;

use crate::pages::notice::{Notice, NoticePage};
use crate::pages::respond;
use crate::state::AppState;
use axum::extract::DefaultBodyLimit;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router, middleware};
use limit::UnknownLinks;
use std::sync::Arc;

/// The largest form that is read, in bytes.
const MAX_FORM_BYTES: usize = 4 * 1024 * 1024;

/// The start page, `/a/{token}` and its document, the mailbox, `/assets`.
///
/// Serve it with `into_make_service_with_connect_info::<SocketAddr>()`: without the address of the client all clients
/// share one limit of unknown links.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(start::show))
        .route("/a/{token}", get(link::show).post(decide::decide).layer(DefaultBodyLimit::max(MAX_FORM_BYTES)))
        .route("/a/{token}/document.pdf", get(document::show))
        .route("/modules", get(modules::show))
        .route("/mailbox", get(mailbox::list))
        .route("/mailbox.json", get(mailbox::json))
        .route("/mailbox/{id}", get(mailbox::mail))
        .route("/mailbox/{id}/html", get(mailbox::html))
        .route("/mailbox/{id}/attachments/{n}", get(mailbox::attachment))
        .route("/assets/countersign.css", get(assets::style_sheet))
        .route("/assets/favicon.svg", get(assets::favicon))
        .layer(Extension(Arc::new(UnknownLinks::default())))
        .layer(middleware::map_response(headers::shield))
}

/// A page with one message and no company.
fn notice(notice: Notice) -> Response {
    respond(notice.status(), &NoticePage { company: String::new(), notice })
}
