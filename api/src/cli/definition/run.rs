//! `definition run`: a rehearsal, or a batch of them.

use super::batch;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Play a definition on a virtual clock and print what happens.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// A file with a case a line: `{"id", "definition", "input"}`; prints `{"id", "events"}` or `{"id", "refused"}` a line
    #[arg(long, value_name = "FILE")]
    batch: PathBuf,
}

pub(super) fn run(args: RunArgs) -> anyhow::Result<ExitCode> {
    batch::run(&args.batch)
}
