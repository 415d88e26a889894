//! What the code of an uploaded package is given of its configuration.
//!
//! Defaults, and what the company sets. What the installation sets by file and environment stays hidden, as it is from
//! everybody who reads the configuration of an uploaded module; and so do the company's secrets: code could publish them,
//! log them or answer with them, and whoever agreed to a package has not agreed to that.

use super::schema::ConfigSchema;
use super::{ConfigLayers, own, seal};
use serde_json::{Map, Value};
use store::{Session, StoreError};

/// The settings of a module in a company, for its code.
pub(crate) async fn config_for_code(
    session: &mut Session,
    company: &str,
    (module, schema): (&str, &ConfigSchema),
) -> Result<Map<String, Value>, StoreError> {
    let own = own(&session.module_config(company, module).await?)?;
    Ok(told(schema, module, own))
}

/// A secret that a later version of the schema calls none is still sealed, and stays so.
fn told(schema: &ConfigSchema, module: &str, own: Map<String, Value>) -> Map<String, Value> {
    let open = own.into_iter().filter(|(name, value)| !schema.is_secret(name) && !seal::is_sealed(value));
    let mut merged = schema.merged(&ConfigLayers::default(), module, open.collect());
    merged.retain(|name, _| !schema.is_secret(name));
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SecretsKey;
    use serde_json::json;

    fn fields(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn code_sees_defaults_and_what_the_company_sets_but_no_secret() {
        let schema = ConfigSchema::read(json!({ "type": "object", "properties": {
            "days": { "type": "integer", "default": 10 },
            "to": { "type": "string" },
            "password": { "type": "string", "x-secret": true, "default": "none" },
            "once_secret": {},
        } }))
        .unwrap();
        let key = SecretsKey::parse(&"00".repeat(32)).unwrap();
        let sealed = key.seal(("acme", "travel", "once_secret"), &json!("hidden")).unwrap();
        let own = fields(json!({ "to": "Oslo", "password": "open by mistake", "once_secret": sealed }));
        assert_eq!(told(&schema, "travel", own), fields(json!({ "days": 10, "to": "Oslo" })));
    }
}
