//! `module config get` and `module config set`.

use super::Service;
use super::client::{Client, Content};
use crate::cli::output;
use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// The configuration of a module in a company.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show every setting, and where it comes from
    Get {
        /// The module
        name: String,
        #[command(flatten)]
        service: Service,
    },
    /// Set some settings; the others stay
    Set {
        /// The module
        name: String,
        /// NAME=VALUE; a value that is JSON is taken as such, everything else is text; NAME= goes back to what lies below
        #[arg(required = true, value_name = "NAME=VALUE")]
        settings: Vec<String>,
        #[command(flatten)]
        service: Service,
    },
}

pub(super) async fn run(command: &ConfigCommand) -> Result<ExitCode> {
    match command {
        ConfigCommand::Get { name, service } => get(&Client::of(service)?, name, service.json).await,
        ConfigCommand::Set { name, settings, service } => {
            set(&Client::of(service)?, name, settings, service.json).await
        }
    }
}

async fn get(client: &Client, name: &str, json: bool) -> Result<ExitCode> {
    let shown = client.ask("GET", &format!("modules/{name}/config"), Content::Nothing).await?;
    if json {
        output::json(&shown);
        return Ok(ExitCode::SUCCESS);
    }
    let from = shown["from"].as_object().into_iter().flatten();
    for (setting, origin) in from {
        let value = match &shown["config"][setting] {
            Value::Null => "(not set)".to_owned(),
            value if value["secret"] == true => "(secret)".to_owned(),
            value => value.to_string(),
        };
        output::line(format!("{setting} = {value}  ({})", origin.as_str().unwrap_or("nowhere")));
    }
    Ok(ExitCode::SUCCESS)
}

async fn set(client: &Client, name: &str, settings: &[String], json: bool) -> Result<ExitCode> {
    let path = format!("modules/{name}/config");
    let shown = client.ask("GET", &path, Content::Nothing).await?;
    // Secrets that are not named stay; what is shown of them is no value.
    let own = shown["company"].as_object().cloned().unwrap_or_default();
    let mut config: Map<String, Value> =
        own.into_iter().filter(|(_, value)| value.get("secret") != Some(&Value::Bool(true))).collect();
    for setting in settings {
        let (name, value) = setting.split_once('=').with_context(|| format!("{setting} is not NAME=VALUE"))?;
        config.insert(name.to_owned(), read(value));
    }
    let body = json!({ "config": config, "version": shown["version"] });
    let answer = client.ask("PUT", &path, Content::Json(body)).await?;
    match json {
        true => output::json(&answer),
        false => output::line(format!("{name}: version {} counts", answer["version"])),
    }
    Ok(ExitCode::SUCCESS)
}

fn read(text: &str) -> Value {
    match text {
        "" => Value::Null,
        text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
    }
}
