//! What our keywords say of a kind of objects, read and checked.

use super::path::FieldPath;
use serde_json::Value;
use store::{flag_key, number_key, text_key, time_key};
use workflow::expression::Expression;

/// Everything that they say.
#[derive(Debug, Clone, Default)]
pub struct Keywords {
    /// What objects are filtered and sorted by.
    pub indexes: Vec<Index>,
    /// Fields, or fields together, that no two objects have the same.
    pub unique: Vec<Vec<Index>>,
    /// Fields that name other objects.
    pub references: Vec<Reference>,
    /// Amounts, each with its currency.
    pub money: Vec<(FieldPath, Currency)>,
    /// Fields that expressions make, in the order in which they are made.
    pub computed: Vec<(String, Expression)>,
    /// Fields that only who has the permission changes.
    pub guarded: Vec<(FieldPath, String)>,
    /// The definition that is started with an object.
    pub workflow: Option<Starts>,
    /// The fields of the object itself that are made here, by expressions or by code.
    pub made_here: Vec<String>,
}

/// A field that objects are found by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The field.
    pub path: FieldPath,
    /// How its values are put in order.
    pub kind: IndexKind,
}

/// How values are put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IndexKind {
    /// By their letters.
    Text,
    /// By what they count: numbers, and decimals that are written as text.
    Number,
    /// By when they are.
    Time,
    /// No before yes.
    Flag,
}

/// A field that names another object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The field.
    pub path: FieldPath,
    /// The kind of what it names: `purchasing/suppliers`.
    pub kind: String,
}

/// Where the currency of an amount stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Currency {
    /// It is always this one.
    Always(String),
    /// In a field.
    In(FieldPath),
}

/// A workflow that is started with an object.
#[derive(Debug, Clone)]
pub struct Starts {
    /// The definition's name.
    pub definition: String,
    /// What makes its input.
    pub input: Option<Expression>,
    /// The first status of the object.
    pub status: String,
}

impl IndexKind {
    /// The key of a value: empty where there is none. A value that does not fit is put in order as text.
    #[must_use]
    pub fn key(self, value: Option<&Value>) -> String {
        match value {
            None | Some(Value::Null) => store::NOTHING.to_owned(),
            Some(Value::String(text)) => self.key_of_text(text).unwrap_or_else(|| text_key(text)),
            Some(Value::Bool(flag)) => flag_key(*flag),
            Some(other) => number_key(&other.to_string()).unwrap_or_else(|| text_key(&other.to_string())),
        }
    }

    /// The key of a value that a client writes in a query. `None` if it does not fit.
    #[must_use]
    pub fn key_of_text(self, text: &str) -> Option<String> {
        match self {
            Self::Text => Some(text_key(text)),
            Self::Number => number_key(text),
            Self::Time => time_key(text),
            Self::Flag => text.parse().ok().map(flag_key),
        }
    }

    /// How a value is written in a query.
    #[must_use]
    pub fn example(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number such as 12.50",
            Self::Time => "a time such as 2026-11-23T15:10:00Z",
            Self::Flag => "true or false",
        }
    }
}
