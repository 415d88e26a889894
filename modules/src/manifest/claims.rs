//! What the tasks of a definition claim: events that the manifest does not publish, and objects of other modules. Only what
//! stands there as it is; what an expression makes is not known before it runs.

use super::Manifest;
use serde_json::Value;
use workflow::definition::below;

/// A claim that is refused: pointer, message, remedy.
pub(super) struct Claim {
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) remedy: String,
}

/// Every claim of a definition that the manifest does not back.
pub(super) fn claims(manifest: &Manifest, definition: &Value) -> Vec<Claim> {
    let mut found = Vec::new();
    walk(manifest, "", definition, &mut found);
    found
}

fn walk(manifest: &Manifest, pointer: &str, value: &Value, found: &mut Vec<Claim>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| walk(manifest, &below(pointer, n), item, found));
        }
        Value::Object(fields) => {
            found.extend(task(manifest, pointer, value));
            fields.iter().for_each(|(name, field)| walk(manifest, &below(pointer, name), field, found));
        }
        _ => {}
    }
}

fn task(manifest: &Manifest, pointer: &str, state: &Value) -> Option<Claim> {
    let given = ["Arguments", "Parameters"].into_iter().find(|name| state.get(name).is_some())?;
    let text = |name: &str| state[given].get(name)?.as_str().filter(|text| !text.trim_start().starts_with("{%"));
    let at = |name: &str| below(&below(pointer, given), name);
    match state.get("Resource")?.as_str()? {
        "event.publish" => event(manifest, at("type"), text("type")?),
        "object.set_status" => object(manifest, at("kind"), text("kind")?, "sets the status of"),
        "object.create" => object(manifest, at("kind"), text("kind")?, "makes"),
        "object.update" => object(manifest, at("kind"), text("kind")?, "changes"),
        "object.find" => object(manifest, at("kind"), text("kind")?, "looks for"),
        _ => None,
    }
}

fn event(manifest: &Manifest, pointer: String, kind: &str) -> Option<Claim> {
    if manifest.event_types().any(|known| known == kind) {
        return None;
    }
    let Manifest { name, .. } = manifest;
    let is_own = kind.split_once('.').is_some_and(|(module, _)| module == name);
    let remedy = match is_own {
        true => format!("add {kind} under publishes in module.yaml, or correct it"),
        false => format!("a module publishes events of its own; begin it with \"{name}.\""),
    };
    Some(Claim { pointer, message: format!("it publishes \"{kind}\", which is not among the module's events"), remedy })
}

fn object(manifest: &Manifest, pointer: String, kind: &str, does: &str) -> Option<Claim> {
    let own = manifest.objects.iter().map(|object| format!("{}/{}", manifest.name, object.collection));
    let own: Vec<String> = own.collect();
    if own.iter().any(|known| known == kind) {
        return None;
    }
    let message = format!("it {does} \"{kind}\", which are not the module's objects");
    let remedy = match own.is_empty() {
        true => "a module has no say in objects of others; leave the task out".to_owned(),
        false => format!("a module has no say in objects of others; its own are: {}", own.join(", ")),
    };
    Some(Claim { pointer, message, remedy })
}
