//! `module`: what an author does with a module before anybody installs it, a command a file, none of which needs a
//! service; and in `installed` what an admin does with those of a company.

mod build;
mod check;
mod dev;
mod info;
pub(in crate::cli) mod installed;
mod new;
mod oci;
mod pack;
mod sign;
mod source;
mod test;

use super::{CompiledIn, output};
use clap::{Subcommand, ValueEnum};
use modules::MANIFEST_SCHEMA;
use std::process::ExitCode;

/// Modules: check, pack and sign what an author has written
#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// Write a new module to begin with
    New(new::NewArgs),
    /// Say everything that is wrong with a module's files, each with its place and a remedy
    Check(check::CheckArgs),
    /// Play the scenarios of a module: its definitions alone, and the whole of it in a service
    Test(test::TestArgs),
    /// Serve a demo with the module, which follows every change of its folder
    Dev(dev::DevArgs),
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
    /// Send a package file to an OCI registry
    Push(oci::PushArgs),
    /// Fetch a package file from an OCI registry
    Pull(oci::PullArgs),
    #[command(flatten)]
    Installed(installed::InstalledCommand),
    /// Print the JSON Schema of module.yaml or of scenarios, from which editors complete
    Schema {
        /// Of what
        #[arg(value_enum, default_value_t = Described::Manifest)]
        of: Described,
    },
}

/// What has a published schema.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Described {
    /// module.yaml
    Manifest,
    /// A scenario with steps, for module test
    Scenario,
}

pub(crate) async fn run(command: &ModuleCommand, compiled_in: CompiledIn) -> anyhow::Result<ExitCode> {
    match command {
        ModuleCommand::New(args) => new::run(args),
        ModuleCommand::Check(args) => check::run(args),
        ModuleCommand::Test(args) => test::run(args, compiled_in).await,
        ModuleCommand::Dev(args) => dev::run(args, compiled_in).await,
        ModuleCommand::Pack(args) => pack::run(args),
        ModuleCommand::Info(args) => info::run(args),
        ModuleCommand::Key(args) => sign::key(args),
        ModuleCommand::Sign(args) => sign::sign(args),
        ModuleCommand::Verify(args) => sign::verify(args),
        ModuleCommand::Push(args) => oci::push(args).await,
        ModuleCommand::Pull(args) => oci::pull(args).await,
        ModuleCommand::Installed(command) => installed::run(command).await,
        ModuleCommand::Schema { of } => {
            let schema = match of {
                Described::Manifest => MANIFEST_SCHEMA,
                Described::Scenario => test::SCENARIO_SCHEMA,
            };
            output::line(schema.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}
