//! `module check`: all that is wrong with a module, at once.

use super::source;
use crate::cli::output;
use clap::Args;
use modules::{Finding, Manifest, Package, PackageError};
use serde::Serialize;
use std::path::PathBuf;
use std::process::ExitCode;

/// What `module check` takes.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The module's folder, which holds module.yaml, or its package file
    #[arg(default_value = ".", value_name = "FOLDER|FILE")]
    module: PathBuf,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What is said about a module.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// Its name and version, if its manifest is in order.
    pub(super) module: Option<String>,
    pub(super) problems: Vec<Finding>,
}

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let report = match source::package(&args.module) {
        Ok(package) => Report::of(&package)?,
        Err(error) => Report::refused(error)?,
    };
    match args.json {
        true => output::json(&report),
        false => report.print(),
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    pub(super) fn of(package: &Package) -> anyhow::Result<Self> {
        match package.manifest() {
            Ok(Manifest { name, version, .. }) => {
                Ok(Self { module: Some(format!("{name} {version}")), problems: Vec::new() })
            }
            Err(error) => Self::refused(error.into()),
        }
    }

    /// A package that could not even be read, if what is wrong is in its files.
    fn refused(error: anyhow::Error) -> anyhow::Result<Self> {
        match error.downcast_ref::<PackageError>() {
            Some(PackageError::Findings(problems)) => Ok(Self { module: None, problems: problems.clone() }),
            _ => Err(error),
        }
    }

    pub(super) fn print(&self) {
        self.problems.iter().for_each(|problem| output::line(problem.to_string()));
        match (&self.module, self.problems.len()) {
            (Some(module), _) => output::line(format!("{module}: fine")),
            (None, 1) => output::line("refused, 1 problem"),
            (None, problems) => output::line(format!("refused, {problems} problems")),
        }
    }
}
