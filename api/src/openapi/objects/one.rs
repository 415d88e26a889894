//! Reading, changing and deleting an object.

use super::super::parts::{answers_change, answers_get, content, reference, takes};
use super::{example, fields, needs, object_schema, operation_id, schema_name, tags, title};
use modules::{Collection, Operation};
use serde_json::{Value, json};

pub(super) fn path(collection: &Collection<'_>) -> Value {
    let mut item = json!({ "parameters": takes(&["Company", "Id"]), "get": read(collection) });
    if collection.object_type.permission(Operation::Update).is_some() {
        item["put"] = replace(collection);
        item["patch"] = patch(collection);
    }
    if collection.object_type.permission(Operation::Delete).is_some() {
        item["delete"] = delete(collection);
    }
    item
}

fn read(collection: &Collection<'_>) -> Value {
    let found = json!({
        "200": {
            "description": "The object, with where its approval stands.",
            "headers": { "ETag": reference("headers", "ETag") },
            "content": content(&object_schema(collection)),
        },
        "304": { "description": "It is what the client has." },
    });
    let parameters: Vec<Value> = [fields()].into_iter().chain(takes(&["IfNoneMatch"])).collect();
    json!({
        "operationId": operation_id("read", collection),
        "tags": tags(collection),
        "summary": format!("Read: {}", title(collection)),
        "description": needs(collection, Operation::Read),
        "parameters": parameters,
        "responses": answers_get(found),
    })
}

fn replace(collection: &Collection<'_>) -> Value {
    let mut body = content(&reference("schemas", &schema_name(collection)));
    if let Some(example) = example(collection) {
        body["application/json"]["example"] = example;
    }
    json!({
        "operationId": operation_id("replace", collection),
        "tags": tags(collection),
        "summary": format!("Replace: {}", title(collection)),
        "description": format!("All of its data. {}", changing(collection, Operation::Update)),
        "parameters": takes(&["IfMatch", "IdempotencyKey"]),
        "requestBody": { "required": true, "content": body },
        "responses": answers_change(changed(collection)),
    })
}

fn patch(collection: &Collection<'_>) -> Value {
    let schema = reference("schemas", &format!("{}.patch", schema_name(collection)));
    let body = json!({ "application/merge-patch+json": { "schema": schema } });
    json!({
        "operationId": operation_id("patch", collection),
        "tags": tags(collection),
        "summary": format!("Change: {}", title(collection)),
        "description": format!("Some of its data, by a merge patch (RFC 7396). {}", changing(collection, Operation::Update)),
        "parameters": takes(&["IfMatch", "IdempotencyKey"]),
        "requestBody": { "required": true, "content": body },
        "responses": answers_change(changed(collection)),
    })
}

fn delete(collection: &Collection<'_>) -> Value {
    let headers = json!({ "Idempotency-Replayed": reference("headers", "IdempotencyReplayed") });
    json!({
        "operationId": operation_id("delete", collection),
        "tags": tags(collection),
        "summary": format!("Delete: {}", title(collection)),
        "description": format!("Its revisions stay. Takes no body. {}", changing(collection, Operation::Delete)),
        "parameters": takes(&["IfMatch", "IdempotencyKey"]),
        "responses": answers_change(json!({ "204": { "description": "It is deleted.", "headers": headers } })),
    })
}

fn changing(collection: &Collection<'_>, operation: Operation) -> String {
    let needs = needs(collection, operation);
    match collection.object_type.changes_while_running {
        true => needs,
        false => format!("Not while its workflow runs. {needs}"),
    }
}

fn changed(collection: &Collection<'_>) -> Value {
    let headers = json!({
        "ETag": reference("headers", "ETag"),
        "Idempotency-Replayed": reference("headers", "IdempotencyReplayed"),
    });
    json!({ "200": {
        "description": "The object as it is now.",
        "headers": headers,
        "content": content(&object_schema(collection)),
    } })
}
