//! `GET /api/v1/{company}/{module}/{collection}/{id}/{document}`

use super::objects::guard;
use super::params::{At, Params};
use crate::auth::Authenticated;
use crate::documents::{self, NoDocument};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use modules::{ActionError, Operation};

/// The document of an object.
///
/// # Errors
/// 409 `no-document` if the module cannot render it, 503 if it cannot now.
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, module, collection, id, name)): At<(String, String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let found = guard(&catalogue, &caller, (&module, &collection), Operation::Read)?;
    Params::none(&uri)?;
    let object = state.store.read().await?.object(&caller.company, &found.kind(), &id).await?;
    if found.object_type.document.as_ref() != Some(&name) {
        return Err(ProblemDetails::not_found(format!("there is no document \"{name}\" of {}", found.kind())));
    }
    Ok(documents::load(&state, &caller.company, object, &name).await?.answer(&headers))
}

impl From<NoDocument> for ProblemDetails {
    fn from(error: NoDocument) -> Self {
        match error {
            NoDocument::Store(error) => error.into(),
            NoDocument::Module(ActionError::Retry { cause, .. }) => {
                Self::unavailable(format!("the document cannot be rendered now: {cause}"))
            }
            NoDocument::Module(ActionError::GiveUp { cause, .. }) => {
                let detail = format!("the document cannot be rendered: {cause}");
                Self::new(StatusCode::CONFLICT, "no-document", "There is no document yet", detail)
            }
        }
    }
}
