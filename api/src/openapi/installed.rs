//! The paths and shapes of what a company has installed.

use super::parts::{answers_get, answers_post, content, ok, query, reference, takes};
use serde_json::{Map, Value, json};

/// Adds the paths.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let one = "/api/v1/{company}/modules/{name}";
    let change =
        |id: &str, summary: &str, about: &str| json!({ "parameters": named(), "post": changed(id, summary, about) });
    let all = [
        ("/api/v1/{company}/openapi.json".to_owned(), description()),
        ("/api/v1/{company}/modules".to_owned(), modules()),
        (one.to_owned(), module()),
        (format!("{one}/config"), config()),
        (format!("{one}/config/rollback"), config_rollback()),
        (format!("{one}/update"), update()),
        (format!("{one}/enable"), change("enable_module", "Enable a module", "It may be used again.")),
        (format!("{one}/disable"), change("disable_module", "Disable a module", "It is set aside; its data is kept.")),
        (
            format!("{one}/purge"),
            change(
                "purge_module",
                "Purge a module",
                "What it has left behind after it was taken out is deleted for good.",
            ),
        ),
        (
            format!("{one}/rollback"),
            change("roll_back_module", "Roll a module back", "It is what it was before its last change."),
        ),
    ];
    paths.extend(all);
}

/// Adds the schemas.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let text = || json!({ "type": "string" });
    let line = json!({
        "type": "object",
        "required": ["name", "version", "state", "compiled_in"],
        "properties": {
            "name": text(),
            "version": text(),
            "title": text(),
            "description": text(),
            "state": { "enum": ["enabled", "draining", "disabled"] },
            "sha256": { "type": ["string", "null"], "description": "Of its package file; null if it is compiled in." },
            "compiled_in": { "type": "boolean" },
        },
    });
    let page = json!({
        "type": "object",
        "required": ["items", "generation"],
        "properties": {
            "items": { "type": "array", "items": reference("schemas", "ModuleLine") },
            "generation": { "type": "integer", "description": "The number of the list; 0 is what is compiled in." },
            "last_change": { "type": ["object", "null"], "description": "The change that is under way, or was the last." },
        },
    });
    let begun = json!({
        "type": "object",
        "required": ["plan"],
        "properties": {
            "instance": { "type": "string", "description": "The instance that does it. Absent with plan=true." },
            "status": text(),
            "plan": { "type": "object", "description": "What is or would be done; its id is what consent names." },
        },
    });
    let named = json!({
        "type": "object",
        "required": ["module"],
        "additionalProperties": false,
        "properties": { "module": text(), "version": { "type": ["string", "null"] } },
    });
    let detail =
        json!({ "type": "object", "required": ["name", "state"], "properties": { "name": text(), "state": text() } });
    let all = [
        ("ModuleLine", line),
        ("ModulePage", page),
        ("ModuleDetail", detail),
        ("ModuleChange", begun),
        ("ModuleNamed", named),
        (
            "ModuleConfig",
            json!({ "type": "object", "required": ["module", "version", "config"], "properties": {
            "module": text(), "version": { "type": "integer" }, "config": { "type": "object" } } }),
        ),
        (
            "ModuleConfigVersion",
            json!({ "type": "object", "required": ["module", "version"], "properties": {
            "module": text(), "version": { "type": "integer" } } }),
        ),
    ];
    schemas.extend(all.map(|(name, schema)| (name.to_owned(), schema)));
}

pub(super) fn named() -> Vec<Value> {
    let name = json!({ "name": "name", "in": "path", "required": true, "schema": { "type": "string" }, "description": "The module." });
    takes(&["Company"]).into_iter().chain([name]).collect()
}

fn wishes() -> Vec<Value> {
    let plan = query("plan", "Only say what would be done.", json!({ "type": "boolean" }));
    let consent =
        query("consent", "The id of the plan that is agreed to.", json!({ "type": "string", "maxLength": 200 }));
    let running = query(
        "running",
        "What becomes of workflows that run when a module is disabled or taken out.",
        json!({ "enum": ["refuse", "wait", "cancel"] }),
    );
    takes(&["IdempotencyKey"]).into_iter().chain([plan, consent, running]).collect()
}

fn answers() -> Value {
    let shape = content(&reference("schemas", "ModuleChange"));
    answers_post(json!({
        "200": { "description": "What would be done.", "content": shape },
        "202": { "description": "It has begun; the instance in Location does it.", "content": shape },
    }))
}

fn changed(id: &str, summary: &str, about: &str) -> Value {
    json!({
        "operationId": id,
        "tags": ["Modules"],
        "summary": summary,
        "description": format!("{about} Needs the permission modules.manage, which the role admin has."),
        "parameters": wishes(),
        "responses": answers(),
    })
}

fn package() -> Value {
    let bytes = json!({ "schema": { "type": "string", "format": "binary" } });
    let field = json!({ "schema": { "type": "object", "properties": { "package": { "type": "string", "format": "binary" } } } });
    let mut body = content(&reference("schemas", "ModuleNamed"));
    body["application/json"]["example"] = json!({ "module": "travel", "version": "1.0.0" });
    body["application/octet-stream"] = bytes;
    body["multipart/form-data"] = field;
    body
}

fn modules() -> Value {
    let about =
        "The package file as it is, or as the one field of a form; or the name of a module that was uploaded before.";
    let mut install = changed("install_module", "Install a module", about);
    install["requestBody"] = json!({ "required": true, "content": package() });
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "list_modules",
            "tags": ["Modules"],
            "summary": "List what is installed",
            "responses": answers_get(ok("The modules, by name.", "ModulePage")),
        },
        "post": install,
    })
}

fn module() -> Value {
    let about = "It is taken out; its data is kept.";
    json!({
        "parameters": named(),
        "get": {
            "operationId": "read_module",
            "tags": ["Modules"],
            "summary": "Read a module",
            "responses": answers_get(ok("What it brings, needs and was.", "ModuleDetail")),
        },
        "delete": changed("uninstall_module", "Uninstall a module", about),
    })
}

fn update() -> Value {
    let about = "To the package that is sent, or without one to the newest that was uploaded.";
    let mut update = changed("update_module", "Update a module", about);
    update["requestBody"] = json!({ "required": false, "content": package() });
    json!({ "parameters": named(), "post": update })
}

fn config() -> Value {
    let set = json!({ "type": "object", "required": ["config"], "additionalProperties": false, "properties": {
        "config": { "type": "object", "description": "The settings of the company, by name." },
        "version": { "type": ["integer", "null"], "description": "The version that was read before." },
    } });
    let mut body = content(&set);
    body["application/json"]["example"] = json!({ "config": { "max_days": 5 } });
    json!({
        "parameters": named(),
        "get": {
            "operationId": "read_module_config",
            "tags": ["Modules"],
            "summary": "Read the configuration of a module",
            "description": "Every setting with where it comes from; secrets are not told. Needs the permission modules.manage.",
            "responses": answers_get(ok("The configuration.", "ModuleConfig")),
        },
        "put": {
            "operationId": "set_module_config",
            "tags": ["Modules"],
            "summary": "Set the configuration of a module",
            "description": "Checked as a whole before it counts. Needs the permission modules.manage.",
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(ok("The next version counts.", "ModuleConfigVersion")),
        },
    })
}

fn config_rollback() -> Value {
    let wanted = json!({ "type": "object", "required": ["version"], "additionalProperties": false,
        "properties": { "version": { "type": "integer", "minimum": 1 } } });
    let mut body = content(&wanted);
    body["application/json"]["example"] = json!({ "version": 1 });
    json!({
        "parameters": named(),
        "post": {
            "operationId": "roll_back_module_config",
            "tags": ["Modules"],
            "summary": "Go back to an old configuration",
            "description": "It is stored once more, as the next version. Needs the permission modules.manage.",
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(ok("The next version counts.", "ModuleConfigVersion")),
        },
    })
}

fn description() -> Value {
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": "describe",
            "tags": ["Modules"],
            "summary": "This description, of what the company has installed",
            "responses": answers_get(json!({ "200": {
                "description": "OpenAPI 3.1.",
                "content": { "application/json": { "schema": { "type": "object" } } },
            } })),
        },
    })
}
