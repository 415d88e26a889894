//! What an installation sets for the limits of modules: by file and by environment, for all of them or for one.

use super::Limits;
use crate::manifest::{DeclaredLimits, Manifest};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The beginning of the names of variables: `COUNTERSIGN_LIMITS_QUEUE_SHARE`, `COUNTERSIGN_LIMITS_TRAVEL_QUEUE_SHARE`.
const PREFIX: &str = "COUNTERSIGN_LIMITS_";
/// What can be set, with the least and the most that it can be.
const FIELDS: [(&str, u32, u32); 4] = [
    ("requests_per_minute", 1, 6_000_000),
    ("queue_share", 1, 100),
    ("pool_connections", 1, 100),
    ("time_ms", 10, 100_000),
];

/// What an installation sets.
#[derive(Debug, Clone, Default)]
pub struct LimitLayers {
    all: DeclaredLimits,
    /// By the name of the module, in capitals as variables have it.
    modules: BTreeMap<String, DeclaredLimits>,
}

impl LimitLayers {
    /// Reads the table `limits` of a file, in which tables are of single modules, and over it the variables.
    ///
    /// # Errors
    /// Everything that does not fit, a sentence each.
    pub fn read(
        file: &Map<String, Value>,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, Vec<String>> {
        let (mut layers, mut problems) = (Self::default(), Vec::new());
        for (name, value) in file {
            match value {
                Value::Object(of_module) => of_module.iter().for_each(|(field, value)| {
                    layers.set(name, field, value, &format!("limits.{name}.{field}"), &mut problems);
                }),
                value => layers.set("", name, value, &format!("limits.{name}"), &mut problems),
            }
        }
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let (module, field) = parted(rest);
            let value = serde_json::from_str(&text).unwrap_or(Value::String(text));
            layers.set(module, &field, &value, &name, &mut problems);
        }
        if problems.is_empty() { Ok(layers) } else { Err(problems) }
    }

    /// What counts for a module.
    #[must_use]
    pub fn limits(&self, manifest: &Manifest) -> Limits {
        let own = self.modules.get(&shouted(&manifest.name)).copied().unwrap_or_default();
        Limits::of(&manifest.limits).lowered(&self.all).lowered(&own)
    }

    fn set(&mut self, module: &str, field: &str, value: &Value, source: &str, problems: &mut Vec<String>) {
        let Some((_, least, most)) = FIELDS.iter().find(|(name, ..)| *name == field) else {
            let known = FIELDS.map(|(name, ..)| name).join(", ");
            return problems.push(format!("{source}: is not known; use one of: {known}"));
        };
        let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
        let Some(number) = number.filter(|number| (least..=most).contains(&number)) else {
            return problems.push(format!("{source}: must be a whole number from {least} to {most}"));
        };
        let set = if module.is_empty() { &mut self.all } else { self.modules.entry(shouted(module)).or_default() };
        match field {
            "requests_per_minute" => set.requests_per_minute = Some(number),
            "queue_share" => set.queue_share = u8::try_from(number).ok(),
            "pool_connections" => set.pool_connections = u16::try_from(number).ok(),
            _ => set.time_ms = Some(number),
        }
    }
}

fn shouted(name: &str) -> String {
    name.to_uppercase().replace('-', "_")
}

/// Module and field of the rest of a variable's name.
fn parted(rest: &str) -> (&str, String) {
    let found = FIELDS.iter().find_map(|(field, ..)| {
        let module = rest.strip_suffix(&field.to_uppercase())?;
        let module = if module.is_empty() { module } else { module.strip_suffix('_')? };
        Some((module, (*field).to_owned()))
    });
    found.unwrap_or(("", rest.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(file: Value, variables: &[(&str, &str)]) -> Result<LimitLayers, Vec<String>> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        LimitLayers::read(file.as_object().unwrap(), variables)
    }

    fn manifest(name: &str) -> Manifest {
        let manifest = json!({ "name": name, "version": "1.0.0", "title": "T", "description": "D", "licence": "MIT",
            "limits": { "requests_per_minute": 600 } });
        serde_json::from_value(manifest).unwrap()
    }

    #[test]
    fn the_lowest_of_manifest_and_installation_counts() {
        let file = json!({ "queue_share": 40, "it-equipment": { "requests_per_minute": 60, "queue_share": 90 } });
        let variables =
            [("COUNTERSIGN_LIMITS_IT_EQUIPMENT_TIME_MS", "5000"), ("COUNTERSIGN_LIMITS_POOL_CONNECTIONS", "2")];
        let layers = read(file, &variables).unwrap();
        let one = layers.limits(&manifest("it-equipment"));
        assert_eq!((one.requests_per_minute, one.queue_share, one.pool_connections, one.time_ms), (60, 40, 2, 5_000));
        let other = layers.limits(&manifest("travel"));
        assert_eq!((other.requests_per_minute, other.queue_share, other.time_ms), (600, 40, 30_000));
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_place() {
        let file = json!({ "queue_share": 0, "travel": { "memory": 5 } });
        let problems = read(file, &[("COUNTERSIGN_LIMITS_TRAVEL_TIME_MS", "soon")]).unwrap_err();
        assert_eq!(problems[0], "limits.queue_share: must be a whole number from 1 to 100");
        assert!(problems[1].starts_with("limits.travel.memory: is not known; use one of: requests_per_minute,"));
        assert_eq!(problems[2], "COUNTERSIGN_LIMITS_TRAVEL_TIME_MS: must be a whole number from 10 to 100000");
    }
}
