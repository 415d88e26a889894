//! `GET /a/{token}/document.pdf`: whoever sees the page of a link sees the document.

use super::limit::UnknownLinks;
use super::link::{missed_answer, open};
use super::{answer, notice};
use crate::documents::{self, NoDocument};
use crate::pages::notice::Notice;
use crate::state::AppState;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Extensions, HeaderMap, StatusCode};
use axum::response::Response;
use modules::ActionError;
use std::sync::Arc;

/// `GET /a/{token}/document.pdf`.
pub(super) async fn show(
    State(state): State<AppState>,
    Extension(limit): Extension<Arc<UnknownLinks>>,
    extensions: Extensions,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let opened = match open(&state, path).await {
        Ok(opened) => opened,
        Err(missed) => return missed_answer(missed, &state, &limit, &extensions),
    };
    let kind = opened.object.as_ref().and_then(|object| opened.catalogue.kind(&object.kind));
    let file = kind.and_then(|(_, kind)| kind.document.clone());
    let (Some(object), Some(file)) = (opened.object, file) else { return notice(Notice::PageUnknown) };
    match documents::load(&state, &opened.link.company, object, &file).await {
        Ok(document) => document.answer(&headers),
        Err(error) => missing(&error),
    }
}

fn missing(error: &NoDocument) -> Response {
    match error {
        NoDocument::Store(error) => answer::reading(error),
        NoDocument::Module(error @ ActionError::GiveUp { .. }) => {
            answer::trouble(StatusCode::INTERNAL_SERVER_ERROR, error)
        }
        NoDocument::Module(error @ ActionError::Retry { .. }) => {
            answer::trouble(StatusCode::SERVICE_UNAVAILABLE, error)
        }
    }
}
