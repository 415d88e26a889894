//! Code that somebody uploads: it has its say, and whatever it does costs its caller an error and nothing else.

use super::lifecycle::travel::{installed, packed_bytes, standing};
use crate::support::{App, Database, stories};
use anyhow::{Result, ensure};
use serde_json::{Value, json};

pub(super) const MANIFEST: &str = "name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips.\nlicence: MIT\n\
    permissions:\n  - { name: travel.trips.create, title: Ask for trips, roles: [requester] }\n\
    objects:\n  - { collection: trips, title: Trip, schema: trip.json, create: travel.trips.create, read: travel.trips.create }\n\
    workflows: [{ name: travel/trip, file: trip.asl.json }]\n\
    actions: [travel.book]\ninline: [travel.count]\npublishes: [travel.trip.kept]\n\
    code: { file: code.wasm, asks: [events], steps: 100000 }\n";
pub(super) const SCHEMA: &str =
    r#"{ "type": "object", "required": ["to"], "properties": { "to": { "type": "string" } } }"#;
/// One task in a worker, one within the commit; what fails in them is caught.
pub(super) const WORKFLOW: &str = r#"{ "StartAt": "Book", "QueryLanguage": "JSONata", "States": {
    "Book": { "Type": "Task", "Resource": "travel.book", "Arguments": "{% $states.input %}", "Assign": { "booked": "{% $states.result %}" },
        "Next": "Count", "Catch": [{ "ErrorEquals": ["States.TaskFailed"], "Next": "Failed" }] },
    "Count": { "Type": "Task", "Resource": "travel.count", "Arguments": "{% $states.input %}", "Output": "{% [$booked, $states.result] %}", "End": true },
    "Failed": { "Type": "Fail", "Error": "{% $states.input.Error %}", "Cause": "{% $states.input.Cause %}" } } }"#;

/// Looks for a capital letter in what it is given, and does what that stands for: `X` complains, `L` loops, `T` traps, `M` takes
/// all memory, `J` answers what is no JSON. Otherwise all is well.
pub(super) const CODE: &str = r#"(module
    (import "countersign" "ask" (func $ask (param i32 i32) (result i64)))
    (memory (export "memory") 2)
    (data (i32.const 0) "[]")
    (data (i32.const 16) "[{\"pointer\":\"/to\",\"message\":\"nobody goes there\"}]")
    (data (i32.const 128) "{\"ask\":\"publish\",\"type\":\"travel.trip.kept\",\"subject\":\"trips\"}")
    (data (i32.const 256) "{\"output\":{\"done\":true}}")
    (data (i32.const 384) "[")
    (global $next (mut i32) (i32.const 65536))
    (func (export "countersign_alloc") (param $length i32) (result i32)
        (local $place i32)
        (local.set $place (global.get $next))
        (global.set $next (i32.add (global.get $next) (local.get $length)))
        (local.get $place))
    (func $packed (param $place i32) (param $length i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get $place)) (i64.const 32)) (i64.extend_i32_u (local.get $length))))
    (func $has (param $place i32) (param $length i32) (param $letter i32) (result i32)
        (local $end i32)
        (local.set $end (i32.add (local.get $place) (local.get $length)))
        (loop $on
            (if (i32.eq (i32.load8_u (local.get $place)) (local.get $letter)) (then (return (i32.const 1))))
            (local.set $place (i32.add (local.get $place) (i32.const 1)))
            (br_if $on (i32.lt_u (local.get $place) (local.get $end))))
        (i32.const 0))
    (func $misbehave (param $place i32) (param $length i32)
        (if (call $has (local.get $place) (local.get $length) (i32.const 76)) (then (loop $on (br $on))))
        (if (call $has (local.get $place) (local.get $length) (i32.const 84)) (then unreachable))
        (if (call $has (local.get $place) (local.get $length) (i32.const 77)) (then (drop (memory.grow (i32.const 60000))))))
    (func (export "countersign_validate") (param $place i32) (param $length i32) (result i64)
        (call $misbehave (local.get $place) (local.get $length))
        (if (call $has (local.get $place) (local.get $length) (i32.const 74)) (then (return (call $packed (i32.const 384) (i32.const 1)))))
        (if (call $has (local.get $place) (local.get $length) (i32.const 88)) (then (return (call $packed (i32.const 16) (i32.const 49)))))
        (call $packed (i32.const 0) (i32.const 2)))
    (func (export "countersign_after_save") (param $place i32) (param $length i32) (result i64)
        (call $ask (i32.const 128) (i32.const 61)))
    (func (export "countersign_act") (param $place i32) (param $length i32) (result i64)
        (call $misbehave (local.get $place) (local.get $length))
        (call $packed (i32.const 256) (i32.const 24))))"#;

fn travel(manifest: &str, code: &str) -> Result<Vec<u8>> {
    packed_of(manifest, SCHEMA, code)
}

fn packed_of(manifest: &str, schema: &str, code: &str) -> Result<Vec<u8>> {
    let wasm = wat::parse_str(code)?;
    packed_bytes(&[
        ("module.yaml", manifest.as_bytes()),
        ("trip.json", schema.as_bytes()),
        ("trip.asl.json", WORKFLOW.as_bytes()),
        ("code.wasm", &wasm),
    ])
}

async fn trip(app: &App, to: &str) -> Result<(u16, Value)> {
    app.call("eva", "POST", "/travel/trips", Some(&json!({ "to": to }))).await
}

async fn run(app: &App, to: &str) -> Result<Value> {
    let start = json!({ "definition": "travel/trip", "input": { "to": to } });
    let (status, begun) = app.call("ada", "POST", "/instances", Some(&start)).await?;
    ensure!(status == 201, "{status} {begun}");
    app.work().await?;
    let id = begun["instance"].as_str().unwrap_or_default();
    Ok(app.call("ada", "GET", &format!("/instances/{id}"), None).await?.1)
}

stories! {
    async fn code_has_its_say_about_objects(app: App) {
        installed(app, "/modules", &travel(MANIFEST, CODE)?).await?;
        let (status, refused) = trip(app, "X").await?;
        ensure!(status == 422 && refused["errors"][0]["pointer"] == "/to", "{status} {refused}");
        ensure!(refused["errors"][0]["message"] == "nobody goes there", "{refused}");
        let (status, made) = trip(app, "oslo").await?;
        ensure!(status == 201, "{status} {made}");
        let (_, events) = app.call("ada", "GET", "/events?limit=200", None).await?;
        let kept = events["items"].as_array().into_iter().flatten().filter(|event| event["type"] == "travel.trip.kept");
        ensure!(kept.count() == 1, "the event is part of the commit of the trip that was kept: {events}");
        Ok(())
    }

    /// A loop, a trap, a bomb and an answer that is none: each is told, changes nothing, and the next call is as the first.
    async fn code_that_fails_costs_its_caller_an_error(app: App) {
        installed(app, "/modules", &travel(MANIFEST, CODE)?).await?;
        let said = [
            ("L", "the code did not end within 100000 steps"),
            ("T", "the code ended by itself: wasm `unreachable` instruction executed"),
            ("M", "the code wanted more than 16777216 bytes of memory"),
            ("J", "its answer is not JSON"),
        ];
        let before = app.dump().await?;
        for (to, said) in said {
            let (status, refused) = trip(app, to).await?;
            ensure!(status == 422 && refused["errors"][0]["code"] == "module-failed", "{status} {refused}");
            ensure!(refused.to_string().contains(said), "{refused}");
        }
        ensure!(app.dump().await? == before);
        ensure!(trip(app, "oslo").await?.0 == 201);
        Ok(())
    }

    async fn code_does_tasks_in_workers_and_within_commits(app: App) {
        installed(app, "/modules", &travel(MANIFEST, CODE)?).await?;
        let done = run(app, "oslo").await?;
        ensure!(done["status"] == "succeeded" && done["output"] == json!([{ "done": true }, { "done": true }]), "{done}");
        let failed = run(app, "T").await?;
        ensure!(failed["status"] == "failed" && failed.to_string().contains("the code ended by itself"), "{failed}");
        Ok(())
    }

    /// What code makes of an object fits its schema as what people send does, and leaves alone what is guarded against them.
    async fn what_code_makes_fits_too(app: App) {
        let guarded = SCHEMA.replace(r#""properties": {"#, r#""properties": { "limit": { "type": "string", "x-guarded": "travel.trips.limit" }, "#);
        let manifest = MANIFEST.replace("objects:\n", "  - { name: travel.trips.limit, title: Set limits, roles: [cfo] }\nobjects:\n");
        let makes = |version: usize, hook: &str, made: &str| {
            let data = made.replace('"', "\\\"");
            let code = CODE.replace("(func (export \"countersign_act\")", &format!(
                "(data (i32.const 512) \"{data}\") (func (export \"countersign_{hook}\") (param $place i32) (param $length i32) (result i64)
                    (call $packed (i32.const 512) (i32.const {}))) (func (export \"countersign_act\")", made.len()));
            packed_of(&manifest.replace("1.0.0", &format!("1.0.{version}")), &guarded, &code)
        };
        let cases = [
            ("compute", r#"[]"#, "an object is a group of fields"),
            ("compute", r#"{"to":5}"#, "is not of type"),
            ("before_save", r#"{"no":"to"}"#, "is missing"),
            ("before_save", r#"{"to":"Oslo","limit":"9"}"#, "travel.trips.limit"),
        ];
        for (n, (hook, made, said)) in cases.into_iter().enumerate() {
            let path = if n == 0 { "/modules" } else { "/modules/travel/update" };
            installed(app, path, &makes(n, hook, made)?).await?;
            let before = app.dump().await?;
            let (status, refused) = trip(app, "Oslo").await?;
            let told = refused.to_string();
            ensure!(status == 422 && refused["errors"][0]["code"] == "module-failed", "{made}: {status} {refused}");
            ensure!(told.contains("the module travel could not do its part") && told.contains(said), "{made}: {refused}");
            ensure!(app.dump().await? == before);
        }
        Ok(())
    }

    async fn code_computes_and_its_loops_end(app: App) {
        let computing = CODE.replace("countersign_validate", "countersign_compute");
        let computing = computing.replace("(call $packed (i32.const 0) (i32.const 2))", "(call $packed (i32.const 512) (i32.const 13))");
        let computing = computing.replace(r#"(data (i32.const 384) "[")"#, r#"(data (i32.const 384) "[") (data (i32.const 512) "{\"to\":\"made\"}")"#);
        installed(app, "/modules", &travel(MANIFEST, &computing)?).await?;
        let (status, refused) = trip(app, "L").await?;
        ensure!(status == 422 && refused["errors"][0]["code"] == "module-failed", "{status} {refused}");
        let (status, made) = trip(app, "oslo").await?;
        ensure!(status == 201 && made["data"] == json!({ "to": "made" }), "{status} {made}");
        Ok(())
    }

    /// Nothing calls these, and code for them would never run.
    async fn code_for_what_does_not_call_it_is_not_installed(app: App) {
        let early = CODE.replace("countersign_validate", "countersign_hear").replace("countersign_after_save", "countersign_wake").replace("countersign_act", "countersign_endpoint");
        let (status, refused) = app.upload("ada", "/modules?plan=true", &travel(MANIFEST, &early)?, &[]).await?;
        ensure!(status == 422 && refused.to_string().contains("it exports none of the hooks"), "{status} {refused}");
        Ok(())
    }

    async fn code_that_asks_for_what_it_may_not_have_is_refused(app: App) {
        let silent = MANIFEST.replace("asks: [events], ", "");
        installed(app, "/modules", &travel(&silent, CODE)?).await?;
        let (status, made) = trip(app, "oslo").await?;
        ensure!(status == 201, "the answer says why, and the code goes on: {status} {made}");
        let (_, events) = app.call("ada", "GET", "/events?limit=200", None).await?;
        ensure!(!events.to_string().contains("travel.trip.kept"), "{events}");
        Ok(())
    }

    async fn code_that_cannot_be_used_is_not_installed(app: App) {
        let stranger = CODE.replace(r#""countersign" "ask""#, r#""env" "system""#);
        let (status, refused) = app.upload("ada", "/modules?plan=true", &travel(MANIFEST, &stranger)?, &[]).await?;
        ensure!(status == 422 && refused.to_string().contains("it imports env.system, which does not exist"), "{status} {refused}");
        let idle = CODE.replace("countersign_act", "act");
        let (status, refused) = app.upload("ada", "/modules?plan=true", &travel(MANIFEST, &idle)?, &[]).await?;
        ensure!(status == 422 && refused.to_string().contains("nobody would do travel.book"), "{status} {refused}");
        let codeless = MANIFEST.split("code:").next().unwrap_or_default();
        let (status, refused) = app.upload("ada", "/modules?plan=true", &travel(codeless, CODE)?, &[]).await?;
        ensure!(status == 422 && refused.to_string().contains("its package has no code to do it"), "{status} {refused}");
        ensure!(standing(app, "travel").await?.is_none());
        Ok(())
    }
}
