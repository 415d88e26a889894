//! The path and shape of what the code of a module has logged.

use super::installed::named;
use super::parts::{answers_get, ok, reference, takes};
use serde_json::{Map, Value, json};

/// Adds the path.
pub(super) fn paths(paths: &mut Map<String, Value>) {
    let item = json!({
        "parameters": named(),
        "get": {
            "operationId": "list_module_logs",
            "tags": ["Modules"],
            "summary": "Read the log of a module",
            "description": "What its code has logged and where it has failed, oldest first: without `after` the last lines. \
                The last 1,000 are kept. Needs the permission modules.manage.",
            "parameters": takes(&["After", "Limit"]),
            "responses": answers_get(ok("The lines.", "ModuleLog")),
        },
    });
    paths.insert("/api/v1/{company}/modules/{name}/logs".to_owned(), item);
}

/// Adds the schemas.
pub(super) fn schemas(schemas: &mut Map<String, Value>) {
    let line = json!({
        "type": "object",
        "required": ["n", "at", "level", "text"],
        "properties": {
            "n": { "type": "integer", "minimum": 1, "description": "Its place among the lines of the module." },
            "at": { "type": "string", "format": "date-time" },
            "level": { "enum": ["info", "error"], "description": "What the code has said, or where it has failed." },
            "text": { "type": "string" },
        },
    });
    let log = json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "items": reference("schemas", "ModuleLogLine") },
            "next": { "type": "integer", "description": "The `after` of the next call." },
        },
    });
    schemas.insert("ModuleLogLine".to_owned(), line);
    schemas.insert("ModuleLog".to_owned(), log);
}
