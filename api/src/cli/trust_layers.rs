//! Whose packages the installation takes: the table `trust` of its file, and variables over it.

use anyhow::{Context, Result, bail};
use modules::{Publisher, Required, Trust};
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// Keys with blanks or commas between them, in place of those of the file.
const KEYS: &str = "COUNTERSIGN_TRUST_KEYS";
/// `none` or `signed`.
const REQUIRE: &str = "COUNTERSIGN_TRUST_REQUIRE";

/// The table.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default)]
    keys: Vec<Value>,
    require: Option<String>,
}

/// A key with what goes with it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    key: String,
    name: Option<String>,
    #[serde(default)]
    modules: Vec<String>,
}

/// Reads it; `file` is the service's own.
pub(super) fn read(file: Option<&Path>) -> Result<Trust> {
    let mut table = file.map(table).transpose()?.unwrap_or_default();
    if let Ok(keys) = std::env::var(KEYS) {
        let keys = keys.split(|c: char| c == ',' || c.is_whitespace()).filter(|key| !key.is_empty());
        table.keys = keys.map(Value::from).collect();
    }
    if let Ok(require) = std::env::var(REQUIRE) {
        table.require = Some(require);
    }
    table.trust()
}

fn table(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    // That it is TOML at all is told with everything else that is wrong with it.
    let document: Value = toml::from_str(&text).unwrap_or_default();
    let Some(trust) = document.get("trust") else { return Ok(Table::default()) };
    let wrong = || format!("{}: [trust] has keys = [\"RW...\"] and require = \"none\" or \"signed\"", path.display());
    serde_json::from_value(trust.clone()).with_context(wrong)
}

impl Table {
    fn trust(self) -> Result<Trust> {
        let require = match self.require.as_deref() {
            None | Some("none") => Required::None,
            Some("signed") => Required::Signed,
            Some(other) => bail!("trust.require is \"{other}\"; it must be none or signed"),
        };
        let publishers: Vec<Publisher> = self.keys.iter().map(publisher).collect::<Result<_>>()?;
        if publishers.is_empty() && require == Required::Signed {
            bail!("trust.require is \"signed\", and nobody is trusted: name the keys under trust.keys");
        }
        Ok(Trust::new(publishers, require))
    }
}

fn publisher(entry: &Value) -> Result<Publisher> {
    let named = match entry {
        Value::String(key) => Named { key: key.clone(), name: None, modules: Vec::new() },
        other => serde_json::from_value(other.clone()).context(
            "an entry of trust.keys is a key that begins with RW, or { key = \"RW...\", name = \"...\", modules = [\"acme-*\"] }",
        )?,
    };
    let wrong = || format!("trust.keys: {}", named.key.chars().take(60).collect::<String>());
    Publisher::new(named.name.as_deref(), &named.key, named.modules.clone()).with_context(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";

    fn trust(toml: &str) -> Result<Trust> {
        toml::from_str::<Table>(toml)?.trust()
    }

    #[test]
    fn keys_stand_alone_or_with_a_name() {
        assert!(trust("").is_ok());
        assert!(trust(&format!("keys = [\"{KEY}\"]\nrequire = \"signed\"")).is_ok());
        let named = format!("[[keys]]\nkey = \"{KEY}\"\nname = \"Acme\"\nmodules = [\"acme-*\"]");
        assert!(format!("{:?}", trust(&named).unwrap()).contains("Acme"));
    }

    #[test]
    fn what_would_trust_nobody_or_somebody_else_is_refused() {
        for (toml, words) in [
            ("require = \"signed\"".to_owned(), "nobody is trusted"),
            ("require = \"yes\"".to_owned(), "none or signed"),
            ("keys = [\"RWQ\"]".to_owned(), "trust.keys: RWQ"),
            ("keys = [3]".to_owned(), "begins with RW"),
            (format!("keys = [{{ key = \"{KEY}\", module = \"x\" }}]"), "begins with RW"),
            ("require_signature = true".to_owned(), "require_signature"),
        ] {
            let refused = format!("{:#}", trust(&toml).unwrap_err());
            assert!(refused.contains(words), "{toml}: {refused}");
        }
    }
}
