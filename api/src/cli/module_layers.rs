//! What the installation sets for modules: the tables `modules.NAME` of its file, variables, and the key of secrets.

use anyhow::{Context, Result, anyhow, bail};
use modules::{ConfigLayers, LimitLayers, SecretsKey, is_unclear_variable};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The variable with the key.
const KEY: &str = "COUNTERSIGN_SECRETS_KEY";

/// Reads them; `file` is the service's own.
pub(super) fn read(file: Option<&Path>) -> Result<ConfigLayers> {
    if let Some((name, _)) = std::env::vars().find(|(name, _)| is_unclear_variable(name)) {
        bail!(
            "{name}: which module it is for cannot be told; put two underscores before the setting, as in \
             COUNTERSIGN_MODULE_TRAVEL__MAX_DAYS"
        );
    }
    let tables = file.map(tables).transpose()?.unwrap_or_default();
    let layers = ConfigLayers::default().with_file(tables).with_environment(std::env::vars()).with_key(key()?);
    Ok(layers.with_limits(limits(file)?))
}

fn limits(file: Option<&Path>) -> Result<LimitLayers> {
    let document = file.map(document).transpose()?.unwrap_or_default();
    let table = match document.get("limits") {
        None => Map::new(),
        Some(Value::Object(table)) => table.clone(),
        Some(_) => bail!("limits must be a table, [limits]"),
    };
    LimitLayers::read(&table, std::env::vars()).map_err(|problems| anyhow!("{}", problems.join("\n")))
}

/// The key of secrets, if there is one.
pub(super) fn key() -> Result<Option<SecretsKey>> {
    let Ok(text) = std::env::var(KEY) else { return Ok(None) };
    match SecretsKey::parse(&text) {
        Some(key) => Ok(Some(key)),
        None => bail!(
            "{KEY} must have 64 hex digits, such as `openssl rand -hex 32` prints; after it may stand former keys, with \
             commas between them, 8 at most"
        ),
    }
}

fn document(path: &Path) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    // That it is TOML at all is told with everything else that is wrong with it.
    Ok(toml::from_str(&text).unwrap_or_default())
}

fn tables(path: &Path) -> Result<BTreeMap<String, Map<String, Value>>> {
    let document = document(path)?;
    let Some(modules) = document.get("modules") else { return Ok(BTreeMap::new()) };
    let wrong = || format!("{}: modules must be tables such as [modules.travel]", path.display());
    serde_json::from_value(modules.clone()).with_context(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_tables_of_modules_are_read_and_the_rest_is_left() {
        let folder = std::env::temp_dir().join(format!("countersign-layers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("service.toml");
        std::fs::write(&file, "listen = \"127.0.0.1:1\"\n[modules.travel]\ndays = 3\nto = \"Oslo\"\n").unwrap();
        let read = tables(&file).unwrap();
        assert_eq!(Value::Object(read["travel"].clone()), json!({ "days": 3, "to": "Oslo" }));
        std::fs::write(&file, "modules = 3\n").unwrap();
        assert!(tables(&file).unwrap_err().to_string().ends_with("modules must be tables such as [modules.travel]"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
