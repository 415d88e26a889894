//! `GET /a/{token}/document.pdf`: the final document, or a draft while there is none.

use super::answer;
use super::content::{file_name, stored};
use super::limit::UnknownLinks;
use super::link::{Opened, missed_answer, open};
use super::notice;
use crate::pages::DOCUMENT_POLICY;
use crate::pages::notice::Notice;
use crate::state::AppState;
use axum::Extension;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{Extensions, StatusCode, header};
use axum::response::{IntoResponse, Response};
use modules::{ActionError, Approved, Registry, Rendering};
use std::sync::Arc;
use store::{Object, StoreError};
use tokio::sync::Semaphore;

/// So many drafts are rendered at a time; the others wait. Rendering takes a whole core.
const MAX_PRINTERS: usize = 2;

/// Turns for rendering.
#[derive(Clone)]
pub(super) struct Printers(Arc<Semaphore>);

impl Default for Printers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_PRINTERS)))
    }
}

/// `GET /a/{token}/document.pdf`. Whoever sees the page sees the document.
pub(super) async fn show(
    State(state): State<AppState>,
    Extension(limit): Extension<Arc<UnknownLinks>>,
    Extension(printers): Extension<Printers>,
    extensions: Extensions,
    path: Result<Path<String>, PathRejection>,
) -> Response {
    let opened = match open(&state, path).await {
        Ok(opened) => opened,
        Err(missed) => return missed_answer(missed, &state, &limit, &extensions),
    };
    let kind = opened.object.as_ref().and_then(|object| state.registry.kind(&object.kind));
    let file = kind.and_then(|(_, kind)| kind.document.clone());
    let (Some(object), Some(file)) = (opened.object.clone(), file) else { return notice(Notice::PageUnknown) };
    match final_document(&state, &opened, &object, &file).await {
        Ok(Some(bytes)) => pdf(&file_name(&object, ""), bytes),
        Ok(None) => match draft(state.registry.clone(), opened, &printers).await {
            Ok(bytes) => pdf(&file_name(&object, "-draft"), bytes),
            Err(error) => answer::trouble(StatusCode::INTERNAL_SERVER_ERROR, &error),
        },
        Err(error) => answer::reading(&error),
    }
}

async fn final_document(
    state: &AppState,
    opened: &Opened,
    object: &Object,
    file: &str,
) -> Result<Option<Vec<u8>>, StoreError> {
    let mut reader = state.store.read().await?;
    stored(&mut reader, opened, object, file).await
}

/// Renders on a thread that may block.
async fn draft(registry: Registry, opened: Opened, printers: &Printers) -> Result<Vec<u8>, ActionError> {
    let failed = |error: &dyn std::fmt::Display| ActionError::give_up("Pdf.Failed", error);
    let _turn = printers.0.acquire().await.map_err(|error| failed(&error))?;
    let rendered = tokio::task::spawn_blocking(move || render(&registry, &opened)).await;
    rendered.map_err(|error| failed(&error))?
}

fn render(registry: &Registry, opened: &Opened) -> Result<Vec<u8>, ActionError> {
    let none = || ActionError::give_up("Pdf.Failed", "there is no object");
    let object = opened.object.as_ref().ok_or_else(none)?;
    let (installed, _) = registry.kind(&object.kind).ok_or_else(none)?;
    let approvals = Approved::standing(&opened.instance);
    let (company, related) = (&opened.company, opened.related.as_slice());
    installed.module.render(&Rendering { company, object, related, approvals: &approvals, is_final: false })
}

fn pdf(name: &str, bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")),
        (header::CONTENT_SECURITY_POLICY, DOCUMENT_POLICY.to_owned()),
        (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
    ];
    (headers, bytes).into_response()
}
