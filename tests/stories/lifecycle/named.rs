//! Objects that others name are not deleted, as far as an index finds who names them; and code migrates.

use super::travel::{change, installed, packed, packed_bytes};
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const PROJECT: &str = r#"{ "type": "object", "required": ["title"], "properties": { "title": { "type": "string" } } }"#;
const TASK: &str =
    r#"{ "type": "object", "properties": { "project": { "type": "string", "x-ref": "projects", "x-index": true } } }"#;

fn planning() -> Result<Vec<u8>> {
    let manifest = "name: planning\nversion: 1.0.0\ntitle: Planning\ndescription: Projects.\nlicence: MIT\npermissions:\n  \
        - { name: planning.all, title: Everything, roles: [\"*\"] }\nobjects:\n  \
        - { collection: projects, title: Project, schema: project.json, create: planning.all, read: planning.all, delete: planning.all }\n  \
        - { collection: tasks, title: Task, schema: task.json, create: planning.all, read: planning.all, delete: planning.all }\n";
    packed(&[
        ("module.yaml", manifest.to_owned()),
        ("project.json", PROJECT.to_owned()),
        ("task.json", TASK.to_owned()),
    ])
}

async fn make(app: &App, path: &str, data: Value) -> Result<String> {
    let (status, made) = app.call("eva", "POST", path, Some(&data)).await?;
    ensure!(status == 201, "{status} {made}");
    Ok(made["id"].as_str().context("an id")?.to_owned())
}

/// A module whose code makes the same of every object, whichever way.
fn with_code(version: &str, migrations: &str) -> Result<Vec<u8>> {
    let manifest = format!(
        "name: travel\nversion: {version}\ntitle: Travel\ndescription: Trips.\nlicence: MIT\npermissions:\n  \
         - {{ name: travel.all, title: Everything, roles: [\"*\"] }}\nobjects:\n  \
         - {{ collection: trips, title: Trip, schema: trip.json, create: travel.all, read: travel.all }}\n{migrations}"
    );
    let code = wat::parse_str(
        r#"(module (memory (export "memory") 2) (data (i32.const 0) "{\"by\":\"code\"}")
            (func (export "countersign_alloc") (param i32) (result i32) (i32.const 65536))
            (func (export "countersign_migrate") (param i32 i32) (result i64) (i64.const 13)))"#,
    )?;
    let schema = br#"{ "type": "object" }"#;
    packed_bytes(&[("module.yaml", manifest.as_bytes()), ("trip.json", schema), ("code.wasm", &code)])
}

stories! {
    async fn what_others_name_is_not_deleted(app: App) {
        installed(app, "/modules", &planning()?).await?;
        let project = make(app, "/planning/projects", json!({ "title": "One" })).await?;
        let task = make(app, "/planning/tasks", json!({ "project": project })).await?;
        let any = [("If-Match", "*")];
        let path = format!("/planning/projects/{project}");
        let (status, refused) = app.call_with("eva", "DELETE", &path, None, &any).await?;
        let detail = refused["detail"].as_str().unwrap_or_default();
        ensure!(status == 409 && refused["code"] == "named-by-others", "{status} {refused}");
        ensure!(detail.contains(&format!("planning/tasks/{task} (project)")), "{detail}");
        let (status, _) = app.call_with("eva", "DELETE", &format!("/planning/tasks/{task}"), None, &any).await?;
        ensure!(status == 204, "{status}");
        let (status, refused) = app.call_with("eva", "DELETE", &path, None, &any).await?;
        ensure!(status == 204, "{status} {refused}");
        Ok(())
    }

    async fn code_of_a_package_migrates_both_ways(app: App) {
        let code = "code: { file: code.wasm }\n";
        installed(app, "/modules", &with_code("1.0.0", code)?).await?;
        let old = make(app, "/travel/trips", json!({ "to": "Oslo" })).await?;
        let migrations = format!("{code}migrations: [{{ version: 1.1.0, collection: trips, code: true }}]\n");
        installed(app, "/modules/travel/update", &with_code("1.1.0", &migrations)?).await?;
        let data = async |id: &str| -> Result<Value> {
            Ok(app.call("eva", "GET", &format!("/travel/trips/{id}"), None).await?.1["data"].clone())
        };
        ensure!(data(&old).await? == json!({ "by": "code" }));
        let new = make(app, "/travel/trips", json!({ "to": "Rome" })).await?;
        ensure!(change(app, "POST", "/modules/travel/rollback").await?["status"] == "succeeded");
        ensure!(data(&old).await? == json!({ "to": "Oslo" }) && data(&new).await? == json!({ "by": "code" }));
        Ok(())
    }
}
