//! A whole definition.

use super::approval::SHARED;
use super::approval_reader;
use super::check;
use super::duplicates::duplicates;
use super::fields::{Fields, Problems};
use super::problem::Problem;
use super::scopes;
use super::shape::Language;
use super::states::{State, StateKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// The largest definition, as JSON text.
pub const MAX_DEFINITION_BYTES: usize = 1_048_576;
/// The most states that a definition may have, those of branches and items included.
pub const MAX_STATES: usize = 1_000;
/// How deep `Parallel` and `Map` may stand within each other.
const MAX_DEPTH: usize = 16;

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
        let mut warnings = problems.warnings();
        warnings.extend(scopes::hidden(document));
        warnings.sort_by(|one, other| one.pointer.cmp(&other.pointer));
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

    /// All states by name, those of branches and items included.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    /// The code that the tasks name, each with the JSON pointer of its state.
    pub fn resources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.states.values().filter_map(|state| match &state.kind {
            StateKind::Task(task) => Some((state.pointer.as_str(), task.code())),
            _ => None,
        })
    }

    fn read(document: &Value, problems: &Problems) -> Option<Self> {
        let fields = Fields::of(document, String::new(), problems)?;
        let comment = fields.text("Comment");
        fields.text("Version");
        let language = language(&fields).unwrap_or(Language::JsonPath);
        let found = RefCell::default();
        let reading = Reading { problems, default: language, approval: defaults(&fields), found: &found, depth: 0 };
        let start_at = fields.required_text("StartAt");
        let timeout_seconds = fields.whole("TimeoutSeconds", 1, super::states::MOST_SECONDS);
        let read = reading.states(&fields);
        fields.finish();
        let start_at = start_at.unwrap_or_default();
        read.then(|| Self { comment, start_at, timeout_seconds, states: found.into_inner(), warnings: Vec::new() })
    }
}

/// The language that a definition or a state names.
fn language(fields: &Fields<'_>) -> Option<Language> {
    match fields.text("QueryLanguage")?.as_str() {
        "JSONata" => Some(Language::Jsonata),
        "JSONPath" => Some(Language::JsonPath),
        other => {
            let message = format!("\"{other}\" is not known; use \"JSONata\" or \"JSONPath\"");
            fields.wrong("QueryLanguage", "query-language", message);
            None
        }
    }
}

/// What is known while the states are read.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) problems: &'a Problems,
    /// The language of a state that names none.
    default: Language,
    /// `ApprovalDefaults`, or null.
    pub(super) approval: &'a Value,
    found: &'a RefCell<BTreeMap<String, State>>,
    depth: usize,
}

impl<'a> Reading<'a> {
    /// The language of a state. A definition in JSONata has no states in JSONPath (states-language.net, "QueryLanguage").
    pub(super) fn language_of(&self, fields: &Fields<'_>) -> Language {
        match language(fields) {
            Some(Language::JsonPath) if self.default == Language::Jsonata => {
                let message = "must be \"JSONata\", because the definition is; or let the definition be in JSONPath";
                fields.wrong("QueryLanguage", "query-language", message);
                Language::Jsonata
            }
            Some(language) => language,
            None => self.default,
        }
    }

    /// Reads the states of a branch, or of the items of a `Map`; the name of the first one. `others` are fields that
    /// the caller reads.
    pub(super) fn within(self, value: &'a Value, pointer: String, others: &[&'static str]) -> Option<String> {
        if self.depth == MAX_DEPTH {
            self.problems.add(
                pointer,
                "too-deep",
                format!("stands in more than {MAX_DEPTH} others; split the definition"),
            );
            return None;
        }
        let fields = Fields::of(value, pointer, self.problems)?;
        fields.text("Comment");
        others.iter().for_each(|name| {
            fields.get(name);
        });
        let default = language(&fields).unwrap_or(self.default);
        let start_at = fields.required_text("StartAt");
        let read = Self { default, depth: self.depth + 1, ..self }.states(&fields);
        fields.finish();
        start_at.filter(|_| read)
    }

    /// Reads `States`; false if there are none to be read.
    fn states(self, fields: &Fields<'a>) -> bool {
        if fields.get("States").is_none() {
            fields.missing("States");
        }
        let Some(listed) = fields.object("States") else { return false };
        for (name, value) in listed.entries() {
            if self.found.borrow().len() >= MAX_STATES {
                fields.wrong("States", "too-many", format!("has more than {MAX_STATES} states; split the definition"));
                return false;
            }
            self.state(name, value, &listed);
        }
        true
    }

    fn state(self, name: &str, value: &'a Value, listed: &Fields<'a>) {
        if name.is_empty() || name.chars().count() > 80 {
            listed.wrong(name, "state-name", "must have a name of 1 to 80 characters");
        }
        let Some(state) = State::read(name, value, listed.at(name), self) else { return };
        if let Some(other) = self.found.borrow().get(name) {
            let message = format!("has the name of {}; every state of a definition has its own", other.pointer);
            listed.wrong(name, "duplicate-state", message);
        }
        self.found.borrow_mut().entry(name.to_owned()).or_insert(state);
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
