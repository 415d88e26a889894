//! The document of an object.

use super::super::parts::{answers_get, reference, takes};
use super::{needs, operation_id, tags, title};
use modules::{Collection, Operation};
use serde_json::{Map, Value, json};

pub(super) fn path(collection: &Collection<'_>, document: &str) -> Value {
    let media_type = if document.ends_with(".pdf") { "application/pdf" } else { "application/octet-stream" };
    let mut content = Map::new();
    content.insert(media_type.to_owned(), json!({ "schema": { "type": "string", "contentMediaType": media_type } }));
    let mut responses = answers_get(json!({
        "200": {
            "description": "The final document if it was made, a draft otherwise.",
            "headers": { "ETag": reference("headers", "ETag") },
            "content": content,
        },
        "304": { "description": "It is what the client has." },
    }));
    responses["409"] = reference("responses", "Conflict");
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": format!("{}_document", operation_id("read", collection)),
            "tags": tags(collection),
            "summary": format!("Read the document: {}", title(collection)),
            "description": needs(collection, Operation::Read),
            "parameters": takes(&["IfNoneMatch"]),
            "responses": responses,
        },
    })
}
