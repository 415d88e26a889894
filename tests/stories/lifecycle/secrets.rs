//! Another key for the secrets of configurations.

use super::config;
use super::travel::installed;
use crate::support::process::Program;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use modules::{ConfigLayers, Registry, SecretsKey};
use serde_json::{Value, json};

/// A registry with another key than the app's.
fn registry(key: &str) -> Result<Registry> {
    Ok(Registry::new(Vec::new())?.configured(ConfigLayers::default().with_key(SecretsKey::parse(key))))
}

/// The password as the code of the module sees it, under this key.
async fn password(app: &App, key: &str) -> Result<Value> {
    let mut reader = app.store.read().await?;
    Ok(registry(key)?.config(&mut reader, "acme", "travel").await?.get("password").cloned().unwrap_or_default())
}

async fn stored(app: &App) -> Result<Vec<String>> {
    let versions = app.store.read().await?.module_configs("acme", "travel", 10).await?;
    Ok(versions.into_iter().map(|version| version.data).collect())
}

stories! {
    async fn secrets_get_another_key_while_the_service_goes_on(app: App) {
        installed(app, "/modules", &config::package()?).await?;
        let path = "/modules/travel/config";
        for secret in ["correct horse", "battery staple"] {
            let set = json!({ "config": { "password": secret, "days": 4 } });
            ensure!(app.call("ada", "PUT", path, Some(&set)).await?.0 == 200);
        }
        let (old, new) = ("5".repeat(64), "6".repeat(64));
        let (before, both) = (stored(app).await?, format!("{new},{old}"));
        let rotate = ["secrets", "rotate", "--database", app.url(), "--json"];
        let program = |key: &str| Ok::<_, anyhow::Error>(Program::find()?.with("COUNTERSIGN_SECRETS_KEY", key));

        // Without the old key nothing can be done, and nothing is.
        let ended = program(&new)?.run(&rotate).await?;
        let told: Value = serde_json::from_str(&ended.out)?;
        ensure!(ended.code == Some(1) && told["sealed"] == 0, "{told} {}", ended.err);
        ensure!(told["unread"] == json!(["password of travel in acme, version 1", "password of travel in acme, version 2"]), "{told}");
        ensure!(stored(app).await? == before, "something was changed");

        let told: Value = serde_json::from_str(&program(&both)?.must(&rotate).await?)?;
        ensure!(told == json!({ "sealed": 2, "current": 0, "unread": [] }), "{told}");
        let told: Value = serde_json::from_str(&program(&both)?.must(&rotate).await?)?;
        ensure!(told == json!({ "sealed": 0, "current": 2, "unread": [] }), "{told}");
        ensure!(password(app, &new).await? == "battery staple" && password(app, &both).await? == "battery staple");
        ensure!(password(app, &old).await.is_err(), "the old key opens what is under the new one");
        let after = stored(app).await?;
        ensure!(after.len() == 2 && after.iter().zip(&before).all(|(after, before)| after != before), "{after:?}");
        ensure!(after.iter().all(|data| data.contains("\"days\":4") && !data.contains("horse")), "{after:?}");

        let ended = program("short")?.run(&rotate).await?;
        ensure!(ended.code == Some(1) && ended.err.contains("must have 64 hex digits"), "{}", ended.err);
        let ended = Program::find()?.run(&rotate).await?;
        ensure!(ended.code == Some(1) && ended.err.contains("is not set"), "{}", ended.err);
        Ok(())
    }
}
