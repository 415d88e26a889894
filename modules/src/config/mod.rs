//! The configuration of a module in a company: what its schema says by default, under what the installation sets by file
//! and by environment, under what the company sets.
//!
//! A company's settings are versions, of which the last counts. They are checked before they are stored, together with
//! what lies below them. Secrets are encrypted before they are stored, and never told.

mod for_code;
mod layers;
mod rotate;
mod schema;
mod seal;

pub(crate) use for_code::config_for_code;
pub use layers::{ConfigLayers, is_unclear_variable};
pub use rotate::{Rotated, rotate_secrets};
pub(crate) use schema::ConfigSchema;
pub use seal::SecretsKey;

use crate::catalogue::Catalogue;
use crate::objects::Caller;
use crate::registry::Registry;
use schema::below_config;
use serde_json::{Map, Value, json};
use store::{Session, StoreError, StoredConfig, Unit};
use workflow::Problem;

/// So many versions are shown.
const PAST: u32 = 50;

/// What a company sets.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The module.
    pub module: String,
    /// Every setting by name. One that is not named is what lies below it; a secret that is not named stays.
    pub config: Map<String, Value>,
    /// The version that was read before, if the caller wants to be sure that nothing came between.
    pub before: Option<u64>,
}

impl Registry {
    /// The configuration of a module, secrets included: for its code, not for people.
    pub async fn config(
        &self,
        session: &mut Session,
        company: &str,
        module: &str,
    ) -> Result<Map<String, Value>, StoreError> {
        let catalogue = self.of(session, company).await?;
        let schema = schema_of(&catalogue, module)?;
        let own = own(&session.module_config(company, module).await?)?;
        let opened =
            own.into_iter().map(|(name, value)| Ok((name.clone(), self.opened((company, module, &name), value)?)));
        Ok(schema.merged(self.layers(), module, opened.collect::<Result<_, StoreError>>()?))
    }

    /// What people are shown of it: each setting with where it comes from, and what it was.
    pub async fn shown_config(&self, session: &mut Session, company: &str, module: &str) -> Result<Value, StoreError> {
        let catalogue = self.of(session, company).await?;
        let schema = schema_of(&catalogue, module)?;
        let past = session.module_configs(company, module, PAST).await?;
        let own = own(&past.first().cloned())?;
        let from: Map<String, Value> = schema
            .names()
            .map(|name| (name.to_owned(), json!(schema.origin(self.layers(), module, name, &own))))
            .collect();
        Ok(json!({
            "module": module,
            "version": past.first().map_or(0, |last| last.version),
            "config": schema.told(self.layers(), module, &own),
            "company": schema.without_secrets(own),
            "from": from,
            "schema": schema.document(),
            "history": history(&schema, &past)?,
        }))
    }

    /// Stores what a company sets, as the next version; the version.
    ///
    /// # Errors
    /// `Problems` if it does not fit, and then everything stays as it was; `Conflict` if something came between.
    pub async fn set_config(&self, unit: &mut Unit, by: &Caller, setting: &Setting) -> Result<u64, StoreError> {
        let Setting { module, config, before } = setting;
        let catalogue = self.of(unit, &by.company).await?;
        let schema = schema_of(&catalogue, module)?;
        let last = unit.module_config(&by.company, module).await?;
        let version = last.as_ref().map_or(0, |last| last.version);
        if before.is_some_and(|before| before != version) {
            return Err(StoreError::Conflict);
        }
        let kept = own(&last)?.into_iter().filter(|(name, _)| schema.is_secret(name) && !config.contains_key(name));
        let given = config.iter().filter(|(_, value)| !value.is_null());
        let mut plain: Map<String, Value> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut sealed = plain.clone();
        for (name, value) in plain.iter().filter(|(name, _)| schema.is_secret(name)) {
            sealed.insert(name.clone(), self.sealed((&by.company, module, name), value)?);
        }
        for (name, value) in kept {
            plain.insert(name.clone(), self.opened((&by.company, module, &name), value.clone())?);
            sealed.insert(name, value);
        }
        let problems = schema.problems(&plain, schema.merged(self.layers(), module, plain.clone()));
        if !problems.is_empty() {
            return Err(StoreError::Problems(problems.into_iter().map(below_config).collect()));
        }
        let data = Value::Object(sealed).to_string();
        unit.put_module_config(&by.company, module, version, &data, &by.person.id).await
    }

    /// Stores an old version once more, as the next one.
    pub async fn roll_back_config(
        &self,
        unit: &mut Unit,
        by: &Caller,
        module: &str,
        version: u64,
    ) -> Result<u64, StoreError> {
        let missing = || StoreError::Missing { what: "version of this configuration", id: version.to_string() };
        let past = unit.module_configs(&by.company, module, u32::MAX >> 1).await?;
        let old = past.iter().find(|old| old.version == version).ok_or_else(missing)?;
        let catalogue = self.of(unit, &by.company).await?;
        let schema = schema_of(&catalogue, module)?;
        let mut plain = Map::new();
        for (name, value) in own(&Some(old.clone()))? {
            plain.insert(name.clone(), self.opened((&by.company, module, &name), value)?);
        }
        // The schema may be another by now.
        let problems = schema.problems(&plain, schema.merged(self.layers(), module, plain.clone()));
        if !problems.is_empty() {
            return Err(StoreError::Problems(problems));
        }
        let last = past.first().map_or(0, |last| last.version);
        unit.put_module_config(&by.company, module, last, &old.data, &by.person.id).await
    }

    fn sealed(&self, place: (&str, &str, &str), value: &Value) -> Result<Value, StoreError> {
        let no_key = || {
            let problem = Problem::new(
                format!("/config/{}", place.2),
                "no-secrets-key",
                "cannot be kept secret: the service has no key; give it COUNTERSIGN_SECRETS_KEY, 64 hex digits such as \
                 `openssl rand -hex 32` prints",
            );
            StoreError::Problems(vec![problem])
        };
        self.layers().key.as_ref().ok_or_else(no_key)?.seal(place, value)
    }

    fn opened(&self, place: (&str, &str, &str), value: Value) -> Result<Value, StoreError> {
        if !seal::is_sealed(&value) {
            return Ok(value);
        }
        let no_key =
            || StoreError::Unavailable("COUNTERSIGN_SECRETS_KEY is not set, and secrets are stored".to_owned());
        self.layers().key.as_ref().ok_or_else(no_key)?.open(place, &value)
    }
}

fn schema_of(catalogue: &Catalogue, module: &str) -> Result<ConfigSchema, StoreError> {
    let missing = || StoreError::Missing { what: "module", id: module.to_owned() };
    let all = catalogue.all();
    let (installed, _) = all.iter().find(|(installed, _)| installed.manifest.name == module).ok_or_else(missing)?;
    let none = || StoreError::refused("no-config", format!("the module {module} has nothing to be configured"));
    let file = installed.manifest.config.as_ref().ok_or_else(none)?;
    let broken = |error: String| StoreError::Corrupt(format!("the configuration of {module}: {error}"));
    let document = installed.module().package().json(file).map_err(|error| broken(error.to_string()))?;
    let schema = ConfigSchema::read(document).map_err(broken)?;
    Ok(if installed.sha256.is_some() { schema.uploaded() } else { schema })
}

/// What a company has set, secrets sealed.
fn own(stored: &Option<StoredConfig>) -> Result<Map<String, Value>, StoreError> {
    let Some(stored) = stored else { return Ok(Map::new()) };
    serde_json::from_str(&stored.data).map_err(|error| StoreError::Corrupt(format!("a configuration: {error}")))
}

/// Who changed what and when, newest first. Secrets are named, not told.
fn history(schema: &ConfigSchema, past: &[StoredConfig]) -> Result<Vec<Value>, StoreError> {
    let mut versions = Vec::new();
    for (n, version) in past.iter().enumerate() {
        let (after, before) = (own(&Some(version.clone()))?, own(&past.get(n + 1).cloned())?);
        let names = schema.names().filter(|name| after.get(*name) != before.get(*name));
        let shown = |values: &Map<String, Value>, name: &str| match values.get(name) {
            Some(_) if schema.is_secret(name) => json!({ "secret": true }),
            other => other.cloned().unwrap_or(Value::Null),
        };
        let changed: Map<String, Value> = names
            .map(|name| (name.to_owned(), json!({ "from": shown(&before, name), "to": shown(&after, name) })))
            .collect();
        versions.push(json!({ "version": version.version, "at": version.at, "by": version.by, "changed": changed }));
    }
    Ok(versions)
}
