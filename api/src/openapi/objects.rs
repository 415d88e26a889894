//! The paths and schemas of the modules' objects.

use super::parts::{answers_get, answers_post, content, query, reference, takes};
use modules::{Catalogue, Installed, ObjectType};
use serde_json::{Map, Value, json};

/// Adds the paths of every collection.
pub(super) fn paths(catalogue: &Catalogue, paths: &mut Map<String, Value>) {
    for (installed, object_type) in collections(catalogue) {
        let base = format!("/api/v1/{{company}}/{}/{}", installed.manifest.name, object_type.collection);
        let one = format!("{base}/{{id}}");
        paths.insert(base, collection(installed, object_type));
        if let Some(document) = &object_type.document {
            let path = format!("{one}/{document}");
            paths.insert(one, object(installed, object_type));
            paths.insert(path, document_of(installed, object_type, document));
        } else {
            paths.insert(one, object(installed, object_type));
        }
    }
}

/// Adds two schemas a collection: what is sent, and what is answered.
pub(super) fn schemas(catalogue: &Catalogue, schemas: &mut Map<String, Value>) {
    for (installed, object_type) in collections(catalogue) {
        let name = schema_name(installed, object_type);
        let sent = installed.schema(&object_type.collection).cloned().unwrap_or_else(|| json!({ "type": "object" }));
        schemas.insert(format!("{name}.object"), answered(installed, object_type));
        schemas.insert(name.clone(), embedded(sent, &name));
    }
}

fn collections(catalogue: &Catalogue) -> impl Iterator<Item = (&Installed, &ObjectType)> {
    catalogue
        .modules()
        .iter()
        .map(AsRef::as_ref)
        .flat_map(|installed: &Installed| installed.manifest.objects.iter().map(move |object| (installed, object)))
}

fn schema_name(installed: &Installed, object_type: &ObjectType) -> String {
    format!("{}.{}", installed.manifest.name, object_type.collection)
}

/// The manifest's example. A file that cannot be read is no reason to describe nothing.
fn example(installed: &Installed, object_type: &ObjectType) -> Option<Value> {
    object_type.example.as_ref().and_then(|file| installed.module().package().json(file).ok())
}

/// A module's schema as a component: references within it are to lead to where it stands now.
fn embedded(mut schema: Value, name: &str) -> Value {
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
fn answered(installed: &Installed, object_type: &ObjectType) -> Value {
    let data = json!({ "type": "object", "description": "What was sent, completed by the module." });
    let mut schema = json!({
        "title": object_type.title,
        "allOf": [{ "$ref": "#/components/schemas/Object" }],
        "properties": { "data": data },
    });
    if let Some(example) = example(installed, object_type) {
        schema["examples"] = json!([{
            "id": "019ab5d2-8f00-7c31-9d5e-3f2b8c1a7e64",
            "kind": format!("{}/{}", installed.manifest.name, object_type.collection),
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

fn collection(installed: &Installed, object_type: &ObjectType) -> Value {
    let (module, name, title) =
        (&installed.manifest, schema_name(installed, object_type), object_type.title.to_lowercase());
    let object = reference("schemas", &format!("{name}.object"));
    let mut body = content(&reference("schemas", &name));
    if let Some(example) = example(installed, object_type) {
        body["application/json"]["example"] = example;
    }
    let made_headers = json!({
        "Location": reference("headers", "Location"),
        "ETag": reference("headers", "ETag"),
        "Idempotency-Replayed": reference("headers", "IdempotencyReplayed"),
    });
    let made = json!({ "201": {
        "description": "It is stored, and its workflow has started if it has one.",
        "headers": made_headers,
        "content": content(&object),
    } });
    let page = json!({
        "type": "object",
        "required": ["items", "next"],
        "properties": {
            "items": { "type": "array", "items": object },
            "next": { "type": ["string", "null"], "description": "The cursor of the next page." },
        },
    });
    let listed = json!({ "200": { "description": "A page, newest first.", "content": content(&page) } });
    let status = query("status", "Only those of this status.", json!({ "type": "string", "maxLength": 200 }));
    let filters: Vec<Value> = [status].into_iter().chain(takes(&["Limit", "Cursor"])).collect();
    json!({
        "parameters": takes(&["Company"]),
        "get": {
            "operationId": format!("list_{}_{}", module.name, object_type.collection),
            "tags": [module.title],
            "summary": format!("List: {title}"),
            "description": format!("Needs the permission {}.", object_type.read),
            "parameters": filters,
            "responses": answers_get(listed),
        },
        "post": {
            "operationId": format!("create_{}_{}", module.name, object_type.collection),
            "tags": [module.title],
            "summary": format!("Make: {title}"),
            "description": format!("Needs the permission {}.", object_type.create),
            "parameters": takes(&["IdempotencyKey"]),
            "requestBody": { "required": true, "content": body },
            "responses": answers_post(made),
        },
    })
}

fn object(installed: &Installed, object_type: &ObjectType) -> Value {
    let (module, name) = (&installed.manifest, schema_name(installed, object_type));
    let headers = json!({ "ETag": reference("headers", "ETag") });
    let found = json!({
        "200": {
            "description": "The object, with where its approval stands.",
            "headers": headers,
            "content": content(&reference("schemas", &format!("{name}.object"))),
        },
        "304": { "description": "It is what the client has." },
    });
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": format!("read_{}_{}", module.name, object_type.collection),
            "tags": [module.title],
            "summary": format!("Read: {}", object_type.title.to_lowercase()),
            "description": format!("Needs the permission {}.", object_type.read),
            "parameters": takes(&["IfNoneMatch"]),
            "responses": answers_get(found),
        },
    })
}

fn document_of(installed: &Installed, object_type: &ObjectType, document: &str) -> Value {
    let module = &installed.manifest;
    let media_type = if document.ends_with(".pdf") { "application/pdf" } else { "application/octet-stream" };
    let mut content = Map::new();
    content.insert(media_type.to_owned(), json!({ "schema": { "type": "string", "contentMediaType": media_type } }));
    let headers = json!({ "ETag": reference("headers", "ETag") });
    let mut responses = answers_get(json!({
        "200": {
            "description": "The final document if it was made, a draft otherwise.",
            "headers": headers,
            "content": content,
        },
        "304": { "description": "It is what the client has." },
    }));
    responses["409"] = reference("responses", "Conflict");
    json!({
        "parameters": takes(&["Company", "Id"]),
        "get": {
            "operationId": format!("read_{}_{}_document", module.name, object_type.collection),
            "tags": [module.title],
            "summary": format!("Read the document: {}", object_type.title.to_lowercase()),
            "description": format!("Needs the permission {}.", object_type.read),
            "parameters": takes(&["IfNoneMatch"]),
            "responses": responses,
        },
    })
}
