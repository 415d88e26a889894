//! The files of an object.

use super::super::parts::{answers_file, answers_get, content, ok, path_parameter, reference, takes};
use super::{operation_id, tags, title};
use modules::{Collection, Operation};
use serde_json::{Value, json};

pub(super) fn list(collection: &Collection<'_>) -> Value {
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": operation_id("list_attachments", collection),
            "tags": tags(collection),
            "summary": format!("List the attachments: {}", title(collection)),
            "description": super::needs(collection, Operation::Read),
            "responses": answers_get(ok("All of them, by name.", "AttachmentPage")),
        },
    })
}

pub(super) fn one(collection: &Collection<'_>) -> Value {
    let name =
        path_parameter("name", "The file's name.", json!({ "type": "string", "minLength": 1, "maxLength": 200 }));
    let parameters: Vec<Value> = takes(&["Company", "Id"]).into_iter().chain([name]).collect();
    let file = json!({ "*/*": { "schema": { "type": "string", "format": "binary" } } });
    let tagged = json!({ "ETag": reference("headers", "ETag") });
    let found = json!({
        "200": { "description": "The file, to be saved.", "headers": tagged, "content": file },
        "304": { "description": "It is what the client has." },
    });
    let shown = content(&reference("schemas", "Attachment"));
    let attached = json!({
        "200": { "description": "It is there in place of the one before.", "headers": tagged, "content": shown },
        "201": { "description": "It is attached.", "headers": tagged, "content": shown },
    });
    json!({
        "parameters": parameters,
        "get": {
            "operationId": operation_id("read_attachment", collection),
            "tags": tags(collection),
            "summary": format!("Read an attachment: {}", title(collection)),
            "description": super::needs(collection, Operation::Read),
            "parameters": takes(&["IfNoneMatch"]),
            "responses": answers_get(found),
        },
        "put": {
            "operationId": operation_id("put_attachment", collection),
            "tags": tags(collection),
            "summary": format!("Attach a file: {}", title(collection)),
            "description": format!("At most 10 MiB. {}", changing(collection)),
            "requestBody": { "required": true, "content": file },
            "responses": answers_file(attached),
        },
        "delete": {
            "operationId": operation_id("delete_attachment", collection),
            "tags": tags(collection),
            "summary": format!("Take a file away: {}", title(collection)),
            "description": changing(collection),
            "responses": answers_file(json!({ "204": { "description": "It is gone." } })),
        },
    })
}

fn changing(collection: &Collection<'_>) -> String {
    let offers = collection.object_type.permission(Operation::Update).is_some();
    super::needs(collection, if offers { Operation::Update } else { Operation::Create })
}
