//! `module logs`: what the code of a module has logged, and where it has failed.

use super::client::{Client, Content};
use super::look::{items, text};
use crate::cli::output;
use anyhow::Result;
use serde_json::Value;
use std::process::ExitCode;
use std::time::Duration;

/// How often it is looked for new lines.
const LOOK: Duration = Duration::from_secs(1);
/// So many lines are asked for at once.
const AT_ONCE: u32 = 200;

pub(super) async fn run(client: &Client, name: &str, follow: bool, json: bool) -> Result<ExitCode> {
    let path = format!("modules/{name}/logs?limit={AT_ONCE}");
    let mut answer = client.ask("GET", &path, Content::Nothing).await?;
    loop {
        items(&answer, "items").for_each(|line| show(line, json));
        if !follow {
            return Ok(ExitCode::SUCCESS);
        }
        // A full page has more behind it.
        if items(&answer, "items").count() < AT_ONCE as usize {
            tokio::time::sleep(LOOK).await;
        }
        let after = answer["next"].as_u64().unwrap_or_default();
        answer = client.ask("GET", &format!("{path}&after={after}"), Content::Nothing).await?;
    }
}

/// A line for people, or one of JSON Lines.
fn show(line: &Value, json: bool) {
    if json {
        return output::json_line(line);
    }
    // The code of a stranger has written it, and terminals obey what is in it.
    let said: String = text(line, "text").chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect();
    output::line(format!("{} {:<5} {said}", text(line, "at"), text(line, "level")));
}
