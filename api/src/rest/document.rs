//! The document of an object: the final one if it was made, a draft as it stands now otherwise.

use super::etag;
use super::objects::object_type;
use super::params::{At, Params};
use crate::auth::{Authenticated, require_sight};
use crate::pages::DOCUMENT_POLICY;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use modules::{ActionError, Approved, Registry, Rendering};
use sha2::{Digest, Sha256};
use store::{Company, Object, Session, StoreError};

/// A document with what its answer needs.
#[derive(Debug, Clone)]
struct File {
    /// `application/pdf`.
    media_type: String,
    /// Under which name it is saved: `2026-000017.pdf`.
    name: String,
    /// SHA-256 of the bytes, in hex.
    sha256: String,
    /// The bytes.
    bytes: Vec<u8>,
}

/// `GET /api/v1/{company}/{module}/{collection}/{id}/{document}`
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, module, collection, id, name)): At<(String, String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ProblemDetails> {
    let object_type = object_type(&state.registry, &module, &collection)?;
    require_sight(&state.registry, &caller, &object_type.read)?;
    Params::none(&uri)?;
    let object = state.store.read().await?.object(&caller.company, &format!("{module}/{collection}"), &id).await?;
    if object_type.document.as_ref() != Some(&name) {
        return Err(ProblemDetails::not_found(format!("there is no document \"{name}\" of {module}/{collection}")));
    }
    let file = load(&state, &caller.company, object, &name).await?;
    Ok(file.answer(&headers))
}

/// The document of that name of an object, stored or drawn up now.
///
/// # Errors
/// 409 `no-document` if the module cannot render it, 503 if it cannot now.
async fn load(state: &AppState, company: &str, object: Object, name: &str) -> Result<File, ProblemDetails> {
    let mut reader = state.store.read().await?;
    if let Some(stored) = reader.latest_document(company, &object.kind, &object.id, name).await? {
        let bytes = reader.blob(company, &stored.sha256).await?;
        let name = file_name(&object, name, true);
        return Ok(File { media_type: stored.media_type, name, sha256: stored.sha256, bytes });
    }
    let source = Source::gather(&mut reader, &state.registry, company, object).await?;
    drop(reader);
    let _permit = state.drafts.acquire().await.map_err(|_| ProblemDetails::unavailable("the service is stopping"))?;
    draft(state.registry.clone(), source, name.to_owned()).await
}

/// What a draft is rendered from.
struct Source {
    company: Company,
    object: Object,
    related: Vec<Object>,
    approvals: Vec<Approved>,
}

impl Source {
    async fn gather(
        session: &mut Session,
        registry: &Registry,
        company: &str,
        object: Object,
    ) -> Result<Self, StoreError> {
        let named =
            registry.kind(&object.kind).map(|(installed, _)| installed.module.related(&object)).unwrap_or_default();
        let mut related = Vec::with_capacity(named.len());
        for (kind, id) in &named {
            match session.object(company, kind, id).await {
                Ok(found) => related.push(found),
                // The draft is still worth seeing without it.
                Err(StoreError::Missing { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let approvals = match &object.instance {
            Some(instance) => Approved::standing(&session.instance(company, instance).await?.0),
            None => Vec::new(),
        };
        Ok(Self { company: session.company(company).await?, object, related, approvals })
    }
}

/// Rendering takes long enough to keep other requests of the same thread waiting, so it gets a thread of its own.
async fn draft(registry: Registry, source: Source, name: String) -> Result<File, ProblemDetails> {
    let rendered = tokio::task::spawn_blocking(move || {
        let (installed, _) = registry.kind(&source.object.kind).ok_or_else(unknown_kind)?;
        let Source { company, object, related, approvals } = &source;
        let rendering = Rendering { company, object, related, approvals, is_final: false };
        let bytes = installed.module.render(&rendering).map_err(unrendered)?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        Ok(File { media_type: media_type(&name).to_owned(), name: file_name(object, &name, false), sha256, bytes })
    });
    rendered.await.map_err(|error| {
        tracing::error!(%error, "rendering a draft panicked");
        ProblemDetails::internal()
    })?
}

fn unknown_kind() -> ProblemDetails {
    ProblemDetails::not_found("the module of this object is not installed")
}

fn unrendered(error: ActionError) -> ProblemDetails {
    match error {
        ActionError::Retry { cause, .. } => {
            ProblemDetails::unavailable(format!("the document cannot be rendered now: {cause}"))
        }
        ActionError::GiveUp { cause, .. } => {
            let detail = format!("the document cannot be rendered: {cause}");
            ProblemDetails::new(StatusCode::CONFLICT, "no-document", "There is no document yet", detail)
        }
    }
}

/// By the ending of the name in the manifest.
fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The number, or the id, with the ending of the document; only letters that every system takes in file names.
fn file_name(object: &Object, document: &str, is_final: bool) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let stem: String = object.number.as_ref().unwrap_or(&object.id).chars().map(safe).take(100).collect();
    let ending = document.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).unwrap_or_default();
    let draft = if is_final { "" } else { "-draft" };
    format!("{stem}{draft}{ending}")
}

impl File {
    /// The answer to whoever may see it; 304 if the client has it already.
    fn answer(self, headers: &HeaderMap) -> Response {
        let etag = etag::strong(&self.sha256);
        etag::tagged(headers, &etag, || {
            let headers = [
                (header::CONTENT_TYPE, self.media_type),
                (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}\"", self.name)),
                (header::CONTENT_SECURITY_POLICY, DOCUMENT_POLICY.to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, self.bytes).into_response()
        })
    }
}
