//! Objects as files.

use super::super::parts::{answers_get, answers_post, query, reference, takes};
use super::{fields, many, needs, operation_id, tags, title};
use modules::transfer::Format;
use modules::{Collection, Operation};
use serde_json::{Value, json};

pub(super) fn export(collection: &Collection<'_>) -> Value {
    let mut parameters = vec![format()];
    parameters.extend(many::filters(collection));
    parameters.push(fields());
    let disposition = json!({ "description": "The name of the file.", "schema": { "type": "string" } });
    let exported = json!({ "200": {
        "description": "The objects, to the end of the body; a body that breaks off is not whole.",
        "headers": { "Content-Disposition": disposition },
        "content": file(),
    } });
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": operation_id("export", collection),
            "tags": tags(collection),
            "summary": format!("Export: {}", title(collection)),
            "description": format!(
                "All that the filters let through, in the order of the list, as a file that import takes again. {}",
                needs(collection, Operation::Read)
            ),
            "parameters": parameters,
            "responses": answers_get(exported),
        },
    })
}

pub(super) fn import(collection: &Collection<'_>) -> Value {
    let responses = answers_post(json!({ "200": {
        "description": "What became of the rows, or would. Whoever accepts application/jsonl gets lines that say how far \
            it is; the last has this as answer, and its status.",
        "headers": { "Idempotency-Replayed": reference("headers", "IdempotencyReplayed") },
        "content": {
            "application/json": { "schema": reference("schemas", "Imported") },
            "application/jsonl": {},
        },
    } }));
    json!({
        "parameters": takes(&["Company"]),
        "post": {
            "operationId": operation_id("import", collection),
            "tags": tags(collection),
            "summary": format!("Import: {}", title(collection)),
            "description": format!("Each row is made, or changed, as if it were sent alone. {}", permissions(collection)),
            "parameters": parameters(collection),
            "requestBody": { "required": true, "content": file() },
            "responses": responses,
        },
    })
}

fn permissions(collection: &Collection<'_>) -> String {
    let create = needs(collection, Operation::Create);
    match collection.object_type.permission(Operation::Update) {
        Some(update) => format!("{create} mode=upsert needs {update} too."),
        None => format!("{create} There is no mode=upsert, because nobody changes these."),
    }
}

fn parameters(collection: &Collection<'_>) -> Vec<Value> {
    let flag = || json!({ "type": "boolean", "default": false });
    let is_changed = collection.object_type.permission(Operation::Update).is_some();
    let modes = if is_changed { json!(["create", "upsert"]) } else { json!(["create"]) };
    let mut all = vec![
        format(),
        query("mode", "Whether objects that are there are changed.", json!({ "type": "string", "enum": modes })),
        query("preview", "Only to know what would come of it.", flag()),
        query("partial", "Whether the others are imported if rows are refused.", flag()),
    ];
    if is_changed {
        let about = "With mode=upsert: what says which object a row is about.";
        all.push(query("key", about, json!({ "type": "string", "enum": keys(collection) })));
    }
    all.extend(takes(&["IdempotencyKey"]));
    all
}

/// `id`, and the fields that are unique, alone or together.
fn keys(collection: &Collection<'_>) -> Vec<String> {
    let unique = collection.schema.keywords.unique.iter();
    let names = unique.map(|fields| fields.iter().map(|field| field.path.to_string()).collect::<Vec<_>>().join(","));
    std::iter::once("id".to_owned()).chain(names).collect()
}

fn format() -> Value {
    let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
    let mut format = query("format", "How the file is written.", json!({ "type": "string", "enum": names }));
    format["required"] = json!(true);
    format
}

fn file() -> Value {
    // What is no JSON has no schema.
    json!({ "text/csv": {}, "application/jsonl": {} })
}

/// What an import is answered with.
pub(super) fn imported() -> Value {
    let count = || json!({ "type": "integer", "minimum": 0 });
    let refusal = json!({
        "type": "object",
        "required": ["line", "pointer", "code", "message"],
        "properties": {
            "line": { "type": "integer", "description": "The line of the file, from 1." },
            "column": { "type": "integer", "description": "The column of the table, from 1." },
            "pointer": { "type": "string" },
            "code": { "type": "string" },
            "message": { "type": "string" },
        },
    });
    json!({
        "type": "object",
        "required": ["preview", "rows", "new", "changed", "same", "refused", "refusals", "ignored"],
        "properties": {
            "preview": { "type": "boolean", "description": "Whether nothing was stored." },
            "rows": count(), "new": count(), "changed": count(), "same": count(), "refused": count(),
            "refusals": { "type": "array", "maxItems": 100, "items": refusal },
            "ignored": { "type": "array", "items": { "type": "string" }, "description": "Fields that are made here, and were not read." },
        },
    })
}
