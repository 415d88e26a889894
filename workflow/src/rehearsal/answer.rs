//! What tasks answer in a rehearsal.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a task answers: `{"Result": ...}`, or `{"Error": "Mail.Rejected", "Cause": "..."}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub enum Answer {
    /// It succeeds with this result.
    Result(Value),
    /// It fails.
    Error {
        /// The error's name.
        error: String,
        /// What happened.
        cause: String,
    },
}

impl TryFrom<Value> for Answer {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let wrong =
            || format!("{value} is not what a task answers; write {{\"Result\": ...}} or {{\"Error\": \"...\"}}");
        let fields = value.as_object().ok_or_else(wrong)?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        match (fields.get("Result"), text("Error")) {
            (Some(result), None) if only(fields, &["Result"]) => Ok(Self::Result(result.clone())),
            (None, Some(error)) if only(fields, &["Error", "Cause"]) => {
                Ok(Self::Error { error, cause: text("Cause").unwrap_or_default() })
            }
            _ => Err(wrong()),
        }
    }
}

fn only(fields: &Map<String, Value>, known: &[&str]) -> bool {
    fields.keys().all(|name| known.contains(&name.as_str()))
}

impl From<Answer> for Value {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Result(result) => json!({ "Result": result }),
            Answer::Error { error, cause } => json!({ "Error": error, "Cause": cause }),
        }
    }
}

/// One answer, or a list of which the last is given again and again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Value")]
pub struct Answers(pub Vec<Answer>);

impl TryFrom<Value> for Answers {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        match value {
            Value::Array(list) => list.into_iter().map(Answer::try_from).collect::<Result<_, _>>().map(Self),
            one => Answer::try_from(one).map(|answer| Self(vec![answer])),
        }
    }
}
