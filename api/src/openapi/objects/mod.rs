//! The paths and schemas of the modules' objects: exactly the operations that each manifest offers.

mod attachments;
mod document;
mod many;
mod one;
mod revisions;
mod transfer;

use super::parts::{query, reference};
use modules::{Catalogue, Collection, Operation};
use serde_json::{Map, Value, json};

/// Adds the paths of every collection.
pub(super) fn paths(catalogue: &Catalogue, paths: &mut Map<String, Value>) {
    let mut add = |path: String, item: Value| _ = paths.insert(path, limited(item));
    for collection in collections(catalogue) {
        let base = format!("/api/v1/{{company}}/{}", collection.kind());
        add(base.clone(), many::path(&collection));
        add(format!("{base}/export"), transfer::export(&collection));
        add(format!("{base}/import"), transfer::import(&collection));
        add(format!("{base}/{{id}}"), one::path(&collection));
        add(format!("{base}/{{id}}/revisions"), revisions::list(&collection));
        add(format!("{base}/{{id}}/revisions/{{revision}}"), revisions::one(&collection));
        if collection.object_type.attachments {
            add(format!("{base}/{{id}}/attachments"), attachments::list(&collection));
            add(format!("{base}/{{id}}/attachments/{{name}}"), attachments::one(&collection));
        }
        if let Some(document) = &collection.object_type.document {
            add(format!("{base}/{{id}}/{document}"), document::path(&collection, document));
        }
    }
}

/// Every path of a module is within its limit of requests.
fn limited(mut item: Value) -> Value {
    for method in ["get", "put", "post", "patch", "delete"] {
        if let Some(operation) = item.get_mut(method) {
            operation["responses"]["429"] = reference("responses", "TooManyRequests");
        }
    }
    item
}

/// Adds the schemas of a collection: what is sent, what may be changed, what its data is, and what is answered.
pub(super) fn schemas(catalogue: &Catalogue, schemas: &mut Map<String, Value>) {
    schemas.insert("Imported".to_owned(), transfer::imported());
    for collection in collections(catalogue) {
        let (name, schema) = (schema_name(&collection), collection.schema);
        let data = format!("{name}.data");
        schemas.insert(name.clone(), embedded(schema.sent.clone(), &name));
        if collection.object_type.permission(Operation::Update).is_some() {
            schemas.insert(format!("{name}.patch"), patch(&schema.sent, &name));
        }
        schemas.insert(data.clone(), embedded(open(schema.document.clone()), &data));
        schemas.insert(format!("{name}.object"), answered(&collection));
    }
}

fn collections(catalogue: &Catalogue) -> impl Iterator<Item = Collection<'_>> {
    let kinds = catalogue.modules().iter().flat_map(|installed| {
        installed.manifest.objects.iter().map(|object| (installed.manifest.name.as_str(), object.collection.as_str()))
    });
    kinds.filter_map(|(module, collection)| catalogue.collection(module, collection))
}

fn schema_name(collection: &Collection<'_>) -> String {
    collection.kind().replace('/', ".")
}

/// `list_purchasing_orders`
fn operation_id(verb: &str, collection: &Collection<'_>) -> String {
    format!("{verb}_{}", collection.kind().replace('/', "_"))
}

/// One of them, in a sentence.
fn title(collection: &Collection<'_>) -> String {
    collection.object_type.title.to_lowercase()
}

fn tags(collection: &Collection<'_>) -> Value {
    json!([collection.installed.manifest.title])
}

fn needs(collection: &Collection<'_>, operation: Operation) -> String {
    format!("Needs the permission {}.", collection.object_type.permission(operation).unwrap_or_default())
}

/// The manifest's example. A file that cannot be read is no reason to describe nothing.
fn example(collection: &Collection<'_>) -> Option<Value> {
    let package = collection.installed.module().package();
    collection.object_type.example.as_ref().and_then(|file| package.json(file).ok())
}

/// Names of fields hold any letters but those that part them.
const FIELDS: &str = "^[^.,\\u0000-\\u001f\\u007f-\\u009f]+([.,][^.,\\u0000-\\u001f\\u007f-\\u009f]+)*$";

/// The parameter that chooses fields of the data.
fn fields() -> Value {
    let about = "Only these fields of the data, with commas between: title,address.city.";
    query("fields", about, json!({ "type": "string", "maxLength": 200, "pattern": FIELDS }))
}

/// The reference to an object as it is answered.
fn object_schema(collection: &Collection<'_>) -> Value {
    reference("schemas", &format!("{}.object", schema_name(collection)))
}

/// What a merge patch may say: each field another value, or null to take it away. Of a group of fields it says some.
fn patch(sent: &Value, name: &str) -> Value {
    let properties = sent.get("properties").and_then(Value::as_object).into_iter().flatten();
    let properties: Map<String, Value> = properties
        .map(|(field, schema)| {
            let is_group =
                schema.get("type").is_some_and(|kind| kind == "object") || schema.get("properties").is_some();
            let one = if is_group { json!({ "type": "object" }) } else { schema.clone() };
            (field.clone(), json!({ "anyOf": [one, { "type": "null" }] }))
        })
        .collect();
    let mut schema = json!({ "type": "object", "properties": properties });
    schema["description"] = json!("A merge patch (RFC 7396): fields with their new values; null takes one away.");
    redirect(&mut schema, &format!("#/components/schemas/{name}"));
    schema
}

/// What is answered may have more fields, and code may leave some out.
fn open(mut schema: Value) -> Value {
    if let Value::Object(fields) = &mut schema {
        for keyword in ["required", "additionalProperties", "unevaluatedProperties", "minProperties", "maxProperties"] {
            fields.shift_remove(keyword);
        }
    }
    schema
}

/// A module's schema as a component: references within it are to lead to where it stands now.
pub(super) fn embedded(mut schema: Value, name: &str) -> Value {
    if let Value::Object(fields) = &mut schema {
        fields.shift_remove("$schema");
        fields.shift_remove("$id");
    }
    redirect(&mut schema, &format!("#/components/schemas/{name}"));
    schema
}

fn redirect(value: &mut Value, root: &str) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(target) if key == "$ref" && (target == "#" || target.starts_with("#/")) => {
                        *target = format!("{root}{}", target.trim_start_matches('#'));
                    }
                    other => redirect(other, root),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| redirect(item, root)),
        _ => {}
    }
}

/// The object as the service answers it. Its data is what was sent, completed by the module, so it is not the schema of
/// what is sent.
fn answered(collection: &Collection<'_>) -> Value {
    let data = match collection.installed.module().checks(&collection.object_type.collection) {
        true => json!({ "type": "object", "description": "What was sent, completed by the module." }),
        false => reference("schemas", &format!("{}.data", schema_name(collection))),
    };
    let mut schema = json!({
        "title": collection.object_type.title,
        "allOf": [{ "$ref": "#/components/schemas/Object" }],
        "properties": { "data": data },
    });
    if let Some(example) = example(collection) {
        schema["examples"] = json!([{
            "id": "019ab5d2-8f00-7c31-9d5e-3f2b8c1a7e64",
            "kind": collection.kind(),
            "revision": 1,
            "status": "submitted",
            "number": null,
            "instance": null,
            "created_at": "2026-11-23T15:10:00.25Z",
            "created_by": "eva",
            "updated_at": "2026-11-23T15:10:00.25Z",
            "data": example,
        }]);
    }
    schema
}
