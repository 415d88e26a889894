//! Scenarios: rehearsals as data, with what is expected of them. They run before a definition is activated.

use super::{Answer, Cast, Decided, People, Rehearsal, Rest, Sent};
use crate::definition::Definition;
use crate::instance::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// One rehearsal and what is expected of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, as a sentence.
    pub name: String,
    /// What the definition starts with.
    #[serde(default)]
    pub input: Value,
    /// On whose behalf.
    #[serde(default)]
    pub requester: Option<String>,
    /// Who is who.
    #[serde(default)]
    pub people: People,
    /// What tasks answer, by state or by resource: one answer, or a list of which the last is given again and again.
    #[serde(default)]
    pub answers: BTreeMap<String, OneOrMany>,
    /// What people decide.
    #[serde(default)]
    pub decisions: Vec<Decided>,
    /// Signals that arrive.
    #[serde(default)]
    pub signals: Vec<Sent>,
    /// What must come of it.
    pub expect: Expected,
}

/// One answer or several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OneOrMany {
    /// The same each time.
    One(Answer),
    /// One after the other.
    Many(Vec<Answer>),
}

/// What must come of a rehearsal. What is left out is not looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Expected {
    /// `succeeded`, `failed`, `cancelled`, or `waiting`.
    pub status: Option<String>,
    /// The output of one that succeeded.
    pub output: Option<Value>,
    /// The error's name of one that failed.
    pub error: Option<String>,
    /// The states that are entered, in order.
    pub path: Option<Vec<String>>,
    /// Who is asked in each state, in order.
    pub asked: Option<BTreeMap<String, Vec<String>>>,
}

/// In what a rehearsal was not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// The field of [`Expected`].
    pub field: &'static str,
    /// What was expected, as JSON.
    pub expected: String,
    /// What came, as JSON.
    pub found: String,
}

impl Scenario {
    /// Plays the scenario; everything in which it is not as expected.
    pub fn run(&self, definition: &Definition) -> Vec<Failed> {
        let mut rehearsal = Rehearsal::new(definition, self.cast());
        let rest = match rehearsal.play(self.input.clone(), self.requester.clone()) {
            Ok(rest) => rest,
            Err(rejected) => return vec![failed("Decisions", &"every event is taken", &rejected.to_string())],
        };
        let mut found = Vec::new();
        let expect = &self.expect;
        compare(&mut found, "Status", expect.status.as_ref(), &status(&rehearsal, &rest).to_owned());
        compare(&mut found, "Output", expect.output.as_ref(), &rehearsal.output().cloned().unwrap_or_default());
        compare(&mut found, "Error", expect.error.as_ref(), &error(&rehearsal).to_owned());
        let path = rehearsal.path().into_iter().map(str::to_owned).collect();
        compare(&mut found, "Path", expect.path.as_ref(), &path);
        compare(&mut found, "Asked", expect.asked.as_ref(), &asked(&rehearsal));
        found
    }

    /// What it is played with.
    pub fn cast(&self) -> Cast {
        let answers = self.answers.iter().map(|(name, answers)| {
            let list = match answers {
                OneOrMany::One(answer) => vec![answer.clone()],
                OneOrMany::Many(answers) => answers.clone(),
            };
            (name.clone(), list.into())
        });
        Cast {
            people: self.people.clone(),
            answers: answers.collect(),
            decisions: self.decisions.clone(),
            signals: self.signals.clone().into(),
            cancel: None,
            patience_ms: None,
        }
    }
}

fn compare<T: PartialEq + Serialize>(found: &mut Vec<Failed>, field: &'static str, expected: Option<&T>, came: &T) {
    if let Some(expected) = expected.filter(|expected| *expected != came) {
        found.push(failed(field, expected, came));
    }
}

fn failed(field: &'static str, expected: &impl Serialize, found: &impl Serialize) -> Failed {
    let text = |value: Result<String, _>| value.unwrap_or_else(|error: serde_json::Error| error.to_string());
    Failed { field, expected: text(serde_json::to_string(expected)), found: text(serde_json::to_string(found)) }
}

fn status(rehearsal: &Rehearsal<'_>, rest: &Rest) -> &'static str {
    match rest {
        Rest::Ended => rehearsal.instance.status_name(),
        Rest::Waiting => "waiting",
        Rest::Endless => "endless",
    }
}

fn error<'r>(rehearsal: &'r Rehearsal<'_>) -> &'r str {
    match &rehearsal.instance.status {
        Status::Failed { error, .. } => error,
        _ => "",
    }
}

fn asked(rehearsal: &Rehearsal<'_>) -> BTreeMap<String, Vec<String>> {
    let mut asked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (state, person) in &rehearsal.asked {
        asked.entry(state.clone()).or_default().push(person.clone());
    }
    asked
}
