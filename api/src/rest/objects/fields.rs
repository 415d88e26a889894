//! `fields=title,address.city`: only these fields of an object's data.

use crate::problem::ProblemDetails;
use crate::rest::params::Params;
use serde_json::{Map, Value};

/// The most fields that are asked for.
const MOST: usize = 50;

/// The fields that are wanted; all of them if nothing was asked for.
pub(super) struct Fields(Option<Vec<Vec<String>>>);

impl Fields {
    pub(super) fn read(params: &Params) -> Result<Self, ProblemDetails> {
        let Some(text) = params.text("fields")? else { return Ok(Self(None)) };
        let paths: Vec<Vec<String>> =
            text.split(',').map(|path| path.trim().split('.').map(str::to_owned).collect()).collect();
        if paths.len() > MOST || paths.iter().flatten().any(String::is_empty) {
            let message = format!(
                "must be up to {MOST} names of fields of the data with commas between, such as title,address.city"
            );
            return Err(ProblemDetails::parameter("fields", "fields", message));
        }
        Ok(Self(Some(paths)))
    }

    /// The ways to them; nothing if all are wanted.
    pub(super) fn paths(&self) -> Option<&[Vec<String>]> {
        self.0.as_deref()
    }

    /// An object with these fields of its data only.
    pub(super) fn of(&self, mut object: Value) -> Value {
        if let (Some(paths), Some(data)) = (&self.0, object.get_mut("data")) {
            let mut kept = Value::Object(Map::new());
            paths.iter().for_each(|path| keep(data, path, &mut kept));
            *data = kept;
        }
        object
    }
}

fn keep(from: &Value, path: &[String], to: &mut Value) {
    let Some((name, rest)) = path.split_first() else { return };
    let (Some(value), Value::Object(fields)) = (from.get(name), to) else { return };
    match (rest, value) {
        ([], value) => _ = fields.insert(name.clone(), value.clone()),
        (rest, Value::Object(_)) => {
            keep(value, rest, fields.entry(name.clone()).or_insert_with(|| Value::Object(Map::new())))
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_is_asked_for_is_kept() {
        let object = json!({ "id": "1", "data": { "a": 1, "b": { "c": 2, "d": { "e": 3 } }, "f": [{ "g": 4 }] } });
        let kept = |paths: &[&str]| {
            let paths = paths.iter().map(|path| path.split('.').map(str::to_owned).collect()).collect();
            Fields(Some(paths)).of(object.clone())["data"].clone()
        };
        assert_eq!(kept(&["a", "b.d.e", "none", "a.x", "f.g"]), json!({ "a": 1, "b": { "d": { "e": 3 } } }));
        assert_eq!(kept(&["b", "b.c"]), json!({ "b": { "c": 2, "d": { "e": 3 } } }));
        assert_eq!(Fields(None).of(object.clone()), object);
    }
}
