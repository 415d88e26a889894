//! The description of the REST interface: OpenAPI 3.1, made from what is installed, for programs and for people.
//!
//! One file a subject: `fixed` has the paths that every installation has, `authoring` those of definitions, `installed` those of what is installed, `objects` those of the modules' objects,
//! `schemas` the shapes of answers, `parts` the pieces that paths are put together from.

mod authoring;
mod endpoints;
mod fixed;
mod installed;
mod module_logs;
mod objects;
mod outside;
mod parts;
mod schemas;
mod subscriptions;
#[cfg(test)]
mod tests;
mod watched;

use crate::auth::Authenticated;
use crate::pages;
use crate::pages::openapi::ApiPage;
use crate::problem::ProblemDetails;
use crate::state::AppState;
use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use modules::Catalogue;
use serde_json::{Map, Value, json};

/// Where the document for programs is.
pub const DOCUMENT: &str = "/openapi.json";

/// `/openapi.json` and the readable page `/openapi`.
pub fn routes() -> Router<AppState> {
    Router::new().route(DOCUMENT, get(for_programs)).route("/openapi", get(for_people))
}

async fn for_programs(State(state): State<AppState>) -> Json<Value> {
    Json(document(state.registry.built_in(), &state.settings.base_url))
}

/// `GET /api/v1/{company}/openapi.json`: what this company has installed, as it is now.
pub(crate) async fn of_company(
    State(state): State<AppState>,
    Authenticated(caller): Authenticated,
) -> Result<Json<Value>, ProblemDetails> {
    let catalogue = state.catalogue(&caller.company).await?;
    let mut document = document(&catalogue, &state.settings.base_url);
    // The description is of this company, so its paths have no other.
    document["components"]["parameters"]["Company"]["schema"] = json!({ "type": "string", "enum": [caller.company] });
    Ok(Json(document))
}

async fn for_people(State(state): State<AppState>) -> Response {
    let page = ApiPage::read(&document(state.registry.built_in(), &state.settings.base_url), DOCUMENT);
    pages::respond(StatusCode::OK, &page)
}

/// The OpenAPI 3.1 document of an installation that is reached at `base_url`.
pub fn document(catalogue: &Catalogue, base_url: &str) -> Value {
    let mut paths = Map::new();
    objects::paths(catalogue, &mut paths);
    endpoints::paths(catalogue, &mut paths);
    authoring::paths(&mut paths);
    installed::paths(&mut paths);
    watched::paths(&mut paths);
    subscriptions::paths(&mut paths);
    module_logs::paths(&mut paths);
    fixed::paths(&mut paths);
    outside::paths(&mut paths);
    json!({
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Countersign",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "A durable approval service",
            "description": ABOUT,
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": base_url }],
        "security": [{ "bearer": [] }],
        "tags": tags(catalogue),
        "paths": paths,
        "components": {
            "schemas": all_schemas(catalogue),
            "parameters": parts::parameters(),
            "headers": parts::headers(),
            "responses": parts::responses(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of a person, valid in one company.",
                },
            },
        },
    })
}

const ABOUT: &str = "Submit business objects, see who is asked and why, decide, and follow what happened.\n\n\
    Amounts are decimal strings, times are RFC 3339 in UTC, ids are opaque.\n\n\
    Send an Idempotency-Key with every POST: then sending it again after a broken connection gives the answer of the \
    first time and changes nothing twice.\n\n\
    Whatever is refused is told as a problem (RFC 9457) with a stable code, every defect of the input at once and the \
    place of each.";

fn tags(catalogue: &Catalogue) -> Vec<Value> {
    let modules = catalogue
        .modules()
        .iter()
        .map(|installed| json!({ "name": installed.manifest.title, "description": installed.manifest.description }));
    let fixed = fixed::TAGS.iter().map(|(name, description)| json!({ "name": name, "description": description }));
    modules.chain(fixed).collect()
}

fn all_schemas(catalogue: &Catalogue) -> Value {
    let mut schemas = schemas::fixed();
    authoring::schemas(&mut schemas);
    installed::schemas(&mut schemas);
    subscriptions::schemas(&mut schemas);
    module_logs::schemas(&mut schemas);
    objects::schemas(catalogue, &mut schemas);
    endpoints::schemas(catalogue, &mut schemas);
    Value::Object(schemas)
}
