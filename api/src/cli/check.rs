//! `check` and `migrate`.

use super::config::Config;
use super::output;
use modules::Registry;
use std::process::ExitCode;
use std::sync::Arc;
use store::{Options, Store};

/// Brings the schema up to date.
pub(crate) async fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    let count = Store::migrate(config.database.expose()).await?;
    output::line(match count {
        0 => "the schema is up to date".to_owned(),
        count => format!("{count} migration(s) done; the schema is up to date"),
    });
    Ok(ExitCode::SUCCESS)
}

/// Replays every instance and compares it with what is stored.
pub(crate) async fn check(config: &Config, registry: Registry) -> anyhow::Result<ExitCode> {
    existing(config)?;
    let options = Options { inline: Arc::new(registry), ..Options::default() };
    let store = Store::open(config.database.expose(), options).await?;
    let mut reader = store.read().await?;
    let bar = output::progress(reader.count_instances().await?, "replaying");
    let report = reader.check(|done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    for violation in &report.violations {
        output::line(violation.to_string());
    }
    let (instances, events, wrong) = (report.instances, report.transitions, report.violations.len());
    output::line(format!("{instances} instances replayed ({events} events), {wrong} differences"));
    drop(reader);
    store.close().await;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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
