//! The paths that tell how modules do, and what can be reached.

use super::parts::{answers_get, content, path_parameter, takes};
use serde_json::{Map, Value, json};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let one = "/api/v1/{company}/modules/{name}";
    paths.insert(format!("{one}/health"), told("read_module_health", "How does a module do?", HEALTH, health()));
    paths.insert(format!("{one}/usage"), told("read_module_usage", "What does a module take?", USAGE, usage()));
    paths.insert("/api/v1/{company}/registry/services".to_owned(), services());
}

const HEALTH: &str = "The word and the checks that it comes from, as the node that answers has counted.";
const USAGE: &str = "Its limits, and what it took of them on the node that answers.";

fn told(id: &str, summary: &str, about: &str, shape: Value) -> Value {
    let name = path_parameter("name", "The module.", json!({ "type": "string" }));
    let parameters: Vec<Value> = takes(&["Company"]).into_iter().chain([name]).collect();
    let good = json!({ "200": { "description": about, "content": content(&shape) } });
    json!({
        "parameters": parameters,
        "get": {
            "operationId": id,
            "tags": ["Modules"],
            "summary": summary,
            "description": about,
            "responses": answers_get(good),
        },
    })
}

fn status() -> Value {
    json!({ "enum": ["ok", "degraded", "failing"] })
}

fn health() -> Value {
    let text = json!({ "type": "string" });
    let check = json!({ "type": "object", "required": ["name", "status", "message"],
        "properties": { "name": text, "status": status(), "message": text } });
    json!({ "type": "object", "required": ["module", "status", "checks"],
        "properties": { "module": text, "status": status(), "checks": { "type": "array", "items": check } } })
}

fn usage() -> Value {
    let fields = ["limits", "requests", "tasks", "limits_hit", "window"];
    let groups = fields.map(|name| (name.to_owned(), json!({ "type": "object" })));
    let mut properties = Map::from_iter(groups);
    properties.insert("module".to_owned(), json!({ "type": "string" }));
    properties.insert("connections_in_use".to_owned(), json!({ "type": "integer" }));
    json!({ "type": "object", "required": ["module", "limits", "requests", "tasks", "limits_hit"], "properties": properties })
}

fn services() -> Value {
    let text = json!({ "type": "string" });
    let service = json!({ "type": "object", "required": ["name", "version", "base_path", "endpoints", "health"],
        "properties": { "name": text, "version": text, "base_url": text, "base_path": text, "health": status(),
            "endpoints": { "type": "array", "items": { "type": "object" } } } });
    let page = json!({ "type": "object", "required": ["services"],
        "properties": { "services": { "type": "array", "items": service } } });
    let good = json!({ "200": { "description": "The services.", "content": content(&page) } });
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "list_services",
            "tags": ["Modules"],
            "summary": "What can be reached, in which version, and how does it do?",
            "responses": answers_get(good),
        },
    })
}
