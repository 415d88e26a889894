//! What an object is found by, made of its data.

use super::schema::{Index, Keywords};
use serde_json::Value;
use store::{KeyOf, NOTHING, ObjectKeys};

pub(crate) fn of(keywords: &Keywords, data: &Value) -> ObjectKeys {
    let key = |index: &Index| KeyOf { field: index.path.to_string(), value: index.kind.key(index.path.value(data)) };
    ObjectKeys {
        index: keywords.indexes.iter().map(key).collect(),
        unique: keywords.unique.iter().filter_map(|fields| of_fields(fields, data)).collect(),
    }
}

/// The name under which fields are unique together.
pub(crate) fn name(fields: &[Index]) -> String {
    fields.iter().map(|index| index.path.to_string()).collect::<Vec<_>>().join("+")
}

/// The key of several fields of an object.
pub(crate) fn of_fields(fields: &[Index], data: &Value) -> Option<KeyOf> {
    let keys: Vec<String> = fields.iter().map(|index| index.kind.key(index.path.value(data))).collect();
    together(name(fields), &keys)
}

/// The key of several fields, of the key of each. What has none of them is like nothing else.
pub(super) fn together(field: String, keys: &[String]) -> Option<KeyOf> {
    if keys.iter().all(|key| key == NOTHING) {
        return None;
    }
    Some(KeyOf { field, value: bounded(keys) })
}

/// Each with its length before it, so that no two groups of keys look alike.
fn bounded(keys: &[String]) -> String {
    match keys {
        [only] => only.clone(),
        several => several.iter().map(|key| format!("{}:{key}", key.len())).collect(),
    }
}
