//! What an object was.

use super::super::parts::{answers_get, ok, path_parameter, takes};
use super::{needs, operation_id, tags, title};
use modules::{Collection, Operation};
use serde_json::{Value, json};

pub(super) fn list(collection: &Collection<'_>) -> Value {
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": operation_id("list_revisions", collection),
            "tags": tags(collection),
            "summary": format!("List the revisions: {}", title(collection)),
            "description": format!("The latest first, also of one that was deleted. {}", needs(collection, Operation::Read)),
            "parameters": takes(&["Limit", "Cursor"]),
            "responses": answers_get(ok("A page.", "RevisionPage")),
        },
    })
}

pub(super) fn one(collection: &Collection<'_>) -> Value {
    let number = path_parameter("revision", "Its number, from 1.", json!({ "type": "integer", "minimum": 1 }));
    let parameters: Vec<Value> = takes(&["Company", "Id"]).into_iter().chain([number]).collect();
    json!({
        "parameters": parameters,
        "get": {
            "operationId": operation_id("read_revision", collection),
            "tags": tags(collection),
            "summary": format!("Read a revision: {}", title(collection)),
            "description": needs(collection, Operation::Read),
            "responses": answers_get(ok("The revision.", "Revision")),
        },
    })
}
