//! The history of an instance, in the words of Step Functions' `GetExecutionHistory`, and ours for approvals.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One entry. `kind` is stored for ever.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// `PassStateEntered`, `TaskSucceeded`, `ApprovalVoted`, ...
    #[serde(rename = "type")]
    pub kind: String,
    /// The state's name, where there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What a state or task was given.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    pub input: Option<Value>,
    /// What it yielded.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "given")]
    pub output: Option<Value>,
    /// The error's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
    /// What happened, for people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cause: Option<String>,
    /// More about an approval: who, which decision, why.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub details: Option<Value>,
    /// Whether it belongs to an iteration whose history is kept apart: Step Functions shows it in an execution of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub child: bool,
}

/// A field that is there has a value, even if that value is null: an output of null is not the absence of an output.
fn given<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

impl Entry {
    /// An entry without data.
    pub fn new(kind: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            name: None,
            input: None,
            output: None,
            error: None,
            cause: None,
            details: None,
            child: false,
        }
    }

    /// An entry of a state.
    pub fn of(kind: impl Into<String>, name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::new(kind) }
    }

    pub(crate) fn input(self, input: Value) -> Self {
        Self { input: Some(input), ..self }
    }

    pub(crate) fn output(self, output: Value) -> Self {
        Self { output: Some(output), ..self }
    }

    /// An error and what it means. A `Fail` state may name neither.
    pub(crate) fn failure(self, error: &str, cause: &str) -> Self {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self { error: given(error), cause: given(cause), ..self }
    }

    pub(crate) fn details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }
}
