//! Another key for the secrets: every one that is stored is sealed anew under it, those of old versions too.
//!
//! Some at a time, each time in one commit, while the service goes on: it opens secrets under the old key and the new one.
//! Stopped anywhere, it is begun again and goes over what is done already.

use super::seal::{self, SecretsKey};
use futures::FutureExt;
use serde_json::{Map, Value};
use store::{ConfigPlace, PlacedConfig, Store, StoreError};

/// So many versions are read and written at once.
const AT_ONCE: u32 = 100;

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Secrets that were sealed anew.
    pub sealed: u64,
    /// Secrets that were under the new key already.
    pub current: u64,
    /// Secrets that no key opens, each with its place: they stay as they are.
    pub unread: Vec<String>,
}

/// What becomes of a version.
struct Resealed {
    before: PlacedConfig,
    data: String,
}

/// Seals every secret anew that is not under the own key; `done` hears how many versions were looked at.
pub async fn rotate_secrets(store: &Store, key: &SecretsKey, done: impl Fn(u64)) -> Result<Rotated, StoreError> {
    let (mut rotated, mut looked_at, mut after) = (Rotated::default(), 0, ConfigPlace::default());
    loop {
        let some = store.read().await?.module_configs_after(&after, AT_ONCE).await?;
        let Some(last) = some.last() else { return Ok(rotated) };
        after = last.place.clone();
        looked_at += some.len() as u64;
        let mut changed = Vec::new();
        for before in some {
            changed.extend(reseal(key, before, &mut rotated)?);
        }
        write(store, changed).await?;
        done(looked_at);
    }
}

fn reseal(key: &SecretsKey, before: PlacedConfig, rotated: &mut Rotated) -> Result<Option<Resealed>, StoreError> {
    let ConfigPlace { company, module, version } = &before.place;
    let broken = |error| StoreError::Corrupt(format!("configuration {version} of {module} in {company}: {error}"));
    let mut values: Map<String, Value> = serde_json::from_str(&before.data).map_err(broken)?;
    let mut changed = false;
    for (name, value) in values.iter_mut().filter(|(_, value)| seal::is_sealed(value)) {
        match key.sealed_anew((company, module, name), value) {
            Ok(None) => rotated.current += 1,
            Ok(Some(anew)) => {
                (*value, changed) = (anew, true);
                rotated.sealed += 1;
            }
            Err(StoreError::Corrupt(_)) => {
                rotated.unread.push(format!("{name} of {module} in {company}, version {version}"));
            }
            Err(error) => return Err(error),
        }
    }
    Ok(changed.then(|| Resealed { before, data: Value::Object(values).to_string() }))
}

async fn write(store: &Store, changed: Vec<Resealed>) -> Result<(), StoreError> {
    if changed.is_empty() {
        return Ok(());
    }
    let changed = std::sync::Arc::new(changed);
    let writing = store.write(move |unit| {
        let changed = changed.clone();
        async move {
            for Resealed { before, data } in changed.iter() {
                unit.reseal_module_config(before, data).await?;
            }
            Ok(())
        }
        .boxed()
    });
    writing.await
}
