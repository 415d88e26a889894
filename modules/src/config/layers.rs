//! What an installation sets for all of its companies: by file and by environment.

use super::seal::SecretsKey;
use crate::limits::LimitLayers;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The beginning of the names of variables: `COUNTERSIGN_MODULE_TRAVEL__MAX_DAYS`.
const PREFIX: &str = "COUNTERSIGN_MODULE_";
/// What stands between module and setting. No name of a module has two in a row or one at its end, so the first place where
/// this stands tells them apart: `days` of `travel-max` and `max_days` of `travel` are two variables.
const BETWEEN: &str = "__";

/// What the installation sets, and the key of its secrets.
#[derive(Debug, Clone, Default)]
pub struct ConfigLayers {
    file: BTreeMap<String, Map<String, Value>>,
    environment: BTreeMap<String, String>,
    pub(super) key: Option<SecretsKey>,
    pub(crate) limits: LimitLayers,
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

    /// How far it lowers the limits of modules.
    #[must_use]
    pub fn with_limits(self, limits: LimitLayers) -> Self {
        Self { limits, ..self }
    }

    /// What is set, and where.
    pub(super) fn set(&self, module: &str, name: &str, schema: &Value) -> Option<(Value, &'static str)> {
        let variable = format!("{PREFIX}{}{BETWEEN}{}", shouted(module), shouted(name));
        if let Some(text) = self.environment.get(&variable) {
            return Some((read(text, schema), "environment"));
        }
        self.file.get(module)?.get(name).map(|value| (value.clone(), "file"))
    }
}

/// Whether a variable would set something of a module, and does not: which module it means cannot be told.
#[must_use]
pub fn is_unclear_variable(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|rest| !rest.contains(BETWEEN))
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
        let variables = [("COUNTERSIGN_MODULE_TRAVEL__DAYS", "5"), ("COUNTERSIGN_LISTEN", "x")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter();
        let layers = ConfigLayers::default().with_file(file).with_environment(variables);
        let (number, text) = (json!({ "type": "integer" }), json!({ "type": "string" }));
        assert_eq!(layers.set("travel", "days", &number), Some((json!(5), "environment")));
        assert_eq!(layers.set("travel", "to", &text), Some((json!("Oslo"), "file")));
        assert_eq!(layers.set("fleet", "to", &text), None);
    }

    #[test]
    fn a_variable_is_of_one_module_only() {
        let variables = [("TRAVEL__MAX_DAYS", "1"), ("TRAVEL_MAX__DAYS", "2"), ("TRAVEL_MAX___DAYS", "3")];
        let variables = variables.map(|(name, value)| (format!("{PREFIX}{name}"), value.to_owned())).into_iter();
        let layers = ConfigLayers::default().with_environment(variables);
        let set = |module: &str, name: &str| layers.set(module, name, &json!({})).map(|(value, _)| value);
        assert_eq!(set("travel", "max_days"), Some(json!("1")));
        assert_eq!(set("travel-max", "days"), Some(json!("2")));
        assert_eq!(set("travel-max", "_days"), Some(json!("3")));
        assert_eq!(set("travel", "max__days"), None);
        assert!(is_unclear_variable("COUNTERSIGN_MODULE_TRAVEL_MAX_DAYS"));
        assert!(!is_unclear_variable("COUNTERSIGN_MODULE_TRAVEL__MAX_DAYS") && !is_unclear_variable("HOME"));
    }
}
