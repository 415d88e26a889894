//! What a rehearsal is played with: who is who, what tasks answer, what people decide, which signals arrive.

use super::answer::Answer;
use super::people::People;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};

/// The name under [`Cast::answers`] for every task that is not named otherwise.
pub const ANY_TASK: &str = "*";

/// What somebody decides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Decided {
    /// In which state.
    pub state: String,
    /// Who.
    pub by: String,
    /// What.
    pub decision: String,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The form that goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Value>,
    /// How long after being asked; at once when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Delay>,
}

/// A signal that arrives.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Sent {
    /// Its name.
    pub name: String,
    /// What it carries.
    #[serde(default)]
    pub data: Value,
    /// How long after the start; as soon as nothing else can happen when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Delay>,
}

/// That somebody ends it from outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Ending {
    /// How long after the start; as soon as nothing else can happen when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Delay>,
    /// Why.
    pub reason: String,
}

/// A time span, in a file as an ISO 8601 duration: `P3D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Delay(pub i64);

impl TryFrom<String> for Delay {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        crate::definition::parse_duration(&text).map(Self)
    }
}

impl From<Delay> for String {
    fn from(Delay(ms): Delay) -> Self {
        let (days, seconds) = (ms / 86_400_000, ms / 1_000 % 86_400);
        let parts = [(seconds / 3_600, 'H'), (seconds / 60 % 60, 'M'), (seconds % 60, 'S')];
        let clock: String = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}")).collect();
        match (days, clock.is_empty()) {
            (0, true) => "PT0S".to_owned(),
            (0, false) => format!("PT{clock}"),
            (days, true) => format!("P{days}D"),
            (days, false) => format!("P{days}DT{clock}"),
        }
    }
}

/// What a rehearsal is played with.
#[derive(Debug, Clone, Default)]
pub struct Cast {
    /// Who is who.
    pub people: People,
    /// What tasks answer, by state, by resource, or [`ANY_TASK`]; the last answer of a list is given again and again. A
    /// task without an answer is waited for.
    pub answers: BTreeMap<String, VecDeque<Answer>>,
    /// What people decide, each as soon as the person is asked and the time for it has come.
    pub decisions: Vec<Decided>,
    /// Signals.
    pub signals: VecDeque<Sent>,
    /// That it is ended from outside.
    pub cancel: Option<Ending>,
    /// How much time passes at most, in milliseconds; without end when absent.
    pub patience_ms: Option<i64>,
}

impl Cast {
    /// What a task answers, if anything is said about it.
    pub(super) fn answer(&mut self, state: &str, resource: &str) -> Option<Answer> {
        let name = [state, resource, ANY_TASK].into_iter().find(|name| self.answers.contains_key(*name))?;
        let answers = self.answers.get_mut(name)?;
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }
}
