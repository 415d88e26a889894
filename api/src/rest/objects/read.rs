//! `GET /api/v1/{company}/{module}/{collection}/{id}`

use super::fields::Fields;
use super::{guard, object_json};
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::etag;
use crate::rest::params::{At, Params};
use crate::state::AppState;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::Operation;

/// An object, with where its approval stands.
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, module, collection, id)): At<(String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let kind = guard(&catalogue, &caller, (&module, &collection), Operation::Read)?.kind();
    let fields = Fields::read(&Params::read(&uri, &["fields"])?)?;
    let mut reader = state.store.read().await?;
    let object = reader.object(&caller.company, &kind, &id).await?;
    let document = fields.of(object_json(&mut reader, &caller.company, &object).await?);
    let body = document.to_string();
    let etag = etag::of_object(&document, &body);
    Ok(etag::tagged(&headers, &etag, || ([(header::CONTENT_TYPE, "application/json")], body).into_response()))
}
