//! The JSON Schema of a kind of objects, with the keywords that it may have besides those of JSON Schema.
//!
//! | keyword | at | says |
//! |---|---|---|
//! | `x-index` | a field | objects are filtered and sorted by it |
//! | `x-unique` | a field, or the schema for several | no two objects have the same |
//! | `x-ref` | a field | it is the id of an object of another collection |
//! | `x-money` | a field | it is an amount of money |
//! | `x-computed` | a field of the object itself | an expression makes it |
//! | `x-guarded` | a field | only who has a permission changes it |
//! | `x-workflow` | the schema | the definition that is started with an object |

mod fields;
mod fit;
mod keywords;
mod path;
mod read;
#[cfg(test)]
mod tests;
mod walk;

pub use crate::json_schema::Flaw;
pub(crate) use fields::Described;
pub use keywords::{Currency, Index, IndexKind, Keywords, Reference, Starts};
pub use path::FieldPath;
pub(crate) use read::Around;

use crate::json_schema::{guard, validator};
use jsonschema::Validator;
use serde_json::{Map, Value};
use workflow::Problem;

/// A schema that was read and checked.
#[derive(Debug)]
pub struct ObjectSchema {
    /// As its author wrote it.
    pub document: Value,
    /// What our keywords say.
    pub keywords: Keywords,
    /// What clients may send: without the fields that are made here.
    pub sent: Value,
    /// The fields that it describes, the object itself first, in its order.
    pub(crate) fields: Vec<Described>,
    whole: Validator,
    of_sent: Option<Validator>,
}

impl ObjectSchema {
    /// Reads a schema, or says all that is wrong with it.
    pub(crate) fn read(document: Value, around: &Around<'_>) -> Result<Self, Vec<Flaw>> {
        // Before anything follows its parts.
        guard(&document)?;
        let keywords = read::keywords(&document, around)?;
        let whole = validator(&document)?;
        let sent = without(&document, &keywords.made_here);
        let of_sent = match keywords.made_here.is_empty() {
            true => None,
            false => Some(validator(&sent)?),
        };
        let fields = fields::described(&document);
        Ok(Self { document, keywords, sent, fields, whole, of_sent })
    }

    /// Everything in which what was sent does not fit.
    pub fn problems_of_sent(&self, data: &Value) -> Vec<Problem> {
        fit::problems(self.of_sent.as_ref().unwrap_or(&self.whole), data, &self.keywords.made_here)
    }

    /// Everything in which an object that is complete does not fit.
    pub fn problems(&self, data: &Value) -> Vec<Problem> {
        fit::problems(&self.whole, data, &[])
    }

    /// Whether some fields are made here.
    pub fn completes(&self) -> bool {
        self.of_sent.is_some()
    }
}

/// A schema of a package that describes no objects, with none of our keywords: it refers to nothing outside itself, and not
/// to itself without end.
#[derive(Debug)]
pub(crate) struct PlainSchema(Validator);

impl PlainSchema {
    /// Reads it, or says what is wrong with it.
    pub(crate) fn read(document: &Value) -> Result<Self, Vec<Flaw>> {
        validator(document).map(Self)
    }

    /// Everything in which a document does not fit.
    pub(crate) fn problems(&self, data: &Value) -> Vec<Problem> {
        fit::misfits(&self.0, data)
    }
}

/// The schema without fields of the object itself.
fn without(document: &Value, names: &[String]) -> Value {
    let mut document = document.clone();
    if let Some(properties) = document.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !names.contains(name));
    }
    if let Some(required) = document.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| !names.iter().any(|made| name == made));
    }
    document
}

/// An object without fields of its own that are made here.
pub(crate) fn without_fields(data: &Value, names: &[String]) -> Value {
    let fields = data.as_object().into_iter().flatten();
    let kept = fields.filter(|(name, _)| !names.contains(name));
    Value::Object(kept.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}
