//! The form of a manifest: its published JSON Schema, and every place in which a document does not fit it.

use super::files::MOST;
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;
use workflow::nearest;

/// The JSON Schema (2020-12) of `module.yaml`, which editors complete from.
pub const SCHEMA: &str = include_str!("schema.json");

/// A place in which a manifest does not fit: pointer, what is wrong, what to do.
pub(super) struct Misfit {
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) remedy: String,
}

/// Every place in which a document does not fit.
pub(super) fn misfits(document: &Value) -> Result<Vec<Misfit>, String> {
    let schema: Value = serde_json::from_str(SCHEMA).map_err(|error| error.to_string())?;
    let validator = jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())?;
    Ok(validator.iter_errors(document).flat_map(|error| told(&schema, &error)).take(MOST).collect())
}

fn told(schema: &Value, error: &ValidationError<'_>) -> Vec<Misfit> {
    let pointer = error.instance_path().to_string();
    let around = around(schema, error);
    let one = |message: String, remedy: String| vec![Misfit { pointer: pointer.clone(), message, remedy }];
    match error.kind() {
        Kind::AdditionalProperties { unexpected } => {
            unexpected.iter().take(MOST).map(|name| unknown_field(around, &pointer, name)).collect()
        }
        Kind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            one(format!("the field \"{name}\" is missing"), describe(schema, around, name))
        }
        Kind::Type { .. } => {
            let wanted = around.get("type").and_then(Value::as_str).unwrap_or_default();
            one(
                format!("{} is no {}", shown(error.instance()), in_words(wanted)),
                how_to_write(wanted, error.instance()),
            )
        }
        _ => one(format!("{} does not fit", shown(error.instance())), remedy(around)),
    }
}

/// The part of the schema that holds the keyword that was not met.
fn around<'s>(schema: &'s Value, error: &ValidationError<'_>) -> &'s Value {
    let path = error.schema_path().to_string();
    let (parent, _) = path.rsplit_once('/').unwrap_or_default();
    schema.pointer(parent).unwrap_or(&Value::Null)
}

fn unknown_field(around: &Value, pointer: &str, name: &str) -> Misfit {
    let known: Vec<&str> =
        around["properties"].as_object().into_iter().flat_map(|all| all.keys()).map(String::as_str).collect();
    let remedy = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None => format!("leave it out; the fields here are: {}", known.join(", ")),
    };
    let token = name.replace('~', "~0").replace('/', "~1");
    Misfit { pointer: format!("{pointer}/{token}"), message: format!("there is no field \"{name}\""), remedy }
}

/// What a missing field is for, from its part of the schema.
fn describe(schema: &Value, around: &Value, name: &str) -> String {
    let field = &around["properties"][name];
    let shared = field["$ref"].as_str().and_then(|place| schema.pointer(place.trim_start_matches('#')));
    let example = |part: &Value| part["examples"][0].as_str().map(|example| format!("{name}: {example}"));
    match (example(field).or_else(|| shared.and_then(example)), field["description"].as_str()) {
        (Some(example), _) => format!("add it, such as {example}"),
        (None, Some(meaning)) => format!("add it: {}", meaning.trim_end_matches('.')),
        (None, None) => "add it".to_owned(),
    }
}

fn remedy(around: &Value) -> String {
    around["x-remedy"].as_str().unwrap_or("see the manifest's schema: countersign module schema").to_owned()
}

fn in_words(kind: &str) -> &str {
    match kind {
        "string" => "text",
        "array" => "list",
        "object" => "group of fields",
        other => other,
    }
}

/// How the right kind of value is written in YAML.
fn how_to_write(wanted: &str, value: &Value) -> String {
    match (wanted, value) {
        ("string", Value::Number(_) | Value::Bool(_)) => format!("put it in quotes: \"{value}\""),
        ("string", _) => "write a text".to_owned(),
        ("array", Value::Object(_)) => "put a hyphen before each entry".to_owned(),
        ("array", _) => "write a list: [a, b], or a hyphen before each entry".to_owned(),
        ("object", _) => "write fields below it, each as name: value".to_owned(),
        _ => format!("write a {wanted}"),
    }
}

/// The value, short enough for a message.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}...", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
