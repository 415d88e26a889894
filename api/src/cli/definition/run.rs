//! `definition run`: a rehearsal, or a batch of them.

use super::super::output;
use super::{batch, cast_file, source, table};
use anyhow::Context;
use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use workflow::rehearsal::{Answer, Answers, Asked, Decided, Rehearsal, Rest, Scenario, Waiting};
use workflow::{Entry, Status};

/// Play a definition on a virtual clock and print what happens.
///
/// A wait of a month takes no time. Tasks answer what --mock or --cast says; one without an answer is waited for. People
/// decide what the cast says; without a decision time passes until reminders, escalations and expiry have happened.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The definition; - is the standard input
    #[arg(value_name = "FILE", required_unless_present = "batch")]
    file: Option<PathBuf>,
    /// What it starts with: JSON, or a file of it
    #[arg(long, value_name = "FILE|JSON")]
    input: Option<String>,
    /// What a task answers, by state, by resource, or by * for all others: a result, or {"Error": "...", "Cause": "..."}.
    /// Given again, it is the next answer
    #[arg(long, value_name = "NAME=JSON")]
    mock: Vec<String>,
    /// Who is who, what tasks answer and what people decide: a scenario, whose Expect is not looked at
    #[arg(long, value_name = "FILE")]
    cast: Option<PathBuf>,
    /// How much time passes at most, as an ISO 8601 duration such as P3D
    #[arg(long = "for", value_name = "DURATION")]
    patience: Option<String>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
    /// A file with a case a line: {"id", "definition", "input"}; prints {"id", "events"} or {"id", "refused"} a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["file", "input", "mock", "cast", "patience", "json"])]
    batch: Option<PathBuf>,
}

/// What came of a rehearsal, for programs.
#[derive(Debug, Serialize)]
struct Report<'r> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<&'r Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Value>,
    waits_for: Vec<Waiting>,
    asked: &'r [Asked],
    /// Decisions of the cast that were not made.
    unused: &'r [Decided],
    entries: Vec<Timed<'r>>,
}

#[derive(Debug, Serialize)]
struct Timed<'r> {
    at: String,
    #[serde(flatten)]
    entry: &'r Entry,
}

pub(super) fn run(args: &RunArgs) -> anyhow::Result<ExitCode> {
    match (&args.batch, &args.file) {
        (Some(path), _) => batch::run(path),
        (None, Some(file)) => rehearse(args, file),
        (None, None) => anyhow::bail!("name a definition, or a file of cases with --batch"),
    }
}

fn rehearse(args: &RunArgs, file: &std::path::Path) -> anyhow::Result<ExitCode> {
    let (definition, _) = source::definition(file)?;
    let scenario = scenario(args)?;
    let mut rehearsal = Rehearsal::new(&definition, scenario.cast());
    let rest = scenario.play(&mut rehearsal);
    match (&rest, args.json) {
        (Ok(rest), true) => output::json(&report(&rehearsal, *rest)),
        (Ok(rest), false) => table::print(&rehearsal, *rest),
        (Err(_), _) => table::history(&rehearsal),
    }
    let rest = rest.context("an event is not taken")?;
    Ok(if rest == Rest::Endless { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The cast file, with what the arguments say over it.
fn scenario(args: &RunArgs) -> anyhow::Result<Scenario> {
    let mut scenario = match &args.cast {
        Some(path) => cast_file::one(path)?,
        None => Scenario::default(),
    };
    if let Some(input) = &args.input {
        scenario.input = inline_or_file(input)?;
    }
    if let Some(patience) = &args.patience {
        let patience = patience.clone().try_into().map_err(|message: String| anyhow::anyhow!("--for {message}"))?;
        scenario.patience = Some(patience);
    }
    let mut mocked: std::collections::BTreeMap<String, Answers> = std::collections::BTreeMap::new();
    for mock in &args.mock {
        let (name, answer) = mocked_answer(mock)?;
        mocked.entry(name).or_insert_with(|| Answers(Vec::new())).0.push(answer);
    }
    scenario.answers.extend(mocked);
    Ok(scenario)
}

fn inline_or_file(text: &str) -> anyhow::Result<Value> {
    match text.trim_start().starts_with(['{', '[', '"']) {
        true => serde_json::from_str(text).context("--input is not JSON"),
        false => source::json(std::path::Path::new(text)),
    }
}

fn mocked_answer(mock: &str) -> anyhow::Result<(String, Answer)> {
    let wanted = "--mock wants NAME=JSON, such as mail.send={\"id\": 1}";
    let (name, text) = mock.split_once('=').context(wanted)?;
    let value: Value = serde_json::from_str(text).with_context(|| format!("--mock {name}: {text} is not JSON"))?;
    let failure = value.get("Error").is_some_and(Value::is_string);
    let answer = if failure { Answer::try_from(value) } else { Ok(Answer::Result(value)) };
    Ok((name.to_owned(), answer.map_err(|message| anyhow::anyhow!("--mock {name}: {message}"))?))
}

fn report<'r>(rehearsal: &'r Rehearsal<'_>, rest: Rest) -> Report<'r> {
    let times = rehearsal.times.iter().map(|at| table::moment(*at));
    let error = match &rehearsal.instance.status {
        Status::Failed { state, error, cause, .. } => Some(json!({ "state": state, "error": error, "cause": cause })),
        _ => None,
    };
    Report {
        status: rehearsal.status(rest),
        output: rehearsal.output(),
        error,
        waits_for: rehearsal.waits_for(),
        asked: &rehearsal.asked,
        unused: rehearsal.unused_decisions(),
        entries: times.zip(&rehearsal.entries).map(|(at, entry)| Timed { at, entry }).collect(),
    }
}
