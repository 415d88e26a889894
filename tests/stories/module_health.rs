//! A module that takes too much, or fails time after time: it is told, it waits, and nobody else notices.

use super::lifecycle::travel::{installed, packed_bytes};
use super::module_code::{CODE, MANIFEST, SCHEMA, WORKFLOW};
use crate::support::app::token;
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

const LIMITS: &str = "limits: { requests_per_minute: 3 }\n";
const HEALTH: &str = "health: { isolate_after: 3 }\n";

async fn install(app: &App, more: &str) -> Result<()> {
    install_code(app, more, CODE).await
}

async fn install_code(app: &App, more: &str, code: &str) -> Result<()> {
    let (wasm, manifest) = (wat::parse_str(code)?, format!("{MANIFEST}{more}"));
    let package = packed_bytes(&[
        ("module.yaml", manifest.as_bytes()),
        ("trip.json", SCHEMA.as_bytes()),
        ("trip.asl.json", WORKFLOW.as_bytes()),
        ("code.wasm", &wasm),
    ]);
    installed(app, "/modules", &package?).await.map(|_| ())
}

/// A request with everything of its answer.
async fn ask(app: &App, path: &str) -> Result<(u16, HeaderMap, Value)> {
    let url = format!("{}/api/v1/acme{path}", app.base);
    let answer = reqwest::Client::new().get(url).bearer_auth(token("ada")).send().await?;
    Ok((answer.status().as_u16(), answer.headers().clone(), answer.json().await?))
}

fn field<'h>(headers: &'h HeaderMap, name: &str) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

async fn trip(app: &App, to: &str) -> Result<(u16, Value)> {
    app.call("eva", "POST", "/travel/trips", Some(&json!({ "to": to }))).await
}

/// Starts a workflow whose task does what the letter says; its instance.
async fn start(app: &App, to: &str) -> Result<String> {
    let start = json!({ "definition": "travel/trip", "input": { "to": to } });
    let (status, begun) = app.call("ada", "POST", "/instances", Some(&start)).await?;
    ensure!(status == 201, "{status} {begun}");
    Ok(begun["instance"].as_str().context("an instance")?.to_owned())
}

async fn status(app: &App, instance: &str) -> Result<String> {
    let (_, found) = app.call("ada", "GET", &format!("/instances/{instance}"), None).await?;
    Ok(found["status"].as_str().unwrap_or_default().to_owned())
}

async fn health(app: &App, module: &str) -> Result<Value> {
    Ok(app.call("ada", "GET", &format!("/modules/{module}/health"), None).await?.1)
}

stories! {
    async fn a_module_answers_as_many_requests_as_it_may(app: App) {
        install(app, LIMITS).await?;
        for left in [2, 1, 0] {
            let (status, headers, _) = ask(app, "/travel/trips").await?;
            ensure!(status == 200 && field(&headers, "ratelimit-policy") == "\"requests\";q=3;w=60", "{headers:?}");
            ensure!(field(&headers, "ratelimit").starts_with(&format!("\"requests\";r={left};t=")), "{headers:?}");
        }
        let (status, headers, refused) = ask(app, "/travel/trips").await?;
        ensure!(status == 429 && refused["code"] == "too-many-requests", "{status} {refused}");
        ensure!(field(&headers, "retry-after") == "20" && field(&headers, "ratelimit").contains("r=0"), "{headers:?}");
        // Who has no token takes nothing away from others, and hears nothing of it.
        let stranger = reqwest::get(format!("{}/api/v1/acme/travel/trips", app.base)).await?;
        ensure!(stranger.status().as_u16() == 401 && !stranger.headers().contains_key("ratelimit"));
        ensure!(ask(app, "/purchasing/orders").await?.0 == 200, "others answer as before");
        let (_, usage) = app.call("ada", "GET", "/modules/travel/usage", None).await?;
        ensure!(usage["limits"]["requests_per_minute"] == 3 && usage["limits_hit"]["requests"] == 1, "{usage}");
        ensure!(health(app, "travel").await?["status"] == "degraded");
        app.clock.pass(20_000);
        ensure!(ask(app, "/travel/trips").await?.0 == 200);
        Ok(())
    }

    /// Three of its tasks trap in a row. Those that come then wait, and are not counted as tried; then one shows that it
    /// works again.
    async fn tasks_that_fail_time_after_time_wait(app: App) {
        install(app, HEALTH).await?;
        for _ in 0..3 {
            let failed = start(app, "T").await?;
            app.work().await?;
            ensure!(status(app, &failed).await? == "failed");
        }
        let (one, other) = (start(app, "oslo").await?, start(app, "rome").await?);
        app.work().await?;
        ensure!(status(app, &one).await? == "running" && status(app, &other).await? == "running");
        let told = health(app, "travel").await?;
        ensure!(told["status"] == "failing" && told["checks"][0]["name"] == "isolated", "{told}");
        let (_, usage) = app.call("ada", "GET", "/modules/travel/usage", None).await?;
        ensure!(usage["tasks"]["waiting"] == 2 && usage["tasks"]["failed"] == 3, "{usage}");
        // Others work as if nothing were.
        let order = app.submit("500.00").await?;
        app.work().await?;
        app.approve("mira").await?;
        ensure!(app.status(&order).await? == "sent", "{}", app.status(&order).await?);
        ensure!(health(app, "purchasing").await?["status"] == "ok");
        app.pass(5_000).await?;
        ensure!(status(app, &one).await? == "succeeded" && status(app, &other).await? == "succeeded");
        ensure!(health(app, "travel").await?["checks"].as_array().is_some_and(|checks| checks.iter().all(|check| check["name"] != "isolated")));
        Ok(())
    }

    async fn a_probe_that_fails_makes_the_others_wait_longer(app: App) {
        install(app, HEALTH).await?;
        for _ in 0..3 {
            start(app, "T").await?;
            app.work().await?;
        }
        let bad = start(app, "T").await?;
        app.clock.pass(1);
        let good = start(app, "oslo").await?;
        app.pass(5_000).await?;
        ensure!(status(app, &bad).await? == "failed" && status(app, &good).await? == "running");
        app.pass(9_000).await?;
        ensure!(status(app, &good).await? == "running");
        app.pass(1_000).await?;
        ensure!(status(app, &good).await? == "succeeded");
        Ok(())
    }

    async fn code_that_traps_time_after_time_is_left_alone(app: App) {
        install(app, HEALTH).await?;
        for _ in 0..3 {
            ensure!(trip(app, "T").await?.0 == 422);
        }
        let (refused_with, refused) = trip(app, "oslo").await?;
        ensure!(refused_with == 503 && refused["code"] == "module-isolated", "{refused_with} {refused}");
        ensure!(ask(app, "/travel/trips").await?.0 == 200, "what is there is read as always");
        let order = app.submit("500.00").await?;
        ensure!(!order.id.is_empty(), "others save as always");
        app.work().await?;
        app.clock.pass(5_000);
        ensure!(trip(app, "oslo").await?.0 == 201);
        ensure!(trip(app, "rome").await?.0 == 201);
        // People who are refused by it are no failure of it.
        for _ in 0..5 {
            ensure!(trip(app, "X").await?.0 == 422);
        }
        ensure!(trip(app, "oslo").await?.0 == 201);
        Ok(())
    }

    /// Whoever sends what the code refuses does no harm to others.
    async fn code_that_refuses_with_a_sentence_is_not_left_alone(app: App) {
        let import = r#"(import "countersign" "refuse" (func $refuse (param i32 i32))) (memory (export "memory") 2)
            (data (i32.const 700) "no trips on Sundays")"#;
        let code = CODE.replace(r#"(memory (export "memory") 2)"#, import).replace(
            "(i32.const 84)) (then unreachable)", "(i32.const 84)) (then (call $refuse (i32.const 700) (i32.const 19)))");
        install_code(app, HEALTH, &code).await?;
        for _ in 0..5 {
            let (status, refused) = trip(app, "T").await?;
            let problem = &refused["errors"][0];
            ensure!(status == 422 && problem["code"] == "module" && problem["message"] == "no trips on Sundays", "{status} {refused}");
        }
        ensure!(trip(app, "oslo").await?.0 == 201);
        ensure!(health(app, "travel").await?["status"] == "ok");
        Ok(())
    }

    async fn code_says_how_it_does(app: App) {
        let word = r#"{"status":"degraded","detail":"the bank is slow"}"#;
        let (data, length) = (word.replace('"', "\\\""), word.len());
        let code = CODE.replace("(func (export \"countersign_act\")", &format!(
            "(data (i32.const 768) \"{data}\") (func (export \"countersign_health\") (param i32 i32) (result i64)
                (call $packed (i32.const 768) (i32.const {length}))) (func (export \"countersign_act\")"));
        install_code(app, "", &code).await?;
        let told = health(app, "travel").await?;
        ensure!(told["status"] == "degraded" && told["checks"][0]["message"] == "the bank is slow", "{told}");
        let ready = reqwest::get(format!("{}/readyz", app.base)).await?;
        ensure!(ready.status().as_u16() == 200);
        let ready: Value = ready.json().await?;
        ensure!(ready["modules"]["travel"]["status"] == "degraded", "{ready}");
        Ok(())
    }

    async fn limits_of_code_are_counted(app: App) {
        install(app, "").await?;
        ensure!(trip(app, "L").await?.0 == 422 && trip(app, "M").await?.0 == 422);
        let (_, usage) = app.call("ada", "GET", "/modules/travel/usage", None).await?;
        ensure!(usage["limits_hit"]["steps"] == 1 && usage["limits_hit"]["memory"] == 1, "{usage}");
        Ok(())
    }
}
