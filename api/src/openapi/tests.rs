//! The description agrees with what is served.

use super::document;
use crate::pages::openapi::{ApiPage, Field, Operation};
use crate::rest::tests::registry;
use serde_json::{Value, json};

fn described() -> Value {
    document(registry().built_in(), "https://approve.test")
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value, seen: &mut usize) {
        match value {
            Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(Value::as_str) {
                    let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{target} leads outside"));
                    assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                    *seen += 1;
                }
                fields.values().for_each(|value| walk(document, value, seen));
            }
            Value::Array(items) => items.iter().for_each(|value| walk(document, value, seen)),
            _ => {}
        }
    }
    let (document, mut seen) = (described(), 0);
    walk(&document, &document, &mut seen);
    assert!(seen > 100, "{seen}");
}

#[test]
fn what_is_installed_is_described() {
    let document = described();
    let post = &document["paths"]["/api/v1/{company}/desk/requests"]["post"];
    let body = &post["requestBody"]["content"]["application/json"];
    assert_eq!(body["example"], json!({ "title": "Two chairs", "amount": "120.00" }));
    assert_eq!(body["schema"]["$ref"], "#/components/schemas/desk.requests");
    let schema = &document["components"]["schemas"]["desk.requests"];
    assert_eq!(schema["properties"]["amount"]["$ref"], "#/components/schemas/desk.requests/$defs/decimal");
    assert!(schema.get("$schema").is_none());
    assert!(document["paths"].get("/api/v1/{company}/desk/requests/{id}/document.txt").is_some());
    assert!(document["paths"].get("/api/v1/{company}/desk/notes/{id}/document.txt").is_none());
}

#[test]
fn the_readable_page_lists_the_fields_of_every_body_and_answer() {
    let page = ApiPage::read(&described(), "/openapi.json");
    let operations: Vec<&Operation> = page.groups.iter().flat_map(|group| &group.operations).collect();
    // A file has no fields.
    let is_file = |path: &str| path.contains("/attachments/") || path.ends_with("/import");
    let documents = operations.iter().filter(|operation| !is_file(&operation.path));
    let bodies = documents.filter_map(|operation| Some((&operation.path, operation.request.as_ref()?)));
    let bare: Vec<&String> = bodies.filter(|(_, body)| body.fields.is_empty()).map(|(path, _)| path).collect();
    assert!(bare.is_empty(), "{bare:?}");
    let made = operations.iter().find(|made| made.method == "POST" && made.path.ends_with("/desk/requests")).unwrap();
    let told =
        |field: &Field| format!("{}: {}, {}, {}", field.name, field.kind, field.required, field.rules.join("; "));
    let fields: Vec<String> = made.request.as_ref().unwrap().fields.iter().map(told).collect();
    let amount = r"amount: string, true, fits ^[0-9]{1,9}(\.[0-9]{1,2})?$";
    assert_eq!(fields, ["title: string, true, 1 to 40 characters", amount, "due: date, false, "]);
    let answer = made.responses.iter().find(|reply| reply.status == "201").unwrap().content.as_ref().unwrap();
    let names: Vec<&str> = answer.fields.iter().map(|field| field.name.as_str()).collect();
    assert!(["id", "data", "approval.waiting_for"].iter().all(|name| names.contains(name)), "{names:?}");
}

#[test]
fn operations_have_their_own_ids_and_tell_their_refusals() {
    let document = described();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "post", "put", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{method} {path}");
            let answers = operation["responses"].as_object().unwrap();
            if path.starts_with("/api/") {
                for status in ["400", "401", "403", "404", "500", "503"] {
                    assert!(answers.contains_key(status), "{method} {path} does not tell of {status}");
                }
            }
            let takes_key = operation["parameters"].to_string().contains("IdempotencyKey");
            // The token of a callback opens its task once, which makes it a key of its own.
            let by_token = operation.get("security").is_some();
            // A file is put or taken away again as often as one likes.
            let is_file = path.contains("/attachments");
            assert_eq!(takes_key, method != "get" && !by_token && !is_file, "{method} {path}");
        }
    }
}
