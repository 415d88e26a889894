//! `definition plain`: the definition in standard Amazon States Language.

use super::super::output;
use super::source;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Write a definition in standard Amazon States Language, for validators and interpreters of others.
#[derive(Debug, Args)]
pub(crate) struct PlainArgs {
    /// The definition; - is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(args: &PlainArgs) -> anyhow::Result<ExitCode> {
    let (_, document) = source::definition(&args.file)?;
    let plain = workflow::plain(&document).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
        anyhow::anyhow!("{} is refused:\n{}", source::name(&args.file), problems.join("\n"))
    })?;
    output::json(&plain);
    Ok(ExitCode::SUCCESS)
}
