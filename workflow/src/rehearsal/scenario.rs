//! Scenarios: rehearsals as data, with what is expected of them. They run before a definition is activated.

use super::answer::Answers;
use super::cast::{Cast, Decided, Delay, Ending, Sent};
use super::expected::{Difference, Expected};
use super::people::People;
use super::{Rehearsal, Rest};
use crate::definition::Definition;
use crate::rejected::Rejected;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One rehearsal and what is expected of it. Names are written as in definitions: `Name`, `Input`, `Expect`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct Scenario {
    /// What it shows, as a sentence.
    pub name: String,
    /// What the definition starts with.
    pub input: Value,
    /// On whose behalf.
    pub requester: Option<String>,
    /// Who is who.
    pub people: People,
    /// What tasks answer, by state, by resource, or by `*` for every other task.
    pub answers: BTreeMap<String, Answers>,
    /// What people decide.
    pub decisions: Vec<Decided>,
    /// Signals that arrive.
    pub signals: Vec<Sent>,
    /// That it is ended from outside.
    pub cancel: Option<Ending>,
    /// How much time passes at most; without end when absent.
    #[serde(rename = "For")]
    pub patience: Option<Delay>,
    /// What must come of it.
    pub expect: Expected,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: String::new(),
            input: Value::Object(Map::new()),
            requester: None,
            people: People::default(),
            answers: BTreeMap::new(),
            decisions: Vec::new(),
            signals: Vec::new(),
            cancel: None,
            patience: None,
            expect: Expected::default(),
        }
    }
}

impl Scenario {
    /// Reads a scenario from its JSON. The error is a sentence.
    pub fn read(document: Value) -> Result<Self, String> {
        serde_json::from_value(document).map_err(|error| error.to_string())
    }

    /// Plays the scenario; everything in which it is not as expected.
    pub fn run(&self, definition: &Definition) -> Vec<Difference> {
        let mut rehearsal = Rehearsal::new(definition, self.cast());
        match self.play(&mut rehearsal) {
            Ok(rest) => self.expect.differences(&rehearsal, rest),
            Err(rejected) => vec![Difference::of("Decisions", "that every decision is taken", rejected.to_string())],
        }
    }

    /// Plays it with a rehearsal of its cast.
    pub fn play(&self, rehearsal: &mut Rehearsal<'_>) -> Result<Rest, Rejected> {
        rehearsal.play(self.input.clone(), self.requester.clone())
    }

    /// What it is played with.
    pub fn cast(&self) -> Cast {
        let answers = self.answers.iter().map(|(name, Answers(list))| (name.clone(), list.clone().into()));
        Cast {
            people: self.people.clone(),
            answers: answers.collect(),
            decisions: self.decisions.clone(),
            signals: self.signals.clone().into(),
            cancel: self.cancel.clone(),
            patience_ms: self.patience.map(|delay| delay.0),
        }
    }
}

/// Puts a scenario over one that it extends: fields of the same name are merged, null removes one (RFC 7396).
pub fn extend(below: &mut Value, over: Value) {
    let Value::Object(over) = over else {
        *below = over;
        return;
    };
    if !below.is_object() {
        *below = Value::Object(Map::new());
    }
    let Value::Object(fields) = below else { return };
    for (name, value) in over {
        match value {
            Value::Null => drop(fields.shift_remove(&name)),
            value => extend(fields.entry(name).or_insert(Value::Null), value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_merged_and_null_removes_one() {
        let mut whole = json!({ "Input": { "po": { "total": "1", "lines": [1, 2] } }, "Requester": "eva" });
        extend(&mut whole, json!({ "Input": { "po": { "lines": [3] } }, "Requester": null, "Name": "n" }));
        assert_eq!(whole, json!({ "Input": { "po": { "total": "1", "lines": [3] } }, "Name": "n" }));
    }
}
