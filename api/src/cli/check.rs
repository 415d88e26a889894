//! `check` and `migrate`.

use super::config::Config;
use super::{Settings, output};
use clap::Args;
use modules::Registry;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use store::{CheckReport, Options, Store, StoreError};

/// How long a question of a command may take: some are about everything that is stored.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// Brings the schema up to date.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    let count = Store::migrate(config.database.expose()).await?;
    output::line(match count {
        0 => "the schema is up to date".to_owned(),
        count => format!("{count} migration(s) done; the schema is up to date"),
    });
    Ok(ExitCode::SUCCESS)
}

/// What `check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) settings: Settings,
    /// Also prove that nothing is stuck and that every table fits the instances: votes, numbers, links, documents, ...
    #[arg(long)]
    deep: bool,
}

/// Replays every instance and compares it with what is stored.
pub(crate) async fn check(args: &CheckArgs, config: &Config, registry: Registry) -> anyhow::Result<ExitCode> {
    existing(config)?;
    let options = Options { inline: Arc::new(registry), read_within: LONG, ..Options::default() };
    let store = Store::open(config.database.expose(), options).await?;
    let report = if args.deep { deep(&store).await? } else { replay(&store).await? };
    store.close().await;
    for violation in &report.violations {
        output::line(violation.to_string());
    }
    let CheckReport { instances, transitions, rows, dead_effects, violations } = report;
    let wrong = violations.len();
    output::line(format!("{instances} instances replayed ({transitions} events), {wrong} differences"));
    if args.deep {
        output::line(format!("{rows} numbers, answers and files looked at; {dead_effects} effects wait for a person"));
    }
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn replay(store: &Store) -> Result<CheckReport, StoreError> {
    let mut reader = store.read().await?;
    let bar = output::progress(reader.count_instances().await?, "replaying");
    let report = reader.check(|done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    Ok(report)
}

/// The length of the bar is the number of instances, which are the most work; what else is looked at is only named.
async fn deep(store: &Store) -> Result<CheckReport, StoreError> {
    let mut reader = store.read().await?;
    let bar = output::progress(reader.count_instances().await?, "checking");
    let report = reader.check_deep(|what, done| {
        bar.set_message(what);
        bar.set_position(done);
    });
    let report = report.await?;
    bar.finish_and_clear();
    Ok(report)
}

/// Refuses a SQLite database that is not there: opening it would make an empty one, in which nothing is ever wrong.
pub(crate) fn existing(config: &Config) -> anyhow::Result<()> {
    let Some(path) = config.database.expose().strip_prefix("sqlite://") else { return Ok(()) };
    anyhow::ensure!(
        std::path::Path::new(path).exists(),
        "there is no database at {path}; check the path, or make one with `countersign migrate`"
    );
    Ok(())
}
