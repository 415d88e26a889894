//! How the schemas of packages are compiled: formats count, and patterns take no more time than their texts are long.

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{PatternOptions, ValidationError, Validator};
use serde_json::Value;

/// Why something is no schema that can be used.
pub(crate) struct SchemaFlaw {
    /// The place in the schema, a JSON pointer.
    pub(crate) pointer: String,
    pub(crate) message: String,
    pub(crate) remedy: &'static str,
}

/// A JSON Schema (2020-12) of a package.
pub(crate) fn validator(document: &Value) -> Result<Validator, SchemaFlaw> {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    options.with_pattern_options(PatternOptions::regex()).build(document).map_err(|error| flaw(&error))
}

fn flaw(error: &ValidationError<'_>) -> SchemaFlaw {
    let pointer = error.instance_path().to_string();
    let (message, remedy) = match error.kind() {
        Kind::Format { format } if format == "regex" => (
            format!("{error}, or a pattern that may take too long"),
            "write the pattern shorter, and without looking around (?=...) and references back \\1",
        ),
        _ => (format!("this is not a JSON Schema: {error}"), "mend the schema here"),
    };
    SchemaFlaw { pointer, message, remedy }
}
