//! The module that these stories install: a diary, which enters what becomes of the trips of another module.

use crate::stories::lifecycle::travel::packed_bytes;
use crate::support::App;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

pub(super) const MANIFEST: &str = "name: diary\nversion: 1.0.0\ntitle: Diary\ndescription: What became of trips.\nlicence: MIT\n\
    permissions:\n  - { name: diary.entries.write, title: Write, roles: [] }\n  - { name: diary.entries.read, title: Read, roles: [\"*\"] }\n\
    objects:\n  - { collection: entries, title: Entry, schema: entry.json, create: diary.entries.write, read: diary.entries.read, \
    singular: entry, events: [created] }\n\
    workflows: [{ name: diary/note, file: note.asl.json }]\n\
    publishes: [diary.entry.created, { type: diary.noted, schema: noted.json }]\n\
    consumes:\n  - { name: trips, type: outings.trip.*, start: diary/note }\n";

/// Nobody writes of Atlantis, which is how an event can fail.
const ENTRY: &str = r#"{ "type": "object", "required": ["trip", "what", "to"], "additionalProperties": false,
    "properties": { "trip": { "type": "string", "x-index": true }, "what": { "type": "string" },
    "to": { "type": "string", "not": { "const": "Atlantis" } },
    "heard": { "type": "integer", "readOnly": true, "x-index": true } } }"#;
const NOTED: &str =
    r#"{ "type": "object", "required": ["to"], "properties": { "to": { "type": "string", "maxLength": 10 } } }"#;
const NOTE: &str = r#"{ "QueryLanguage": "JSONata", "StartAt": "Note", "States": {
    "Note": { "Type": "Task", "Resource": "object.create", "Arguments": { "kind": "diary/entries", "data": {
        "trip": "{% $states.input.data.id %}", "what": "{% $states.input.type %}", "heard": "{% $number($states.input.sequence) %}",
        "to": "{% $exists($states.input.data.data.to) ? $states.input.data.data.to : '' %}" } },
      "Assign": { "to": "{% $states.result.data.to %}", "id": "{% $states.result.id %}" }, "Next": "Tell" },
    "Tell": { "Type": "Task", "Resource": "event.publish", "Arguments": { "type": "diary.noted",
        "subject": "{% 'diary/entries/' & $id %}", "data": { "to": "{% $to %}" } }, "End": true } } }"#;

/// The package, with what a story changes in it; nothing if that is empty.
pub(super) fn diary(from: &str, to: &str) -> Result<Vec<u8>> {
    if from.is_empty() { diary_of(&[]) } else { diary_of(&[(from, to)]) }
}

/// The same with several changes.
pub(super) fn diary_of(changes: &[(&str, &str)]) -> Result<Vec<u8>> {
    let files = [("module.yaml", MANIFEST), ("entry.json", ENTRY), ("noted.json", NOTED), ("note.asl.json", NOTE)];
    for (from, _) in changes {
        ensure!(files.iter().any(|(_, text)| text.contains(from)), "nothing has {from}");
    }
    let changed = |text: &str| changes.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    let files: Vec<(&str, String)> = files.iter().map(|(path, text)| (*path, changed(text))).collect();
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    packed_bytes(&files)
}

/// A trip that somebody plans; its id.
pub(super) async fn trip(app: &App, to: &str) -> Result<String> {
    let body = json!({ "to": to, "price": "10.00", "currency": "EUR" });
    let (status, made) = app.call("eva", "POST", "/outings/trips", Some(&body)).await?;
    ensure!(status == 201, "{status} {made}");
    Ok(made["id"].as_str().context("an id")?.to_owned())
}

/// Sends a trip elsewhere.
pub(super) async fn redirect(app: &App, id: &str, to: &str) -> Result<()> {
    let path = format!("/outings/trips/{id}");
    let (status, answer) =
        app.call_with("eva", "PATCH", &path, Some(&json!({ "to": to })), &[("If-Match", "*")]).await?;
    ensure!(status == 200, "{status} {answer}");
    Ok(())
}

/// What the diary says, oldest first: `created Oslo`.
pub(super) async fn entries(app: &App) -> Result<Vec<String>> {
    let (status, page) = app.call("eva", "GET", "/diary/entries?limit=200&sort=heard", None).await?;
    ensure!(status == 200, "{status} {page}");
    let items = page["items"].as_array().cloned().unwrap_or_default();
    let told = items.iter().map(|item| {
        let what = item["data"]["what"].as_str().unwrap_or_default();
        let what = what.rsplit('.').next().unwrap_or_default();
        format!("{what} {}", item["data"]["to"].as_str().unwrap_or_default())
    });
    Ok(told.collect())
}

/// The one subscription of the diary.
pub(super) async fn subscription(app: &App) -> Result<Value> {
    let (status, answer) = app.call("ada", "GET", "/modules/diary/subscriptions", None).await?;
    ensure!(status == 200 && answer["items"].as_array().map(Vec::len) == Some(1), "{status} {answer}");
    Ok(answer["items"][0].clone())
}

/// What an admin has done with it.
pub(super) async fn admin(app: &App, what: &str, body: &Value) -> Result<Value> {
    let path = format!("/modules/diary/subscriptions/trips/{what}");
    let (status, answer) = app.call("ada", "POST", &path, Some(body)).await?;
    ensure!(status == 200, "{what}: {status} {answer}");
    Ok(answer)
}
