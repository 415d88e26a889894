//! `module`: what an author does with a module before anybody installs it. A command a file. Nothing here needs a database.

mod check;
mod info;
mod pack;
mod sign;
mod source;

use super::output;
use clap::Subcommand;
use modules::MANIFEST_SCHEMA;
use std::process::ExitCode;

/// Modules: check, pack and sign what an author has written
#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// Say everything that is wrong with a module's files, each with its place and a remedy
    Check(check::CheckArgs),
    /// Pack a module's folder into one file, name-version.csmod
    Pack(pack::PackArgs),
    /// Say what is in a package
    Info(info::InfoArgs),
    /// Make a pair of keys to sign packages with
    Key(sign::KeyArgs),
    /// Sign a package file
    Sign(sign::SignArgs),
    /// Verify the signature of a package file
    Verify(sign::VerifyArgs),
    /// Print the JSON Schema of module.yaml, from which editors complete
    Schema,
}

pub(crate) fn run(command: &ModuleCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModuleCommand::Check(args) => check::run(args),
        ModuleCommand::Pack(args) => pack::run(args),
        ModuleCommand::Info(args) => info::run(args),
        ModuleCommand::Key(args) => sign::key(args),
        ModuleCommand::Sign(args) => sign::sign(args),
        ModuleCommand::Verify(args) => sign::verify(args),
        ModuleCommand::Schema => {
            output::line(MANIFEST_SCHEMA.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}
