//! The configuration of a module in a company.

use super::travel::{installed, manifest, packed};
use crate::support::{App, Database, stories};
use anyhow::ensure;
use serde_json::json;

const CONFIG: &str = r#"{ "type": "object", "required": ["days"], "properties": {
  "days": { "type": "integer", "minimum": 1, "default": 10 },
  "greeting": { "type": "string" },
  "password": { "type": "string", "minLength": 8, "x-secret": true } } }"#;

pub(super) fn package() -> anyhow::Result<Vec<u8>> {
    packed(&[
        ("module.yaml", format!("{}config: config.json\n", manifest("travel", "1.0.0", ""))),
        ("trip.json", "{ \"type\": \"object\" }".to_owned()),
        ("trip.asl.json", super::travel::WORKFLOW.to_owned()),
        ("config.json", CONFIG.to_owned()),
    ])
}

stories! {
    async fn a_configuration_has_layers_versions_and_secrets(app: App) {
        installed(app, "/modules", &package()?).await?;
        let path = "/modules/travel/config";
        let (status, shown) = app.call("ada", "GET", path, None).await?;
        // Who uploads a module does not read with its schema what the installation sets.
        let config = json!({ "days": 10, "greeting": { "secret": true } });
        ensure!(status == 200 && shown["config"] == config && shown["from"]["days"] == "default", "{shown}");
        ensure!(shown["from"]["greeting"] == "file" && !shown.to_string().contains("installation"), "{shown}");
        ensure!(app.call("eva", "GET", path, None).await?.0 == 403);

        let set = json!({ "config": { "days": 5, "password": "correct horse" }, "version": 0 });
        let (status, answer) = app.call("ada", "PUT", path, Some(&set)).await?;
        ensure!(status == 200 && answer["version"] == 1, "{status} {answer}");
        let (status, refused) = app.call("ada", "PUT", path, Some(&set)).await?;
        ensure!(status == 409, "{status} {refused}");
        let (_, shown) = app.call("ada", "GET", path, None).await?;
        ensure!(shown["config"]["days"] == 5 && shown["config"]["password"] == json!({ "secret": true }), "{shown}");
        ensure!(!shown.to_string().contains("horse"), "a secret was told: {shown}");

        let wrong = json!({ "config": { "days": 0, "colour": "red", "password": "short" } });
        let (status, refused) = app.call("ada", "PUT", path, Some(&wrong)).await?;
        let pointers: Vec<&str> = refused["errors"].as_array().into_iter().flatten().filter_map(|one| one["pointer"].as_str()).collect();
        ensure!(status == 422 && pointers == ["/config/colour", "/config/days", "/config/password"], "{status} {refused}");
        ensure!(!refused.to_string().contains("short"), "a secret was told: {refused}");

        // A secret that is not named stays; a setting that is not named is what lies below it.
        let (_, answer) = app.call("ada", "PUT", path, Some(&json!({ "config": { "greeting": "hello" } }))).await?;
        ensure!(answer["version"] == 2, "{answer}");
        let mut reader = app.store.read().await?;
        let stored = reader.module_config("acme", "travel").await?.map(|last| last.data).unwrap_or_default();
        drop(reader);
        ensure!(stored.contains("$sealed") && !stored.contains("horse"), "{stored}");
        let (_, answer) = app.call("ada", "POST", &format!("{path}/rollback"), Some(&json!({ "version": 1 }))).await?;
        ensure!(answer["version"] == 3, "{answer}");
        let (_, shown) = app.call("ada", "GET", path, None).await?;
        ensure!(shown["config"]["days"] == 5 && shown["history"][0]["by"] == "ada", "{shown}");
        ensure!(shown["history"][1]["changed"]["greeting"] == json!({ "from": null, "to": "hello" }), "{shown}");
        Ok(())
    }
}
