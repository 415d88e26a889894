//! `definition`: what an author does with a definition before anybody runs it. Nothing here needs a database.

mod batch;
mod run;

use clap::Subcommand;
use std::process::ExitCode;

/// Definitions: check, show, rehearse and test them
#[derive(Debug, Subcommand)]
pub(crate) enum DefinitionCommand {
    /// Play a definition on a virtual clock and print what happens
    Run(run::RunArgs),
}

pub(crate) fn run(command: DefinitionCommand) -> anyhow::Result<ExitCode> {
    match command {
        DefinitionCommand::Run(args) => run::run(args),
    }
}
