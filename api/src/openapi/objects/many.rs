//! Listing objects, and making one.

use super::super::parts::{answers_get, answers_post, content, query, reference, takes};
use super::{example, fields, needs, object_schema, operation_id, schema_name, tags, title};
use modules::{Collection, Index, IndexKind, Operation};
use serde_json::{Value, json};

pub(super) fn path(collection: &Collection<'_>) -> Value {
    json!({ "parameters": takes(&["Company"]), "get": list(collection), "post": create(collection) })
}

fn list(collection: &Collection<'_>) -> Value {
    let page = json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "items": object_schema(collection) },
            "next": { "type": ["string", "null"], "description": "The cursor of the next page." },
        },
    });
    let listed = json!({ "200": { "description": "A page.", "content": content(&page) } });
    json!({
        "operationId": operation_id("list", collection),
        "tags": tags(collection),
        "summary": format!("List: {}", title(collection)),
        "description": format!(
            "The newest first, unless sort says otherwise, or a field has bounds: then the lowest in it first. {}",
            needs(collection, Operation::Read)
        ),
        "parameters": paged(collection),
        "responses": answers_get(listed),
    })
}

fn paged(collection: &Collection<'_>) -> Vec<Value> {
    let mut all = filters(collection);
    all.push(fields());
    all.extend(takes(&["Limit", "Cursor"]));
    all
}

/// Which objects are meant, and in which order.
pub(super) fn filters(collection: &Collection<'_>) -> Vec<Value> {
    let text = || json!({ "type": "string", "minLength": 1, "maxLength": 200 });
    let indexes = &collection.schema.keywords.indexes;
    let mut all = vec![
        query("status", "Only those of this status.", text()),
        query("number", "Only the one of this number.", text()),
    ];
    all.extend(indexes.iter().flat_map(filters_by));
    let names = indexes.iter().map(|index| index.path.to_string());
    let names: Vec<String> = ["id", "created_at"].map(str::to_owned).into_iter().chain(names).collect();
    let orders: Vec<String> = names.iter().flat_map(|name| [name.clone(), format!("-{name}")]).collect();
    let about = "By what they are sorted; with - before it the highest comes first.";
    all.push(query("sort", about, json!({ "type": "string", "enum": orders })));
    all
}

fn filters_by(index: &Index) -> Vec<Value> {
    let name = index.path.to_string();
    let schema = match index.kind {
        IndexKind::Text => json!({ "type": "string", "maxLength": 200 }),
        IndexKind::Number => json!({ "type": "string", "pattern": "^(-?[0-9]{1,30}(\\.[0-9]{1,30})?)?$" }),
        IndexKind::Time => json!({ "type": "string", "format": "date-time" }),
        IndexKind::Flag => json!({ "type": "string", "enum": ["true", "false"] }),
    };
    let about = format!("Only those whose {name} is this; empty: those that have none.");
    let mut all = vec![query(&format!("filter[{name}]"), &about, schema.clone())];
    let mut bound = schema;
    if index.kind == IndexKind::Flag {
        return all;
    }
    if index.kind != IndexKind::Time {
        bound["minLength"] = json!(1);
    }
    for (operator, word) in
        [("gt", "above this"), ("gte", "this or above"), ("lt", "below this"), ("lte", "this or below")]
    {
        let about = format!("Only those whose {name} is {word}.");
        all.push(query(&format!("filter[{name}][{operator}]"), &about, bound.clone()));
    }
    all
}

fn create(collection: &Collection<'_>) -> Value {
    let mut body = content(&reference("schemas", &schema_name(collection)));
    if let Some(example) = example(collection) {
        body["application/json"]["example"] = example;
    }
    let headers = json!({
        "Location": reference("headers", "Location"),
        "ETag": reference("headers", "ETag"),
        "Idempotency-Replayed": reference("headers", "IdempotencyReplayed"),
    });
    let made = json!({ "201": {
        "description": "It is stored, and its workflow has started if it has one.",
        "headers": headers,
        "content": content(&object_schema(collection)),
    } });
    json!({
        "operationId": operation_id("create", collection),
        "tags": tags(collection),
        "summary": format!("Make: {}", title(collection)),
        "description": needs(collection, Operation::Create),
        "parameters": takes(&["IdempotencyKey"]),
        "requestBody": { "required": true, "content": body },
        "responses": answers_post(made),
    })
}
