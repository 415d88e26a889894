//! The events that a module publishes, each with the schema of its data if it has one.

use super::Manifest;
use serde::{Deserialize, Serialize};

/// A type of events: the name alone, or `{ type, schema }`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "Form", into = "Form")]
pub struct Published {
    /// Its name: `purchasing.order.sent`.
    pub kind: String,
    /// The file with the JSON Schema of its data.
    pub schema: Option<String>,
}

/// As it stands in a manifest.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(untagged)]
enum Form {
    Name(String),
    Whole {
        #[serde(rename = "type")]
        kind: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        schema: Option<String>,
    },
}

impl From<Form> for Published {
    fn from(form: Form) -> Self {
        match form {
            Form::Name(kind) => Self { kind, schema: None },
            Form::Whole { kind, schema } => Self { kind, schema },
        }
    }
}

impl From<Published> for Form {
    fn from(published: Published) -> Self {
        match published {
            Published { kind, schema: None } => Self::Name(kind),
            Published { kind, schema } => Self::Whole { kind, schema },
        }
    }
}

impl Manifest {
    /// The types of events that it publishes.
    pub fn event_types(&self) -> impl Iterator<Item = &str> {
        self.publishes.iter().map(|published| published.kind.as_str())
    }
}
