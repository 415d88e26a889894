//! Events that code of a package hears, and the objects that it keeps.

use super::diary::{MANIFEST, diary_of, entries, subscription, trip};
use crate::stories::lifecycle::travel::{installed, packed_bytes};
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

const ENTRY: &str = r#"{ "type": "object", "required": ["trip", "what", "to"], "additionalProperties": false,
    "properties": { "trip": { "type": "string", "x-unique": true }, "what": { "type": "string" },
    "heard": { "type": "integer", "x-index": true }, "to": { "type": "string", "maxLength": 10 } } }"#;

/// Code with one hook, which asks for something and answers what it is told.
fn asking(hook: &str, question: &Value, asks: &str, ends: &str) -> Result<Vec<u8>> {
    changed(hook, question, asks, ends, &[])
}

fn changed(hook: &str, question: &Value, asks: &str, ends: &str, changes: &[(&str, &str)]) -> Result<Vec<u8>> {
    let question = question.to_string();
    let code = format!(
        r#"(module
        (import "countersign" "ask" (func $ask (param i32 i32) (result i64)))
        (memory (export "memory") 2)
        (data (i32.const 0) "{}")
        (global $next (mut i32) (i32.const 65536))
        (func (export "countersign_alloc") (param $length i32) (result i32)
            (local $place i32)
            (local.set $place (global.get $next))
            (global.set $next (i32.add (global.get $next) (local.get $length)))
            (local.get $place))
        (func (export "{hook}") (param i32 i32) (result i64)
            {ends}
            (call $ask (i32.const 0) (i32.const {}))))"#,
        question.replace('"', "\\\""),
        question.len()
    );
    let manifest = MANIFEST
        .replace("start: diary/note", "code: true")
        .replace("workflows: [{ name: diary/note, file: note.asl.json }]\n", "")
        .replace(", { type: diary.noted, schema: noted.json }", "");
    let manifest = format!("{manifest}code: {{ file: code.wasm, asks: [{asks}] }}\n");
    let wasm = wat::parse_str(code)?;
    let change = |text: &str| changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let (manifest, entry) = (change(&manifest), change(ENTRY));
    packed_bytes(&[("module.yaml", manifest.as_bytes()), ("entry.json", entry.as_bytes()), ("code.wasm", &wasm)])
}

fn create(to: &str) -> Value {
    json!({ "ask": "create", "collection": "entries", "data": { "trip": "t", "what": "made", "to": to } })
}

stories! {
    async fn code_hears_events_and_keeps_objects(app: App) {
        installed(app, "/modules", &asking("countersign_event", &create("Oslo"), "objects", "")?).await?;
        trip(app, "Rome").await?;
        app.work().await?;
        ensure!(entries(app).await? == ["made Oslo"], "{:?}", entries(app).await?);
        let kinds = app.events().await?;
        ensure!(kinds.iter().any(|kind| kind == "diary.entry.created"), "told of like any other: {kinds:?}");
        // The second has the same unique field: the code is told, and goes on.
        trip(app, "Kiel").await?;
        app.work().await?;
        ensure!(entries(app).await?.len() == 1 && subscription(app).await?["held"] == 0);
        Ok(())
    }

    async fn what_code_makes_fits_or_is_not_made(app: App) {
        installed(app, "/modules", &asking("countersign_event", &create("Constantinople"), "objects", "")?).await?;
        trip(app, "Rome").await?;
        app.work().await?;
        ensure!(entries(app).await?.is_empty(), "{:?}", entries(app).await?);
        ensure!(subscription(app).await?["held"] == 0, "the code was told, and the event is handled");
        Ok(())
    }

    async fn code_that_fails_leaves_nothing_and_hears_the_event_again(app: App) {
        let twice = "(drop (call $ask (i32.const 0) (i32.const 83))) unreachable";
        let question = create("Oslo");
        let twice = twice.replace("83", &question.to_string().len().to_string());
        installed(app, "/modules", &asking("countersign_event", &question, "objects", &twice)?).await?;
        trip(app, "Rome").await?;
        app.work().await?;
        ensure!(entries(app).await?.is_empty(), "{:?}", entries(app).await?);
        let shown = subscription(app).await?;
        let error = shown["failures"][0]["error"].as_str().unwrap_or_default();
        ensure!(error.contains("the module diary could not do its part"), "{shown}");
        Ok(())
    }

    async fn code_without_the_right_to_objects_makes_none(app: App) {
        installed(app, "/modules", &asking("countersign_event", &create("Oslo"), "", "")?).await?;
        trip(app, "Rome").await?;
        app.work().await?;
        ensure!(entries(app).await?.is_empty() && subscription(app).await?["held"] == 0);
        Ok(())
    }

    /// Objects whose code makes objects end somewhere, and with an answer: five of them, one below the other.
    async fn objects_do_not_make_each_other_for_ever(app: App) {
        let changes = [
            ("consumes:\n  - { name: trips, type: outings.trip.*, code: true }\n", ""),
            ("roles: []", "roles: [admin]"),
            (", \"x-unique\": true", ""),
        ];
        installed(app, "/modules", &changed("countersign_after_save", &create("Oslo"), "objects", "", &changes)?).await?;
        let entry = json!({ "trip": "t", "what": "made", "to": "Oslo" });
        let (status, made) = app.call("ada", "POST", "/diary/entries", Some(&entry)).await?;
        ensure!(status == 201, "{status} {made}");
        let (_, page) = app.call("eva", "GET", "/diary/entries", None).await?;
        ensure!(page["items"].as_array().map(Vec::len) == Some(5), "{page}");
        Ok(())
    }

    async fn who_is_to_hear_needs_ears(app: App) {
        let deaf = diary_of(&[("start: diary/note", "code: true")])?;
        let (status, refused) = app.upload("ada", "/modules?plan=true", &deaf, &[]).await?;
        let told = "diary is to hear of \"trips\", and its package has no code to do it";
        ensure!(status == 422 && refused["detail"].as_str().is_some_and(|detail| detail.contains(told)), "{status} {refused}");
        let other = asking("countersign_after_save", &create("Oslo"), "objects", "")?;
        let (status, refused) = app.upload("ada", "/modules?plan=true", &other, &[]).await?;
        let told = "the code exports no countersign_event, so nobody would hear of";
        ensure!(status == 422 && refused.to_string().contains(told), "{status} {refused}");
        Ok(())
    }
}
