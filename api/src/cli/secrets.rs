//! `secrets`: another key for the secrets in configurations of modules.

use super::check::{LONG, existing};
use super::{Settings, module_layers, output};
use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use modules::{Rotated, rotate_secrets};
use serde_json::json;
use std::process::ExitCode;
use store::{Options, Store};

/// Secrets of configurations, which are encrypted with COUNTERSIGN_SECRETS_KEY.
#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Encrypt every secret with the first key of COUNTERSIGN_SECRETS_KEY that is encrypted with another one of them
    Rotate(RotateArgs),
}

/// What `secrets rotate` takes.
#[derive(Debug, Args)]
pub(crate) struct RotateArgs {
    #[command(flatten)]
    settings: Settings,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(command: SecretsCommand) -> Result<ExitCode> {
    match command {
        SecretsCommand::Rotate(args) => rotate(&args).await,
    }
}

async fn rotate(args: &RotateArgs) -> Result<ExitCode> {
    let config = args.settings.read()?;
    let key = module_layers::key()?
        .context("COUNTERSIGN_SECRETS_KEY is not set; it has the new key and after it the one from before: NEW,OLD")?;
    existing(&config)?;
    let options = Options { read_within: LONG, ..Options::default() };
    let store = Store::open(config.database.expose(), options).await.context("the database cannot be opened")?;
    let bar = output::progress(store.read().await?.count_module_configs().await?, "encrypting anew");
    let rotated = rotate_secrets(&store, &key, |done| bar.set_position(done)).await;
    bar.finish_and_clear();
    store.close().await;
    let Rotated { sealed, current, unread } = rotated?;
    if args.json {
        output::json(&json!({ "sealed": sealed, "current": current, "unread": unread }));
    } else {
        unread.iter().for_each(|place| output::line(format!("no key opens {place}; set it anew")));
        output::line(format!(
            "{sealed} secrets encrypted anew, {current} were so already, {} cannot be read",
            unread.len()
        ));
    }
    Ok(if unread.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
