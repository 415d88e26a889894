//! The schema of a configuration: its names, defaults and secrets.

use super::layers::{ConfigLayers, shouted};
use crate::json_schema::{self, Flaw};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use workflow::{Problem, definition::below};

/// A schema that was read.
pub(crate) struct ConfigSchema {
    document: Value,
    validator: Validator,
    /// Whether what the installation sets is not told.
    secret_below: bool,
}

impl ConfigSchema {
    /// Reads a JSON Schema of an object whose settings are its properties.
    pub(crate) fn read(document: Value) -> Result<Self, String> {
        let told = |flaw: &Flaw| format!("{}: {}; {}", flaw.pointer, flaw.message, flaw.remedy);
        let validator = json_schema::validator(&document)
            .map_err(|flaws| flaws.iter().take(10).map(told).collect::<Vec<_>>().join("; "))?;
        if document.get("properties").and_then(Value::as_object).is_none() {
            return Err("a configuration is an object: give its settings under properties".to_owned());
        }
        let schema = Self { document, validator, secret_below: false };
        let mut variables = BTreeMap::new();
        for name in schema.names() {
            if let Some(other) = variables.insert(shouted(name), name) {
                return Err(format!("the settings {other} and {name} have the same variable; rename one of them"));
            }
        }
        Ok(schema)
    }

    /// The same, of a module that somebody has uploaded: which of its settings are secret is for the uploader to say, so
    /// whatever the installation sets is.
    pub(crate) fn uploaded(self) -> Self {
        Self { secret_below: true, ..self }
    }

    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.properties().map(|(name, _)| name)
    }

    fn properties(&self) -> impl Iterator<Item = (&str, &Value)> {
        let all = self.document.get("properties").and_then(Value::as_object).into_iter().flatten();
        all.map(|(name, schema)| (name.as_str(), schema))
    }

    fn property(&self, name: &str) -> Option<&Value> {
        self.document.get("properties")?.get(name)
    }

    pub(crate) fn is_secret(&self, name: &str) -> bool {
        self.property(name).is_some_and(|schema| schema.get("x-secret") == Some(&Value::Bool(true)))
    }

    /// What counts: each layer over the one before.
    pub(crate) fn merged(&self, layers: &ConfigLayers, module: &str, own: Map<String, Value>) -> Map<String, Value> {
        let mut merged = Map::new();
        for (name, schema) in self.properties() {
            let below = layers.set(module, name, schema).map(|(value, _)| value);
            let value = own.get(name).cloned().or(below).or_else(|| schema.get("default").cloned());
            merged.extend(value.map(|value| (name.to_owned(), value)));
        }
        merged
    }

    /// Which layer a setting comes from; nothing if it is not set.
    pub(crate) fn origin(
        &self,
        layers: &ConfigLayers,
        module: &str,
        name: &str,
        own: &Map<String, Value>,
    ) -> Option<&'static str> {
        if own.contains_key(name) {
            return Some("company");
        }
        let schema = self.property(name)?;
        let below = layers.set(module, name, schema).map(|(_, origin)| origin);
        below.or_else(|| schema.get("default").map(|_| "default"))
    }

    /// A secret is only told to be there.
    pub(crate) fn without_secrets(&self, values: Map<String, Value>) -> Map<String, Value> {
        let hidden = |name: &str, value: Value| if self.is_secret(name) { json!({ "secret": true }) } else { value };
        values.into_iter().map(|(name, value)| (name.clone(), hidden(&name, value))).collect()
    }

    /// What counts, as it is told.
    pub(crate) fn told(&self, layers: &ConfigLayers, module: &str, own: &Map<String, Value>) -> Map<String, Value> {
        let mut told = self.without_secrets(self.merged(layers, module, own.clone()));
        for (name, value) in &mut told {
            let below = matches!(self.origin(layers, module, name, own), Some("environment" | "file"));
            if below && self.secret_below {
                *value = json!({ "secret": true });
            }
        }
        told
    }

    /// What is wrong with what is given, and with what comes of it.
    pub(crate) fn problems(&self, given: &Map<String, Value>, merged: Map<String, Value>) -> Vec<Problem> {
        let known: Vec<&str> = self.names().collect();
        let unknown = given.keys().filter(|name| !known.contains(&name.as_str()));
        let message = format!("is not known; use one of: {}", known.join(", "));
        let unknown = unknown.map(|name| Problem::new(below("", name), "unknown-setting", message.clone()));
        let merged = Value::Object(merged);
        let misfits = self.validator.iter_errors(&merged).take(100);
        let misfits = misfits.map(|error| self.misfit(&error, given));
        unknown.chain(misfits).collect()
    }

    /// The library's sentence repeats the value, which may be a secret or, at the root, hold some.
    fn misfit(&self, error: &jsonschema::ValidationError<'_>, given: &Map<String, Value>) -> Problem {
        let pointer = error.instance_path().to_string();
        let field = pointer.split('/').nth(1).map(|name| name.replace("~1", "/").replace("~0", "~"));
        let known = field.as_deref().filter(|name| self.property(name).is_some());
        let message = match known {
            Some(name) if self.is_secret(name) => "does not fit its schema".to_owned(),
            Some(name) if given.contains_key(name) || !self.secret_below => error.to_string(),
            _ => error.masked().to_string(),
        };
        Problem::new(pointer.clone(), "schema", message)
    }
}

/// Problems stand where the caller sent the configuration.
pub(super) fn below_config(problem: Problem) -> Problem {
    Problem { pointer: format!("/config{}", problem.pointer), ..problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> ConfigLayers {
        let file = json!({ "travel": { "token": "from-file", "host": "from-file" } });
        ConfigLayers::default().with_file(serde_json::from_value(file).unwrap())
    }

    fn schema() -> ConfigSchema {
        ConfigSchema::read(json!({
            "properties": {
                "token": { "type": "string" },
                "host": { "type": "string", "pattern": "^x" },
                "days": { "type": "integer", "default": 3 },
                "a/b": { "type": "string", "x-secret": true, "maxLength": 3 }
            },
            "not": { "required": ["a/b", "days"] }
        }))
        .unwrap()
    }

    #[test]
    fn an_uploaded_module_does_not_say_what_the_installation_sets() {
        let own = serde_json::from_value(json!({ "host": "mine" })).unwrap();
        let secret = json!({ "secret": true });
        let told = json!(schema().uploaded().told(&layers(), "travel", &own));
        assert_eq!(told, json!({ "token": secret, "host": "mine", "days": 3 }));
        let told = json!(schema().told(&layers(), "travel", &own));
        assert_eq!(told, json!({ "token": "from-file", "host": "mine", "days": 3 }));
    }

    #[test]
    fn no_problem_repeats_a_secret() {
        let given: Map<String, Value> = serde_json::from_value(json!({ "a/b": "hunter2" })).unwrap();
        let schema = schema().uploaded();
        let problems = schema.problems(&given, schema.merged(&layers(), "travel", given.clone()));
        let said: Vec<String> =
            problems.iter().map(|problem| format!("{}: {}", problem.pointer, problem.message)).collect();
        assert_eq!(said.len(), 3, "{said:?}");
        assert!(!said.concat().contains("hunter2") && !said.concat().contains("from-file"), "{said:?}");
        let given: Map<String, Value> = serde_json::from_value(json!({ "host": "mine" })).unwrap();
        let problems = schema.problems(&given, schema.merged(&layers(), "travel", given.clone()));
        assert!(problems.iter().any(|problem| problem.message.contains("mine")), "{problems:?}");
    }

    #[test]
    fn settings_of_one_variable_and_patterns_that_take_too_long_are_refused() {
        let refused = |document: Value| ConfigSchema::read(document).err().unwrap_or_default();
        let two = refused(json!({ "properties": { "max-days": {}, "max_days": {} } }));
        assert_eq!(two, "the settings max-days and max_days have the same variable; rename one of them");
        let pattern = refused(json!({ "properties": { "a": { "pattern": "^(a+)+\\1$" } } }));
        assert!(pattern.contains("references back"), "{pattern}");
        let twice = json!({ "properties": { "a": { "$ref": "#" } } });
        let bomb = refused(json!({ "properties": { "a": {} }, "allOf": [twice, twice] }));
        assert!(bomb.contains("more than 1000 parts"), "{bomb}");
    }
}
