//! `definition`: what an author does with a definition before anybody runs it. Nothing here needs a database.

mod batch;
mod check;
mod plain;
mod run;
mod source;

use clap::Subcommand;
use modules::Registry;
use std::process::ExitCode;

/// Definitions: check, show, rehearse and test them
#[derive(Debug, Subcommand)]
pub(crate) enum DefinitionCommand {
    /// Say everything that is wrong with definitions, each with its place and a remedy
    Check(check::CheckArgs),
    /// Write a definition in standard Amazon States Language, for validators and interpreters of others
    Plain(plain::PlainArgs),
    /// Play a definition on a virtual clock and print what happens
    Run(run::RunArgs),
}

pub(crate) fn run(command: DefinitionCommand, registry: &Registry) -> anyhow::Result<ExitCode> {
    match command {
        DefinitionCommand::Check(args) => Ok(check::run(&args, registry)),
        DefinitionCommand::Plain(args) => plain::run(&args),
        DefinitionCommand::Run(args) => run::run(args),
    }
}
