//! `archive`: moves finished instances into files, and proves that they are what happened.

use super::check::{LONG, existing};
use super::config::Config;
use super::output;
use anyhow::Context;
use clap::{Args, Subcommand};
use std::process::ExitCode;
use store::{Options, Store};

/// A day in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Finished instances in files of an archive.
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// Move what has been over for long enough into the archive
    Run(RunArgs),
    /// Read every archived instance, follow its chain of events and replay it
    Verify(super::Settings),
}

/// What `archive run` takes.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    settings: super::Settings,
    /// Over for so many days, at least 90: until then links in mails show how it ended
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(i64).range(90..=36_500))]
    older_than_days: i64,
}

pub(crate) async fn run(command: ArchiveCommand) -> anyhow::Result<ExitCode> {
    match command {
        ArchiveCommand::Run(args) => move_out(&args.settings.read()?, args.older_than_days).await,
        ArchiveCommand::Verify(settings) => verify(&settings.read()?).await,
    }
}

async fn open(config: &Config) -> anyhow::Result<Store> {
    existing(config)?;
    let archive = config.archive()?;
    anyhow::ensure!(archive.is_some(), "there is no archive; set `archive` to a folder in the configuration");
    let options = Options { archive, read_within: LONG, ..Options::default() };
    Store::open(config.database.expose(), options).await.context("the database cannot be opened")
}

async fn move_out(config: &Config, days: i64) -> anyhow::Result<ExitCode> {
    let store = open(config).await?;
    let bar = output::progress(store.read().await?.count_instances().await?, "archiving");
    let before = store.now_ms() - days * DAY_MS;
    let run = store.archive_ended(before, |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    output::line(format!("{} instances moved into {} files ({} bytes)", run.instances, run.files, run.bytes));
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn verify(config: &Config) -> anyhow::Result<ExitCode> {
    let store = open(config).await?;
    let mut reader = store.read().await?;
    let bar = output::progress(reader.count_archived().await?, "verifying");
    let report = reader.verify_archive(|done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    report.violations.iter().for_each(|violation| output::line(violation.to_string()));
    let (instances, events, wrong) = (report.instances, report.transitions, report.violations.len());
    output::line(format!("{instances} archived instances verified ({events} events), {wrong} differences"));
    drop(reader);
    store.close().await;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
