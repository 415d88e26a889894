//! Definitions: save a version, list them, read one.

use super::body::Body;
use super::idempotency::{Answer, Answered, once};
use super::moment::rfc3339;
use super::params::{At, Params};
use super::post::Post;
use crate::auth::{Authenticated, require_admin};
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use modules::Catalogue;
use serde_json::{Value, json};
use store::SavedDefinition;
use workflow::{DefinitionRef, Problem};

/// The longest name.
const MAX_NAME_CHARS: usize = 100;

/// A definition that is sent.
#[derive(Debug, Clone)]
struct Saving {
    name: String,
    document: Value,
}

/// `PUT /api/v1/{company}/definitions`
pub(crate) async fn save(
    State(app): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
    post: Post,
) -> Result<Answered, ProblemDetails> {
    Params::none(&uri)?;
    require_admin(&caller)?;
    let catalogue = app.catalogue(&caller.company).await?;
    let Saving { name, document } = Saving::read(post.json()?, &catalogue)?;
    let company = caller.company.clone();
    let answered = once(&app, &caller, &post, move |unit| {
        let (company, name, document) = (company.clone(), name.clone(), document.clone());
        Box::pin(async move {
            let DefinitionRef { name, version } = unit.save_definition(&company, &name, &document).await?;
            Ok(Answer { status: StatusCode::OK, body: json!({ "name": name, "version": version }) })
        })
    });
    answered.await
}

impl Saving {
    fn read(value: Value, catalogue: &Catalogue) -> Result<Self, ProblemDetails> {
        let mut body = Body::of(value)?;
        let (name, document) = (body.required("name"), body.value("definition"));
        body.finish()?;
        let mut problems = Vec::from_iter(in_name(&name));
        match &document {
            Some(document) => problems.extend(catalogue.check_definition(document).into_iter().map(below)),
            None => problems.push(Problem::new("/definition", "missing", "is missing; add it")),
        }
        match document {
            Some(document) if problems.is_empty() => Ok(Self { name, document }),
            _ => Err(ProblemDetails::invalid(&problems)),
        }
    }
}

/// Names are parts of paths and of sentences: `purchasing/order`.
fn in_name(name: &str) -> Option<Problem> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let fits = name.len() <= MAX_NAME_CHARS
        && name.split('/').all(|part| !part.is_empty() && part.chars().all(letter) && part != "." && part != "..");
    let message =
        format!("must be letters, digits, \"-\", \"_\" and \".\" in parts divided by \"/\", {MAX_NAME_CHARS} at most");
    (!fits).then(|| Problem::new("/name", "name", message))
}

/// Problems of a definition stand where the caller sent it.
fn below(problem: Problem) -> Problem {
    Problem { pointer: format!("/definition{}", problem.pointer), ..problem }
}

/// `GET /api/v1/{company}/definitions`
pub(crate) async fn list(
    State(app): State<AppState>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    require_admin(&caller)?;
    Params::none(&uri)?;
    let saved = app.store.read().await?.latest_definitions(&caller.company).await?;
    Ok(Json(json!({ "items": saved.iter().map(line).collect::<Vec<_>>() })))
}

/// `GET /api/v1/{company}/definitions/{name}/{version}`
pub(crate) async fn read(
    State(app): State<AppState>,
    At((_, name, version)): At<(String, String, u32)>,
    Authenticated(caller): Authenticated,
    uri: Uri,
) -> Result<Json<Value>, ProblemDetails> {
    require_admin(&caller)?;
    Params::none(&uri)?;
    let saved = app.store.read().await?.saved_definition(&caller.company, &DefinitionRef { name, version }).await?;
    let mut document = line(&saved);
    document["definition"] = saved.document;
    Ok(Json(document))
}

fn line(saved: &SavedDefinition) -> Value {
    let DefinitionRef { name, version } = &saved.reference;
    json!({ "name": name, "version": version, "saved_at": rfc3339(saved.created_at), "comment": saved.document.get("Comment") })
}
