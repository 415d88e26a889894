//! `definition test`: scenarios, each with a tick or with what came otherwise.

use super::super::output;
use super::check::counted;
use super::{cast_file, source};
use clap::Args;
use serde::Serialize;
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;
use workflow::Definition;
use workflow::rehearsal::{Difference, Scenario};

/// Play scenarios and say where something else came of them than they expect.
#[derive(Debug, Args)]
pub(crate) struct TestArgs {
    /// The definition; - is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Files with scenarios
    #[arg(required = true, value_name = "SCENARIOS")]
    scenarios: Vec<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What came of one scenario.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Result {
    file: String,
    name: String,
    passed: bool,
    differences: Vec<Difference>,
}

pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let (definition, _) = source::definition(&args.file)?;
    let mut results = Vec::new();
    for path in &args.scenarios {
        let scenarios = cast_file::all(path)?;
        results.extend(scenarios.iter().map(|scenario| played(scenario, &definition, source::name(path))));
    }
    Ok(report(&results, args.json))
}

/// Prints what came of all of them.
pub(in crate::cli) fn report(results: &[Result], json: bool) -> ExitCode {
    let failed = results.iter().filter(|result| !result.passed).count();
    match json {
        true => output::json(&results),
        false => {
            results.iter().for_each(Result::print);
            output::line(format!("{} passed, {failed} failed", counted(results.len() - failed, "scenario")));
        }
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Plays one.
pub(in crate::cli) fn played(scenario: &Scenario, definition: &Definition, file: String) -> Result {
    let differences = match scenario.expect.is_empty() {
        true => vec![Difference::nothing_expected()],
        false => scenario.run(definition),
    };
    Result::of(file, scenario.name.clone(), differences)
}

impl Result {
    pub(in crate::cli) fn of(file: String, name: String, differences: Vec<Difference>) -> Self {
        Self { file, name, passed: differences.is_empty(), differences }
    }

    fn print(&self) {
        output::line(format!("{} {}", if self.passed { "✔" } else { "✘" }, self.name));
        for difference in &self.differences {
            let (expected, found) = (told(&difference.expected), told(&difference.found));
            output::line(format!("    {}\n      expected  {expected}\n      found     {found}", difference.field));
        }
    }
}

/// Texts without quotes, as they stand in a sentence.
fn told(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
