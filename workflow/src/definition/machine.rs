//! A whole definition.

use super::approval::SHARED;
use super::approval_reader;
use super::check;
use super::duplicates::duplicates;
use super::fields::{Fields, Problems};
use super::problem::Problem;
use super::states::{Inherited, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// The largest definition, as JSON text.
pub const MAX_DEFINITION_BYTES: usize = 1_048_576;
/// The most states that a definition may have.
pub const MAX_STATES: usize = 1_000;

/// Which version of which definition. Versions are immutable; an instance keeps the one that it started with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DefinitionRef {
    /// The name, with its module: `purchasing/order`.
    pub name: String,
    /// The version, counted from 1.
    pub version: u32,
}

impl fmt::Display for DefinitionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}", self.name, self.version)
    }
}

/// A definition without problems.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What it is for, for people.
    pub comment: Option<String>,
    /// The first state.
    pub start_at: String,
    /// How long an execution may take.
    pub timeout_seconds: Option<u64>,
    states: BTreeMap<String, State>,
    warnings: Vec<Problem>,
}

impl Definition {
    /// Reads a definition, or says everything that is wrong with it.
    pub fn parse(document: &Value) -> Result<Self, Vec<Problem>> {
        let problems = Problems::default();
        let read = Self::read(document, &problems);
        if let Some(definition) = &read {
            check::check(definition, document, &problems);
        }
        let warnings = problems.warnings();
        let found = problems.into_vec();
        match read {
            Some(definition) if found.is_empty() => Ok(Self { warnings, ..definition }),
            _ => Err(found),
        }
    }

    /// Reads a definition from JSON text.
    pub fn parse_text(text: &str) -> Result<Self, Vec<Problem>> {
        if text.len() > MAX_DEFINITION_BYTES {
            let message = format!("has {} bytes; the most is {MAX_DEFINITION_BYTES}", text.len());
            return Err(vec![Problem::new("", "too-large", message)]);
        }
        let document = serde_json::from_str(text)
            .map_err(|error| vec![Problem::new("", "json", format!("is not JSON: {error}"))])?;
        let mut problems = duplicates(text);
        match Self::parse(&document) {
            Ok(definition) if problems.is_empty() => Ok(definition),
            read => {
                problems.extend(read.err().unwrap_or_default());
                Err(problems)
            }
        }
    }

    /// What its author should change although it can be used: amounts in floating point, variables that no state
    /// assigns, functions that do not exist. Sorted by place.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The state of that name. A parsed definition has every state that it names.
    pub fn state(&self, name: &str) -> Option<&State> {
        self.states.get(name)
    }

    /// All states, by name.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    /// The code that the tasks name, each with its state.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.states.values().filter_map(|state| match &state.kind {
            super::states::StateKind::Task(task) => Some((state.name.as_str(), task.resource.as_str())),
            _ => None,
        })
    }

    fn read(document: &Value, problems: &Problems) -> Option<Self> {
        let fields = Fields::of(document, String::new(), problems)?;
        let comment = fields.text("Comment");
        fields.text("Version");
        let inherited = Inherited { jsonata: jsonata(&fields), approval: defaults(&fields) };
        let start_at = fields.required_text("StartAt");
        let timeout_seconds = fields.whole("TimeoutSeconds", 1, 99_999_999);
        let states = states(&fields, inherited);
        fields.finish();
        let start_at = start_at.unwrap_or_default();
        Some(Self { comment, start_at, timeout_seconds, states: states?, warnings: Vec::new() })
    }
}

/// Whether states are in JSONata unless they say otherwise. JSONPath is the default of the language.
fn jsonata(fields: &Fields<'_>) -> bool {
    match fields.text("QueryLanguage").as_deref() {
        Some("JSONata") => true,
        None => fields.has("QueryLanguage"),
        Some("JSONPath") => false,
        Some(_) => {
            fields.wrong("QueryLanguage", "query-language", super::states::ONLY_JSONATA);
            true
        }
    }
}

fn defaults<'a>(fields: &Fields<'a>) -> &'a Value {
    let Some(value) = fields.get("ApprovalDefaults") else { return &Value::Null };
    if let Some(shared) = Fields::of(value, fields.at("ApprovalDefaults"), fields.problems) {
        for name in SHARED {
            shared.get(name);
        }
        approval_reader::check_defaults(&shared);
        shared.finish();
    }
    value
}

fn states(fields: &Fields<'_>, inherited: Inherited<'_>) -> Option<BTreeMap<String, State>> {
    if fields.get("States").is_none() {
        fields.missing("States");
    }
    let listed = fields.object("States")?;
    if listed.entries().count() > MAX_STATES {
        fields.wrong("States", "too-many", format!("has more than {MAX_STATES} states; split the definition"));
        return None;
    }
    let mut found = BTreeMap::new();
    for (name, value) in listed.entries() {
        if name.is_empty() || name.chars().count() > 80 {
            listed.wrong(name, "state-name", "must have a name of 1 to 80 characters");
        }
        if let Some(state) = State::read(name, value, listed.at(name), fields.problems, inherited) {
            found.insert(name.clone(), state);
        }
    }
    Some(found)
}
