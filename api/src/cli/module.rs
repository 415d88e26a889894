//! `module`: what an author does with a module before anybody installs it. Nothing here needs a database.

use super::output;
use anyhow::Context;
use clap::{Args, Subcommand};
use modules::{Finding, MANIFEST_SCHEMA, Manifest, Package, PackageError};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// Modules: check what an author has written
#[derive(Debug, Subcommand)]
pub(crate) enum ModuleCommand {
    /// Say everything that is wrong with a module's files, each with its place and a remedy
    Check(CheckArgs),
    /// Print the JSON Schema of module.yaml, from which editors complete
    Schema,
}

/// What `module check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The module's folder, which holds module.yaml
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What is said about a module.
#[derive(Debug, Serialize)]
struct Report {
    /// Its name and version, if its manifest is in order.
    module: Option<String>,
    problems: Vec<Finding>,
}

pub(crate) fn run(command: &ModuleCommand) -> anyhow::Result<ExitCode> {
    match command {
        ModuleCommand::Check(args) => check(args),
        ModuleCommand::Schema => {
            output::line(MANIFEST_SCHEMA.trim_end());
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let package = Package::read(&args.folder).context("the folder cannot be taken as a module")?;
    let report = match package.manifest() {
        Ok(Manifest { name, version, .. }) => {
            Report { module: Some(format!("{name} {version}")), problems: Vec::new() }
        }
        Err(PackageError::Findings(problems)) => Report { module: None, problems },
        Err(error) => return Err(error.into()),
    };
    match args.json {
        true => output::json(&report),
        false => report.print(),
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    fn print(&self) {
        self.problems.iter().for_each(|problem| output::line(problem.to_string()));
        match (&self.module, self.problems.len()) {
            (Some(module), _) => output::line(format!("{module}: fine")),
            (None, 1) => output::line("refused, 1 problem"),
            (None, problems) => output::line(format!("refused, {problems} problems")),
        }
    }
}
