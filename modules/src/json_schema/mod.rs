//! How the schemas of packages are compiled: they refer to nothing outside themselves, formats count, and checking a value
//! takes no more time than the value is long.

mod bounds;
mod parts;
mod references;

pub(crate) use parts::{every, referred};

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// Something that is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// The place in the schema, a JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Flaw {
    pub(crate) fn at(pointer: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), remedy: remedy.into() }
    }
}

/// A JSON Schema (2020-12) of a package. Whoever uploads it writes it, and values are checked while everybody waits for
/// the one who writes: so there is no other way to a validator than past the checks here.
pub(crate) fn validator(document: &Value) -> Result<Validator, Vec<Flaw>> {
    guard(document)?;
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let built = options.with_pattern_options(PatternOptions::regex()).build(document);
    built.map_err(|error| vec![flaw(&error)])
}

/// What has to hold before anything follows the parts of a schema.
pub(crate) fn guard(document: &Value) -> Result<(), Vec<Flaw>> {
    let flaws = references::flaws(document);
    if flaws.is_empty() { bounds::within(document).map_err(|flaw| vec![flaw]) } else { Err(flaws) }
}

fn flaw(error: &ValidationError<'_>) -> Flaw {
    let pointer = error.instance_path().to_string();
    match error.kind() {
        Kind::Format { format } if format == "regex" => Flaw::at(
            pointer,
            format!("{error}, or a pattern that may take too long"),
            "write the pattern shorter, and without looking around (?=...) and references back \\1",
        ),
        _ => Flaw::at(pointer, format!("this is not a JSON Schema: {error}"), "mend the schema here"),
    }
}
