//! A rehearsal as people read it: when, what, where, and what came of it.

use super::super::output;
use serde_json::Value;
use time::OffsetDateTime;
use workflow::rehearsal::{Decided, Rehearsal, Rest, START_MS};
use workflow::{Entry, Status};

/// The longest text in the last column.
const MAX_SHOWN: usize = 90;

/// The history, who was asked, and how it ended or what it waits for.
pub(super) fn print(rehearsal: &Rehearsal<'_>, rest: Rest) {
    history(rehearsal);
    asked(rehearsal);
    for Decided { by, state, decision, .. } in rehearsal.unused_decisions() {
        output::line(format!("not made: {by} decides {decision} in {state}, but was not asked there"));
    }
    output::line(ending(rehearsal, rest));
}

/// The entries with their virtual times.
pub(super) fn history(rehearsal: &Rehearsal<'_>) {
    let widest = |text: &dyn Fn(&Entry) -> &str| {
        rehearsal.entries.iter().map(|entry| text(entry).chars().count()).max().unwrap_or_default()
    };
    let (kinds, names) = (widest(&|entry| &entry.kind), widest(&|entry| entry.name.as_deref().unwrap_or_default()));
    for (at, entry) in rehearsal.times.iter().zip(&rehearsal.entries) {
        let (at, kind, name) = (moment(*at), &entry.kind, entry.name.as_deref().unwrap_or_default());
        let line = format!("{at}  {kind:kinds$}  {name:names$}  {}", shown(entry));
        output::line(line.trim_end());
    }
    output::line("");
}

fn asked(rehearsal: &Rehearsal<'_>) {
    if rehearsal.asked.is_empty() {
        return;
    }
    output::line("asked:");
    let widest = rehearsal.asked.iter().map(|asked| asked.state.chars().count()).max().unwrap_or_default();
    for asked in &rehearsal.asked {
        output::line(format!("  {:widest$}  {}, {}", asked.state, asked.person, asked.why));
    }
    output::line("");
}

fn ending(rehearsal: &Rehearsal<'_>, rest: Rest) -> String {
    let took = span(rehearsal.now - START_MS);
    match (&rehearsal.instance.status, rest) {
        (Status::Succeeded { output, .. }, _) => format!("succeeded after {took}: {output}"),
        (Status::Failed { state, error, cause, .. }, _) => {
            let cause = if cause.is_empty() { String::new() } else { format!(": {cause}") };
            format!("failed after {took} in {state}: {error}{cause}")
        }
        (Status::Cancelled { reason, .. }, _) => format!("cancelled after {took}: {reason}"),
        (_, Rest::Endless) => format!("goes on for ever: stopped after {} entries", rehearsal.entries.len()),
        _ => {
            let waits = rehearsal.waits_for().into_iter();
            let waits: Vec<String> =
                waits.map(|waits| format!("{} waits for {}", waits.state, waits.waits_for)).collect();
            format!("after {took}: {}", waits.join("; "))
        }
    }
}

/// What an entry says beside its name, in one line.
fn shown(entry: &Entry) -> String {
    let failure: Vec<&str> = [entry.error.as_deref(), entry.cause.as_deref()].into_iter().flatten().collect();
    if !failure.is_empty() {
        return shortened(&failure.join(": "));
    }
    match (&entry.details, &entry.output, &entry.input) {
        (Some(details), _, _) => shortened(&told(&entry.kind, details)),
        (None, Some(output), _) => shortened(&output.to_string()),
        // What goes into a state is what came out of the one before.
        (None, None, Some(input)) if !entry.kind.ends_with("StateEntered") => shortened(&input.to_string()),
        _ => String::new(),
    }
}

/// Details in words.
fn told(kind: &str, details: &Value) -> String {
    let text = |name: &str| details[name].as_str().unwrap_or_default();
    match kind {
        "TaskScheduled" => text("resource").to_owned(),
        "ApprovalOpened" => {
            let groups = details["groups"].as_array().into_iter().flatten();
            groups
                .map(|group| format!("{}: {}", group["name"].as_str().unwrap_or_default(), people(&group["asked"])))
                .collect::<Vec<_>>()
                .join("; ")
        }
        "ApprovalEscalated" => people(&details["asked"]),
        "ApprovalReminded" => people(&details["people"]),
        "ApprovalVoted" if details["comment"].is_string() => {
            format!("{}: {}, \"{}\"", text("name"), text("decision"), text("comment"))
        }
        "ApprovalVoted" => format!("{}: {}", text("name"), text("decision")),
        "ApprovalClosed" => text("outcome").to_owned(),
        _ => details.to_string(),
    }
}

/// The names of a list of people, or of seats.
fn people(list: &Value) -> String {
    let names = list.as_array().into_iter().flatten();
    let names = names.filter_map(|one| one.get("name").unwrap_or(one).as_str());
    names.collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A virtual time: `2026-01-01 00:00:00`.
pub(super) fn moment(ms: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(ms.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (date, clock) = (time.date(), time.time());
    format!("{date} {:02}:{:02}:{:02}", clock.hour(), clock.minute(), clock.second())
}

/// A span of time in the words of people: `30 d 2 h`.
fn span(ms: i64) -> String {
    let seconds = ms / 1_000;
    let parts = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if parts.is_empty() { "no time".to_owned() } else { parts.join(" ") }
}
