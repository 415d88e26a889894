//! `Retry` and `Catch`: what happens when a state fails.

use super::fields::{Fields, Problems};
use super::shape::{Has, Language, Shape, shape};
use super::states::MOST_SECONDS;
use serde_json::Value;

/// One rule of `Retry`.
#[derive(Debug, Clone)]
pub struct Retrier {
    /// Error names; `States.ALL` matches every error that can be retried.
    pub errors: Vec<String>,
    /// Wait before the first attempt again.
    pub interval_seconds: u64,
    /// How often it is tried again; 0 means never.
    pub max_attempts: u64,
    /// The wait grows by this factor, from the second attempt again on.
    pub backoff_rate: f64,
    /// The wait is never longer than this.
    pub max_delay_seconds: Option<u64>,
    /// Whether the wait is spread by chance.
    pub jitter: Jitter,
}

/// How the wait before a retry is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// The wait is what it is.
    None,
    /// The wait is a random part of what it would be.
    Full,
}

/// One rule of `Catch`.
#[derive(Debug, Clone)]
pub struct Catcher {
    /// Error names; `States.ALL` matches every error that can be caught.
    pub errors: Vec<String>,
    /// Where it goes on.
    pub next: String,
    /// What becomes of the error output: the next state's input, unless this says otherwise.
    pub shape: Shape,
}

/// The error by which a workflow that is cancelled goes where it is undone. Only a rule that names it takes it.
pub const CANCELLED: &str = "Workflow.Cancelled";

/// Whether a rule for `names` takes `error` (states-language.net, appendix A). `States.Timeout` takes a missed heartbeat as
/// well; `States.TaskFailed` takes any error that is not about time.
pub fn matches_error(names: &[String], error: &str) -> bool {
    const TERMINAL: [&str; 3] = ["States.DataLimitExceeded", "States.Runtime", CANCELLED];
    const TIMES: [&str; 2] = ["States.Timeout", "States.HeartbeatTimeout"];
    names.iter().any(|name| match name.as_str() {
        "States.ALL" => !TERMINAL.contains(&error),
        "States.TaskFailed" => !TIMES.contains(&error) && !TERMINAL.contains(&error),
        "States.Timeout" => TIMES.contains(&error),
        name => name == error,
    })
}

pub(super) fn retriers(fields: &Fields<'_>) -> Vec<Retrier> {
    let items = fields.list("Retry").unwrap_or_default();
    let last = items.len().saturating_sub(1);
    items.into_iter().enumerate().filter_map(|(n, (at, item))| retrier(item, at, fields.problems, n == last)).collect()
}

fn retrier(value: &Value, pointer: String, problems: &Problems, last: bool) -> Option<Retrier> {
    let fields = Fields::of(value, pointer, problems)?;
    let errors = errors(&fields, last);
    let retrier = Retrier {
        errors: errors.clone().unwrap_or_default(),
        interval_seconds: fields.whole("IntervalSeconds", 1, MOST_SECONDS).unwrap_or(1),
        max_attempts: fields.whole("MaxAttempts", 0, 99_999_999).unwrap_or(3),
        backoff_rate: backoff_rate(&fields),
        max_delay_seconds: fields.whole("MaxDelaySeconds", 1, 31_622_400),
        jitter: jitter(&fields),
    };
    fields.text("Comment");
    fields.finish();
    errors.map(|_| retrier)
}

fn backoff_rate(fields: &Fields<'_>) -> f64 {
    match fields.get("BackoffRate").map(|value| value.as_f64().filter(|rate| (1.0..=1_000.0).contains(rate))) {
        None => 2.0,
        Some(Some(rate)) => rate,
        Some(None) => {
            fields.wrong("BackoffRate", "range", "must be a number from 1 to 1000");
            2.0
        }
    }
}

fn jitter(fields: &Fields<'_>) -> Jitter {
    match fields.text("JitterStrategy").as_deref() {
        None | Some("NONE") => Jitter::None,
        Some("FULL") => Jitter::Full,
        Some(other) => {
            fields.wrong("JitterStrategy", "value", format!("\"{other}\" is not known; use \"FULL\" or \"NONE\""));
            Jitter::None
        }
    }
}

pub(super) fn catchers(fields: &Fields<'_>, language: Language) -> Vec<Catcher> {
    let items = fields.list("Catch").unwrap_or_default();
    let last = items.len().saturating_sub(1);
    items
        .into_iter()
        .enumerate()
        .filter_map(|(n, (at, item))| catcher(item, at, fields.problems, n == last, language))
        .collect()
}

fn catcher(value: &Value, pointer: String, problems: &Problems, last: bool, language: Language) -> Option<Catcher> {
    let fields = Fields::of(value, pointer, problems)?;
    let (errors, next) = (errors(&fields, last), fields.required_text("Next"));
    let shape = shape(&fields, language, Has::CAUGHT);
    fields.text("Comment");
    fields.finish();
    Some(Catcher { errors: errors?, next: next?, shape })
}

fn errors(fields: &Fields<'_>, last: bool) -> Option<Vec<String>> {
    fields.require("ErrorEquals");
    let names = fields.texts("ErrorEquals")?;
    if names.is_empty() {
        fields.wrong("ErrorEquals", "empty", "names no error; name at least one, or \"States.ALL\"");
    }
    if names.iter().any(|name| name == "States.ALL") && (names.len() > 1 || !last) {
        fields.wrong(
            "ErrorEquals",
            "states-all",
            "States.ALL must stand alone and in the last rule, because it hides those behind it",
        );
    }
    Some(names)
}
