//! `definition`: what an author does with a definition before anybody runs it. Nothing here needs a database.

mod batch;
pub(super) mod cast_file;
mod check;
mod diagram;
mod placed;
mod plain;
mod run;
mod source;
mod table;
pub(super) mod test;

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
    /// Draw a definition, as SVG or for Mermaid
    Diagram(diagram::DiagramArgs),
    /// Play a definition on a virtual clock and print what happens
    Run(run::RunArgs),
    /// Play scenarios and say where something else came of them than they expect
    Test(test::TestArgs),
}

pub(crate) fn run(command: DefinitionCommand, registry: &Registry) -> anyhow::Result<ExitCode> {
    match command {
        DefinitionCommand::Check(args) => Ok(check::run(&args, registry)),
        DefinitionCommand::Plain(args) => plain::run(&args),
        DefinitionCommand::Diagram(args) => diagram::run(&args),
        DefinitionCommand::Run(args) => run::run(&args),
        DefinitionCommand::Test(args) => test::run(&args),
    }
}
