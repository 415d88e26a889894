//! `module list` and `module show`.

use super::client::{Client, Content};
use crate::cli::output;
use serde_json::Value;
use std::process::ExitCode;

pub(super) async fn list(client: &Client, json: bool) -> anyhow::Result<ExitCode> {
    let answer = client.ask("GET", "modules", Content::Nothing).await?;
    if json {
        output::json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    for item in items(&answer, "items") {
        let origin = if item["compiled_in"] == true { "compiled in" } else { "uploaded" };
        output::line(format!(
            "{:<24} {:<12} {:<10} {origin}",
            text(item, "name"),
            text(item, "version"),
            text(item, "state")
        ));
    }
    if answer["last_change"]["status"] == "running" {
        let change = &answer["last_change"];
        output::line(format!("under way: {} (instance {})", text(change, "change"), text(change, "instance")));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(client: &Client, name: &str, json: bool) -> anyhow::Result<ExitCode> {
    let answer = client.ask("GET", &format!("modules/{name}"), Content::Nothing).await?;
    if json {
        output::json(&answer);
        return Ok(ExitCode::SUCCESS);
    }
    output::line(format!("{} {}, {}", text(&answer, "name"), text(&answer, "version"), text(&answer, "state")));
    if !text(&answer, "description").is_empty() {
        output::line(text(&answer, "description"));
    }
    for (label, pointer) in [
        ("collections", "/brings/collections"),
        ("workflows", "/brings/workflows"),
        ("events", "/brings/events"),
        ("needed by", "/needed_by"),
    ] {
        let names: Vec<&str> = answer.pointer(pointer).into_iter().flat_map(texts).collect();
        if !names.is_empty() {
            output::line(format!("{label}: {}", names.join(", ")));
        }
    }
    for package in items(&answer, "packages") {
        output::line(format!("package {} of {}", text(package, "version"), text(package, "uploaded_at")));
    }
    for past in items(&answer, "history").filter(|past| past["counts"] == true) {
        output::line(format!("since {}: {} by {}", text(past, "at"), text(past, "reason"), text(past, "by")));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

pub(super) fn texts(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
