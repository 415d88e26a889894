//! The document of an object, for pages and programs: the final one if it was made of the revision that stands now, a
//! draft otherwise.

use crate::pages::DOCUMENT_POLICY;
use crate::rest::etag;
use crate::state::AppState;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use modules::{ActionError, Approved, Catalogue, Rendering, variables};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use store::{Company, Object, Session, StoreError};

/// A document with what its answer needs.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// `application/pdf`.
    pub(crate) media_type: String,
    /// Under which name it is saved: `PO-2026-000017.pdf`.
    pub(crate) name: String,
    /// SHA-256 of the bytes, in hex.
    pub(crate) sha256: String,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Why there is no document now.
#[derive(Debug)]
pub(crate) enum NoDocument {
    /// The store.
    Store(StoreError),
    /// The module cannot render it, now or at all.
    Module(ActionError),
}

impl From<StoreError> for NoDocument {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The file of that name of an object, stored or drawn up now.
pub(crate) async fn load(state: &AppState, company: &str, object: Object, file: &str) -> Result<Document, NoDocument> {
    let mut reader = state.store.read().await?;
    if let Some(stored) = stored(&mut reader, company, &object, file).await? {
        return Ok(stored);
    }
    let catalogue = state.registry.of(&mut reader, company).await?;
    let source = Source::gather(&mut reader, &catalogue, company, object).await?;
    drop(reader);
    let stopping = |error| ActionError::retry("Document.Stopping", error);
    let _permit = state.drafts.acquire().await.map_err(|error| NoDocument::Module(stopping(error)))?;
    draft(catalogue, source, file.to_owned()).await
}

/// The final document, if it was made of the revision that stands now.
pub(crate) async fn stored(
    session: &mut Session,
    company: &str,
    object: &Object,
    file: &str,
) -> Result<Option<Document>, StoreError> {
    let kept = session.latest_document(company, &object.kind, &object.id, file).await?;
    let Some(kept) = kept.filter(|kept| kept.revision == object.revision) else { return Ok(None) };
    let bytes = session.blob(company, &kept.sha256).await?;
    let (media_type, name) = (kept.media_type, file_name(object, file, true));
    Ok(Some(Document { media_type, name, sha256: kept.sha256, bytes }))
}

/// What a draft is rendered from.
struct Source {
    company: Company,
    object: Object,
    related: Vec<Object>,
    approvals: Vec<Approved>,
    variables: Map<String, Value>,
}

impl Source {
    async fn gather(
        session: &mut Session,
        catalogue: &Catalogue,
        company: &str,
        object: Object,
    ) -> Result<Self, StoreError> {
        let related = related(session, catalogue, company, &object).await?;
        let (approvals, variables) = match &object.instance {
            Some(instance) => {
                let (instance, _) = session.instance(company, instance).await?;
                (Approved::standing(&instance), variables(&instance))
            }
            None => (Vec::new(), Map::new()),
        };
        Ok(Self { company: session.company(company).await?, object, related, approvals, variables })
    }
}

/// The objects that an object names. What is not there any more is left out: the others are still worth seeing.
pub(crate) async fn related(
    session: &mut Session,
    catalogue: &Catalogue,
    company: &str,
    object: &Object,
) -> Result<Vec<Object>, StoreError> {
    let named =
        catalogue.kind(&object.kind).map(|(installed, _)| installed.module().related(object)).unwrap_or_default();
    let mut related = Vec::with_capacity(named.len());
    for (kind, id) in &named {
        match session.object(company, kind, id).await {
            Ok(found) => related.push(found),
            Err(StoreError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(related)
}

/// Rendering takes long enough to keep other requests of the same thread waiting, so it gets a thread of its own.
async fn draft(catalogue: Arc<Catalogue>, source: Source, file: String) -> Result<Document, NoDocument> {
    let rendered = tokio::task::spawn_blocking(move || render(&catalogue, &source, &file)).await;
    rendered.map_err(|error| StoreError::Corrupt(format!("rendering a draft: {error}")))?
}

fn render(catalogue: &Catalogue, source: &Source, file: &str) -> Result<Document, NoDocument> {
    let Source { company, object, related, approvals, variables } = source;
    let unknown = || StoreError::Missing { what: "module of", id: object.kind.clone() };
    let (installed, _) = catalogue.kind(&object.kind).ok_or_else(unknown)?;
    let rendering = Rendering { company, object, related, approvals, variables, is_final: false };
    let bytes = installed.module().render(&rendering).map_err(NoDocument::Module)?;
    let (media_type, name) = (media_type(file).to_owned(), file_name(object, file, false));
    Ok(Document { media_type, name, sha256: hex::encode(Sha256::digest(&bytes)), bytes })
}

/// By the ending of the name in the manifest.
fn media_type(file: &str) -> &'static str {
    match file.rsplit('.').next() {
        Some("pdf") => "application/pdf",
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The number, or the id, with the ending of the document.
pub(crate) fn file_name(object: &Object, file: &str, is_final: bool) -> String {
    let stem = object.number.as_ref().unwrap_or(&object.id);
    let ending = file.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).unwrap_or_default();
    let draft = if is_final { "" } else { "-draft" };
    safe_name(&format!("{stem}{draft}{ending}"))
}

/// A file name that is safe in a header and on every disk: letters, digits, `.`, `-` and `_`.
pub(crate) fn safe_name(text: &str) -> String {
    let safe = |letter: char| if letter.is_ascii_alphanumeric() || "-_.".contains(letter) { letter } else { '-' };
    let name: String = text.chars().take(100).map(safe).collect();
    let name = name.trim_start_matches('.');
    if name.is_empty() { "file".to_owned() } else { name.to_owned() }
}

impl Document {
    /// The answer to whoever may see it; 304 if the client has it already. Only our own pages may frame it.
    pub(crate) fn answer(self, headers: &HeaderMap) -> Response {
        etag::tagged(headers, &etag::strong(&self.sha256), || {
            let headers = [
                (header::CONTENT_TYPE, self.media_type),
                (header::CONTENT_DISPOSITION, format!("inline; filename=\"{}\"", self.name)),
                (header::CONTENT_SECURITY_POLICY, DOCUMENT_POLICY.to_owned()),
                (header::X_FRAME_OPTIONS, "SAMEORIGIN".to_owned()),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            ];
            (headers, self.bytes).into_response()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_tame() {
        assert_eq!(safe_name("PO 1/\"2\"\r\nü.pdf"), "PO-1--2----.pdf");
        assert_eq!(safe_name(".."), "file");
    }
}
