//! What an installation sets for all of its companies: by file and by environment.

use super::seal::SecretsKey;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The beginning of the names of variables: `COUNTERSIGN_MODULE_TRAVEL_MAX_DAYS`.
const PREFIX: &str = "COUNTERSIGN_MODULE_";

/// What the installation sets, and the key of its secrets.
#[derive(Debug, Clone, Default)]
pub struct ConfigLayers {
    file: BTreeMap<String, Map<String, Value>>,
    environment: BTreeMap<String, String>,
    pub(super) key: Option<SecretsKey>,
}

impl ConfigLayers {
    /// What a file sets, by module.
    #[must_use]
    pub fn with_file(self, file: BTreeMap<String, Map<String, Value>>) -> Self {
        Self { file, ..self }
    }

    /// What variables set; those of other names are left out.
    #[must_use]
    pub fn with_environment(self, variables: impl Iterator<Item = (String, String)>) -> Self {
        Self { environment: variables.filter(|(name, _)| name.starts_with(PREFIX)).collect(), ..self }
    }

    /// The key that secrets are encrypted with.
    #[must_use]
    pub fn with_key(self, key: Option<SecretsKey>) -> Self {
        Self { key, ..self }
    }

    /// What is set, and where.
    pub(super) fn set(&self, module: &str, name: &str, schema: &Value) -> Option<(Value, &'static str)> {
        let variable = format!("{PREFIX}{}_{}", shouted(module), shouted(name));
        if let Some(text) = self.environment.get(&variable) {
            return Some((read(text, schema), "environment"));
        }
        self.file.get(module)?.get(name).map(|value| (value.clone(), "file"))
    }
}

pub(super) fn shouted(name: &str) -> String {
    name.to_uppercase().replace(['-', '.'], "_")
}

/// A variable is a text; what is to be something else is read as JSON, and if it is none, the schema says so.
fn read(text: &str, schema: &Value) -> Value {
    match schema.get("type").and_then(Value::as_str) {
        None | Some("string") => Value::String(text.to_owned()),
        Some(_) => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_environment_lies_over_the_file() {
        let file = json!({ "travel": { "days": 3, "to": "Oslo" } });
        let file = serde_json::from_value(file).unwrap();
        let variables = [("COUNTERSIGN_MODULE_TRAVEL_DAYS", "5"), ("COUNTERSIGN_LISTEN", "x")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        let layers = ConfigLayers::default().with_file(file).with_environment(variables);
        let (number, text) = (json!({ "type": "integer" }), json!({ "type": "string" }));
        assert_eq!(layers.set("travel", "days", &number), Some((json!(5), "environment")));
        assert_eq!(layers.set("travel", "to", &text), Some((json!("Oslo"), "file")));
        assert_eq!(layers.set("fleet", "to", &text), None);
    }
}
