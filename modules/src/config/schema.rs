//! The schema of a configuration: its names, defaults and secrets.

use super::layers::ConfigLayers;
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use workflow::{Problem, definition::below};

/// A schema that was read.
pub(crate) struct ConfigSchema {
    document: Value,
    validator: Validator,
}

impl ConfigSchema {
    /// Reads a JSON Schema of an object whose settings are its properties.
    pub(crate) fn read(document: Value) -> Result<Self, String> {
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&document);
        let validator = validator.map_err(|error| format!("this is not a JSON Schema: {error}"))?;
        if document.get("properties").and_then(Value::as_object).is_none() {
            return Err("a configuration is an object: give its settings under properties".to_owned());
        }
        Ok(Self { document, validator })
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

    /// What is wrong with what is given, and with what comes of it.
    pub(crate) fn problems(&self, given: &Map<String, Value>, merged: Map<String, Value>) -> Vec<Problem> {
        let known: Vec<&str> = self.names().collect();
        let unknown = given.keys().filter(|name| !known.contains(&name.as_str()));
        let message = format!("is not known; use one of: {}", known.join(", "));
        let unknown = unknown.map(|name| Problem::new(below("", name), "unknown-setting", message.clone()));
        let merged = Value::Object(merged);
        let misfits = self.validator.iter_errors(&merged).take(100);
        let misfits = misfits.map(|error| self.misfit(&error));
        unknown.chain(misfits).collect()
    }

    /// The library's sentence repeats the value, which may be a secret.
    fn misfit(&self, error: &jsonschema::ValidationError<'_>) -> Problem {
        let pointer = error.instance_path().to_string();
        let name = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        let message = if self.is_secret(name) { "does not fit its schema".to_owned() } else { error.to_string() };
        Problem::new(pointer.clone(), "schema", message)
    }
}

/// Problems stand where the caller sent the configuration.
pub(super) fn below_config(problem: Problem) -> Problem {
    Problem { pointer: format!("/config{}", problem.pointer), ..problem }
}
