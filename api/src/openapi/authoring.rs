//! The paths and shapes of definitions, and of starting an instance by hand.

use super::parts::{answers_get, answers_post, content, done, ok, reference, takes};
use serde_json::{Map, Value, json};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let all = [
        ("/api/v1/{company}/definitions", definitions()),
        ("/api/v1/{company}/definitions/{name}/{version}", definition()),
        ("/api/v1/{company}/instances", instances()),
    ];
    paths.extend(all.map(|(path, item)| (path.to_owned(), item)));
}

/// Adds the schemas.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let (text, whole) = (|| json!({ "type": "string" }), || json!({ "type": "integer", "minimum": 1 }));
    let named = json!({ "name": text(), "version": whole() });
    let mut line = named.clone();
    line["saved_at"] = json!({ "type": "string", "format": "date-time" });
    line["comment"] = json!({ "description": "The Comment of the definition." });
    let mut whole_definition = line.clone();
    whole_definition["definition"] = json!({ "type": "object" });
    let answer = |properties: &Value, required: &[&str]| json!({ "type": "object", "required": required, "properties": properties });
    let items = json!({ "items": { "type": "array", "items": reference("schemas", "DefinitionLine") } });
    let all = [
        ("SavingDefinition", saving()),
        ("SavedDefinition", answer(&named, &["name", "version"])),
        ("DefinitionLine", answer(&line, &["name", "version", "saved_at"])),
        ("DefinitionPage", answer(&items, &["items"])),
        ("DefinitionVersion", answer(&whole_definition, &["name", "version", "saved_at", "definition"])),
        ("Starting", starting()),
    ];
    schemas.extend(all.map(|(name, schema)| (name.to_owned(), schema)));
}

fn saving() -> Value {
    json!({
        "type": "object",
        "required": ["name", "definition"],
        "additionalProperties": false,
        "properties": {
            "name": { "type": "string", "maxLength": 100, "pattern": "^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$" },
            "definition": { "type": "object", "description": "Amazon States Language with the state type Approval." },
        },
    })
}

fn starting() -> Value {
    json!({
        "type": "object",
        "required": ["definition"],
        "additionalProperties": false,
        "properties": {
            "definition": { "type": "string", "description": "A name; the latest version is taken and kept." },
            "input": { "description": "The input of the first state; an empty object when absent." },
            "requester": { "type": ["string", "null"], "description": "On whose behalf: the id of a person." },
        },
    })
}

fn definitions() -> Value {
    let mut body = content(&reference("schemas", "SavingDefinition"));
    let nothing = json!({ "QueryLanguage": "JSONata", "StartAt": "Done", "States": { "Done": { "Type": "Succeed" } } });
    body["application/json"]["example"] = json!({ "name": "office/nothing", "definition": nothing });
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "list_definitions",
            "tags": ["Workflows"],
            "summary": "List definitions",
            "description": "The latest version of each. Needs the role admin.",
            "responses": answers_get(ok("The definitions, by name.", "DefinitionPage")),
        },
        "put": {
            "operationId": "save_definition",
            "tags": ["Workflows"],
            "summary": "Save a definition",
            "description": "As the next version of its name, unless the latest version is the same. Instances keep \
                the version that they were started with. Needs the role admin.",
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(done("The version that has this text.", "SavedDefinition")),
        },
    })
}

fn definition() -> Value {
    let part = |name: &str, schema: Value, about: &str| json!({ "name": name, "in": "path", "required": true, "description": about, "schema": schema });
    let name = part("name", json!({ "type": "string" }), "The name, with %2F for each slash.");
    let version = part("version", json!({ "type": "integer", "minimum": 1 }), "The version.");
    let parameters: Vec<Value> = takes(&["Company"]).into_iter().chain([name, version]).collect();
    json!({
        "parameters": parameters,
        "get": {
            "operationId": "read_definition",
            "tags": ["Workflows"],
            "summary": "Read a version of a definition",
            "description": "Needs the role admin.",
            "responses": answers_get(ok("The version, as it was saved.", "DefinitionVersion")),
        },
    })
}

fn instances() -> Value {
    let mut body = content(&reference("schemas", "Starting"));
    body["application/json"]["example"] = json!({ "definition": "office/nothing", "input": { "n": 1 } });
    let headers = json!({
        "Location": reference("headers", "Location"),
        "Idempotency-Replayed": reference("headers", "IdempotencyReplayed"),
    });
    let made = content(&reference("schemas", "Standing"));
    let good = json!({ "201": { "description": "It is started.", "headers": headers, "content": made } });
    json!({
        "parameters": takes(&["Company"]),
        "post": {
            "operationId": "start_instance",
            "tags": ["Workflows"],
            "summary": "Start an instance",
            "description": "Without an object. Needs the role admin; the workflows of objects are started by making \
                the object.",
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(good),
        },
    })
}
