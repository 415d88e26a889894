//! What the code of a module has logged, and where it has failed, as its admins see it.

use super::lifecycle::travel::{installed, packed_bytes};
use crate::support::app::token;
use crate::support::process::Program;
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use futures::FutureExt;
use serde_json::{Value, json};
use std::time::Duration;
use store::{LogLevel, StoreError};
use tokio::time::{Instant, sleep};

const MANIFEST: &str = "name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n\
    permissions:\n  - { name: travel.trips.create, title: Ask for trips, roles: [requester] }\n\
    objects:\n  - { collection: trips, title: Trip, schema: trip.json, create: travel.trips.create, read: travel.trips.create }\n\
    code: { file: code.wasm }\n";
/// Logs before it looks for a `T`, which traps.
const CODE: &str = r#"(module
    (import "countersign" "log" (func $log (param i32 i32)))
    (memory (export "memory") 2)
    (data (i32.const 0) "looking at a trip\00")
    (data (i32.const 64) "[]")
    (global $next (mut i32) (i32.const 65536))
    (func (export "countersign_alloc") (param $length i32) (result i32)
        (local $place i32)
        (local.set $place (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $length)))
        (local.get $place))
    (func (export "countersign_validate") (param $place i32) (param $length i32) (result i64)
        (local $end i32)
        (call $log (i32.const 0) (i32.const 18))
        (local.set $end (i32.add (local.get $place) (local.get $length)))
        (loop $on
            (if (i32.eq (i32.load8_u (local.get $place)) (i32.const 84)) (then unreachable))
            (local.set $place (i32.add (local.get $place) (i32.const 1)))
            (br_if $on (i32.lt_u (local.get $place) (local.get $end))))
        (i64.or (i64.shl (i64.const 64) (i64.const 32)) (i64.const 2))))"#;
/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(30);

async fn begin(app: &App) -> Result<()> {
    let wasm = wat::parse_str(CODE)?;
    let files: [(&str, &[u8]); 3] =
        [("module.yaml", MANIFEST.as_bytes()), ("trip.json", br#"{ "type": "object" }"#), ("code.wasm", &wasm)];
    installed(app, "/modules", &packed_bytes(&files)?).await.map(|_| ())
}

async fn trip(app: &App, to: &str) -> Result<u16> {
    Ok(app.call("eva", "POST", "/travel/trips", Some(&json!({ "to": to }))).await?.0)
}

/// The log as soon as it has come to this place: lines are written after what they are about.
async fn log(app: &App, path: &str, next: u64) -> Result<Value> {
    let begun = Instant::now();
    loop {
        let (status, log) = app.call("ada", "GET", path, None).await?;
        ensure!(status == 200, "{status} {log}");
        if log["next"] == next {
            return Ok(log);
        }
        ensure!(begun.elapsed() < PATIENCE, "the log does not come to {next}: {log}");
        sleep(Duration::from_millis(5)).await;
    }
}

fn texts(log: &Value) -> Vec<String> {
    let items = log["items"].as_array().into_iter().flatten();
    items.map(|line| format!("{} {}", line["level"], line["text"]).replace('"', "")).collect()
}

stories! {
    async fn code_is_heard_also_where_it_fails(app: App) {
        begin(app).await?;
        ensure!(trip(app, "oslo").await? == 201 && trip(app, "Tromso").await? == 422);
        let path = "/modules/travel/logs";
        let told = log(app, path, 3).await?;
        let lines = texts(&told);
        ensure!(lines[..2] == ["info looking at a trip\u{fffd}", "info looking at a trip\u{fffd}"], "{lines:?}");
        ensure!(lines[2].starts_with("error countersign_validate: the code ended by itself"), "{lines:?}");
        ensure!(told["items"][0]["n"] == 1 && told["items"][2]["at"].is_string(), "{told}");
        let (_, after) = app.call("ada", "GET", &format!("{path}?after=1&limit=1"), None).await?;
        ensure!(after["next"] == 2 && texts(&after).len() == 1, "{after}");
        let (_, nothing) = app.call("ada", "GET", &format!("{path}?after=3"), None).await?;
        ensure!(nothing == json!({ "items": [], "next": 3 }), "{nothing}");
        ensure!(app.call("eva", "GET", path, None).await?.0 == 403, "it is for admins");
        ensure!(app.call("ada", "GET", "/modules/fleet/logs", None).await?.0 == 404);
        Ok(())
    }

    async fn the_last_thousand_lines_are_kept(app: App) {
        begin(app).await?;
        let noting = app.store.write(|unit| async move {
            (0..1_100).for_each(|n| unit.note_of_module("acme", "travel", LogLevel::Info, &format!("line {n}")));
            // What is undone has told its lines all the same.
            Err::<(), _>(StoreError::refused("undone", "it is undone"))
        }.boxed());
        ensure!(noting.await.is_err());
        let told = log(app, "/modules/travel/logs?limit=2", 1_100).await?;
        ensure!(texts(&told) == ["info line 1098", "info line 1099"], "{told}");
        let oldest = app.store.read().await?.log_lines_after("acme", "travel", 0, 2_000).await?;
        ensure!(oldest.len() == 1_000, "{}", oldest.len());
        Ok(())
    }

    async fn the_command_shows_and_follows_the_log(app: App) {
        begin(app).await?;
        ensure!(trip(app, "Tromso").await? == 422);
        log(app, "/modules/travel/logs", 2).await?;
        let (token, base) = (token("ada"), app.base.clone());
        let service = ["--url", &base, "--company", "acme", "--token", &token];
        let words = |more: &[&'static str]| [&["module", "logs", "travel"], more, &service].concat().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let out = Program::find()?.must(&words(&[])).await?;
        ensure!(out.lines().count() == 2 && out.contains("info  looking at a trip") && out.contains("error countersign_validate: "), "{out}");
        let mut following = Program::find()?.start(&words(&["--follow", "--json"]))?;
        following.says("the code ended by itself").await?;
        ensure!(trip(app, "oslo").await? == 201);
        let out = following.says("\"n\":3").await?;
        ensure!(out.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{out}");
        Ok(())
    }
}
