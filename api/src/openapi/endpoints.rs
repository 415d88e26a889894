//! The paths of the requests that modules answer by themselves.

use super::objects::embedded;
use super::parts::{answers_get, answers_post, content, path_parameter, reference, takes};
use modules::{Catalogue, Endpoint, Installed, Method};
use serde_json::{Map, Value, json};

/// Adds the path of every endpoint.
pub(super) fn paths(catalogue: &Catalogue, paths: &mut Map<String, Value>) {
    for (installed, endpoint) in endpoints(catalogue) {
        let path = format!("/api/v1/{{company}}/{}/-/{}", installed.manifest.name, endpoint.path);
        let item = paths.entry(path).or_insert_with(|| json!({ "parameters": parameters(endpoint) }));
        item[endpoint.method.name().to_lowercase()] = operation(installed, endpoint);
    }
}

/// Adds what is sent and answered.
pub(super) fn schemas(catalogue: &Catalogue, schemas: &mut Map<String, Value>) {
    for (installed, endpoint) in endpoints(catalogue) {
        for (what, file) in [("request", &endpoint.request), ("response", &endpoint.response)] {
            // A file that cannot be read is no reason to describe nothing.
            let document = file.as_ref().and_then(|file| installed.module().package().json(file).ok());
            let name = schema_name(installed, endpoint, what);
            schemas.extend(document.map(|document| (name.clone(), embedded(document, &name))));
        }
    }
}

fn endpoints(catalogue: &Catalogue) -> impl Iterator<Item = (&Installed, &Endpoint)> {
    let modules = catalogue.modules().iter();
    modules
        .flat_map(|installed| installed.manifest.endpoints.iter().map(move |endpoint| (installed.as_ref(), endpoint)))
}

fn parameters(endpoint: &Endpoint) -> Vec<Value> {
    let text = json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let named = endpoint.names().map(|name| path_parameter(name, "Part of the path.", text.clone()));
    takes(&["Company"]).into_iter().chain(named).collect()
}

fn operation(installed: &Installed, endpoint: &Endpoint) -> Value {
    let good =
        json!({ "2XX": { "description": "What the module answers.", "content": answered(installed, endpoint) } });
    let (responses, takes) = match endpoint.method {
        Method::Get => (answers_get(good), Vec::new()),
        _ => (answers_post(good), takes(&["IdempotencyKey"])),
    };
    let mut operation = json!({
        "operationId": id(installed, endpoint),
        "tags": [installed.manifest.title],
        "summary": endpoint.title,
        "description": format!("Needs the permission {}.", endpoint.permission),
        "parameters": takes,
        "responses": responses,
    });
    if endpoint.request.is_some() {
        let body = content(&reference("schemas", &schema_name(installed, endpoint, "request")));
        operation["requestBody"] = json!({ "required": true, "content": body });
    }
    operation
}

fn answered(installed: &Installed, endpoint: &Endpoint) -> Value {
    match endpoint.response {
        Some(_) => content(&reference("schemas", &schema_name(installed, endpoint, "response"))),
        None => content(&json!({})),
    }
}

/// `travel.get-trips-id-cost.response`
fn schema_name(installed: &Installed, endpoint: &Endpoint, what: &str) -> String {
    format!("{}.{}.{what}", installed.manifest.name, words(endpoint).join("-"))
}

/// `get_trips_id_cost_of_travel`
fn id(installed: &Installed, endpoint: &Endpoint) -> String {
    format!("{}_of_{}", words(endpoint).join("_"), installed.manifest.name)
}

fn words(endpoint: &Endpoint) -> Vec<String> {
    let parts = endpoint.path.split('/').map(|part| part.trim_matches(['{', '}']).to_owned());
    std::iter::once(endpoint.method.name().to_lowercase()).chain(parts).collect()
}
