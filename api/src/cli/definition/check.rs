//! `definition check`: everything that is wrong with definitions, and what their authors should change.

use super::super::output;
use super::placed::{Placed, placed};
use super::source;
use clap::Args;
use modules::Registry;
use serde::Serialize;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use workflow::{Definition, Problem};

/// Say everything that is wrong with definitions, each with its place and a remedy.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The definitions; - is the standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Let tasks name code that no installed module has
    #[arg(long)]
    any_resource: bool,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What is said about one file.
#[derive(Debug, Serialize)]
struct Report {
    file: String,
    /// How many states it has, if it can be read.
    states: Option<usize>,
    problems: Vec<Placed>,
    warnings: Vec<Placed>,
}

pub(super) fn run(args: &CheckArgs, registry: &Registry) -> ExitCode {
    let registry = if args.any_resource { None } else { Some(registry) };
    let reports: Vec<Report> = args.files.iter().map(|file| check(file, registry)).collect();
    match args.json {
        true => output::json(&reports),
        false => reports.iter().for_each(Report::print),
    }
    let refused = reports.iter().any(|report| !report.problems.is_empty());
    if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn check(path: &Path, registry: Option<&Registry>) -> Report {
    let file = source::name(path);
    let text = match source::text(path) {
        Ok(text) => text,
        Err(error) => return unreadable(file, &error),
    };
    match Definition::parse_text(&text) {
        Ok(definition) => {
            let states = Some(definition.states().count());
            let warnings = placed(&text, definition.warnings().to_vec());
            Report { file, states, problems: placed(&text, unknown(&text, registry)), warnings }
        }
        Err(problems) => Report { file, states: None, problems: placed(&text, problems), warnings: Vec::new() },
    }
}

fn unreadable(file: String, error: &io::Error) -> Report {
    let problem = Problem::new("", "unreadable", format!("cannot be read: {error}"));
    Report { file, states: None, problems: vec![Placed::nowhere(problem)], warnings: Vec::new() }
}

/// The names of code that no installed module has.
fn unknown(text: &str, registry: Option<&Registry>) -> Vec<Problem> {
    let document = serde_json::from_str(text).unwrap_or_default();
    registry.map(|registry| registry.built_in().check_definition(&document)).unwrap_or_default()
}

impl Report {
    fn print(&self) {
        output::line(format!("{}: {}", self.file, self.verdict()));
        for problem in &self.problems {
            output::line(problem.line(""));
        }
        for warning in &self.warnings {
            output::line(warning.line("warning: "));
        }
    }

    fn verdict(&self) -> String {
        let warnings = counted(self.warnings.len(), "warning");
        match (self.problems.len(), self.states) {
            (0, Some(states)) if self.warnings.is_empty() => format!("fine, {}", counted(states, "state")),
            (0, Some(states)) => format!("fine, {}, {warnings}", counted(states, "state")),
            (problems, _) if self.warnings.is_empty() => format!("refused, {}", counted(problems, "problem")),
            (problems, _) => format!("refused, {}, {warnings}", counted(problems, "problem")),
        }
    }
}

pub(super) fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}
