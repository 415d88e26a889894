//! Files that people attach to an object: `.../{id}/attachments` and `.../{id}/attachments/{name}`.

use super::guard;
use crate::auth::Authenticated;
use crate::problem::ProblemDetails;
use crate::rest::etag;
use crate::rest::moment::rfc3339;
use crate::rest::params::{At, Params};
use crate::rest::upload::Upload;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures::FutureExt;
use modules::text::direction_sign;
use modules::{Caller, Collection, Operation, Seen, Target};
use serde_json::{Value, json};
use store::{Attachment, NewAttachment};

/// The longest name of a file.
const MAX_NAME_CHARS: usize = 200;
/// What a browser may do with a file that anybody may have made: nothing.
const POLICY: &str = "default-src 'none'; sandbox";

type Place = At<(String, String, String, String, String)>;

/// The files of an object.
pub(crate) async fn list(
    State(state): State<AppState>,
    At((_, module, collection, id)): At<(String, String, String, String)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let kind = offered(guard(&catalogue, &caller, (&module, &collection), Operation::Read)?)?.kind();
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    reader.object(&caller.company, &kind, &id).await?;
    let items: Vec<Value> = reader.attachments(&caller.company, &kind, &id).await?.iter().map(shown).collect();
    Ok(Json(json!({ "items": items })))
}

/// The bytes of a file, to be saved and never to be shown in our name.
pub(crate) async fn read(
    State(state): State<AppState>,
    At((_, module, collection, id, name)): Place,
    Authenticated(caller): Authenticated,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let kind = offered(guard(&catalogue, &caller, (&module, &collection), Operation::Read)?)?.kind();
    Params::none(&uri)?;
    let mut reader = state.store.read().await?;
    reader.object(&caller.company, &kind, &id).await?;
    let found = reader.attachment(&caller.company, &kind, &id, &name).await?.ok_or_else(|| missing(&name))?;
    let bytes = reader.blob(&caller.company, &found.sha256).await?;
    Ok(etag::tagged(&headers, &etag::strong(&found.sha256), || {
        let headers = [
            (header::CONTENT_TYPE, found.media_type.clone()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", super::segment(&found.name))),
            (header::CONTENT_SECURITY_POLICY, POLICY.to_owned()),
        ];
        (headers, bytes).into_response()
    }))
}

/// Attaches a file, in place of the one of this name.
pub(crate) async fn put(
    State(state): State<AppState>,
    At((_, module, collection, id, name)): Place,
    Authenticated(caller): Authenticated,
    uri: Uri,
    upload: Upload,
) -> Result<Response, ProblemDetails> {
    let offers_update = changeable(&state, &caller, (&module, &collection)).await?;
    Params::none(&uri)?;
    let (name, target) = (sane(name)?, Target { module, collection, id, seen: Seen::Any });
    let (registry, by) = (state.registry.clone(), caller.clone());
    let written = state.store.write(move |unit| {
        let (registry, by, name, upload) = (registry.clone(), by.clone(), name.clone(), upload.clone());
        let target = target.clone();
        async move {
            let object = registry.changeable(unit, &by.company, &target).await?;
            if !offers_update && object.created_by != by.person.id {
                return Ok(Put::OfAnother);
            }
            let kind = object.kind;
            let was_there = unit.attachment(&by.company, &kind, &target.id, &name).await?.is_some();
            if !offers_update && was_there {
                return Ok(Put::Stays);
            }
            let Upload { media_type, bytes } = upload;
            let new = NewAttachment { kind, object: target.id, name, media_type, bytes: bytes.to_vec() };
            let attached = unit.put_attachment(&by.company, &new, &by.person.id).await?;
            Ok(Put::Done(if was_there { StatusCode::OK } else { StatusCode::CREATED }, attached))
        }
        .boxed()
    });
    let (status, attached) = match written.await? {
        Put::Done(status, attached) => (status, attached),
        Put::OfAnother => {
            let detail = "nobody may change such an object, so only who made it may add files";
            return Err(ProblemDetails::forbidden(detail));
        }
        Put::Stays => return Err(stays()),
    };
    let tag = [(header::ETAG, etag::strong(&attached.sha256))];
    Ok((status, tag, Json(shown(&attached))).into_response())
}

/// Takes a file away.
pub(crate) async fn delete(
    State(state): State<AppState>,
    At((_, module, collection, id, name)): Place,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<StatusCode, ProblemDetails> {
    if !changeable(&state, &caller, (&module, &collection)).await? {
        return Err(stays());
    }
    Params::none(&uri)?;
    let target = Target { module, collection, id, seen: Seen::Any };
    let (registry, company, wanted) = (state.registry.clone(), caller.company.clone(), name.clone());
    let deleted = state.store.write(move |unit| {
        let (registry, company, name) = (registry.clone(), company.clone(), wanted.clone());
        let target = target.clone();
        async move {
            let object = registry.changeable(unit, &company, &target).await?;
            unit.delete_attachment(&company, &object.kind, &object.id, &name).await
        }
        .boxed()
    });
    if deleted.await? { Ok(StatusCode::NO_CONTENT) } else { Err(missing(&name)) }
}

/// What came of a file that was sent.
enum Put {
    Done(StatusCode, Attachment),
    /// Nobody may change the object, and somebody else made it.
    OfAnother,
    /// Nobody may change the object, and there is a file of this name.
    Stays,
}

/// Whether objects of this kind are changed at all. Who may change one may change its files; where nobody may, who made
/// one adds files to it, and they stay as they are.
async fn changeable(state: &AppState, caller: &Caller, place: (&str, &str)) -> Result<bool, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let collection = offered(guard(&catalogue, caller, place, Operation::Read)?)?;
    let offers = collection.object_type.permission(Operation::Update).is_some();
    let operation = if offers { Operation::Update } else { Operation::Create };
    guard(&catalogue, caller, place, operation).map(|_| offers)
}

fn stays() -> ProblemDetails {
    let detail =
        "nobody may change such an object, so its files are neither replaced nor deleted; add one of another name";
    ProblemDetails::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "Another method is needed", detail)
        .with(header::ALLOW, HeaderValue::from_static("GET,HEAD"))
}

fn offered(collection: Collection<'_>) -> Result<Collection<'_>, ProblemDetails> {
    if collection.object_type.attachments {
        return Ok(collection);
    }
    Err(ProblemDetails::not_found(format!("{} takes no attachments; its manifest says so", collection.kind())))
}

fn missing(name: &str) -> ProblemDetails {
    ProblemDetails::not_found(format!("there is no attachment \"{name}\""))
}

/// A name that is safe on every disk that the file is saved to, but for its letters.
fn sane(name: String) -> Result<String, ProblemDetails> {
    let is_path = name.contains(['/', '\\']) || name.starts_with('.') || name.trim() != name;
    let is_long = !(1..=MAX_NAME_CHARS).contains(&name.chars().count());
    if is_path || is_long || direction_sign(&name).is_some() {
        let detail = format!(
            "the name of a file has 1 to {MAX_NAME_CHARS} characters, no slashes, no dot or space at its beginning, and no invisible signs"
        );
        return Err(ProblemDetails::bad_request("file-name", detail));
    }
    Ok(name)
}

fn shown(attachment: &Attachment) -> Value {
    let Attachment { name, media_type, length, sha256, at, by } = attachment;
    json!({ "name": name, "media_type": media_type, "length": length, "sha256": sha256, "at": rfc3339(*at), "by": by })
}

#[cfg(test)]
mod tests {
    use super::sane;

    #[test]
    fn names_lead_nowhere() {
        for name in ["offer.pdf", "Angebot März.pdf", "a", "報価.pdf"] {
            assert!(sane(name.to_owned()).is_ok(), "{name}");
        }
        for name in ["", "..", ".bashrc", "a/b", "a\\b", " a", "a\u{202E}fdp.exe", &"x".repeat(201)] {
            assert!(sane(name.to_owned()).is_err(), "{name}");
        }
    }
}
