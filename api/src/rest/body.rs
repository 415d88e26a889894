//! The fields of a JSON body, read so that all that is wrong is told at once.

use crate::problem::ProblemDetails;
use modules::text::{CODE, direction_sign, sentence};
use serde_json::{Map, Value};
use workflow::{MAX_COMMENT_CHARS, Problem, definition};

/// A JSON object that is being read. A field that is read is taken out; what is left at the end is not known.
#[derive(Debug)]
pub(crate) struct Body {
    fields: Map<String, Value>,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl Body {
    /// 422 unless it is an object.
    pub(crate) fn of(value: Value) -> Result<Self, ProblemDetails> {
        match value {
            Value::Object(fields) => Ok(Self { fields, known: Vec::new(), problems: Vec::new() }),
            _ => Err(ProblemDetails::invalid(&[Problem::new("", "type", "must be an object")])),
        }
    }

    /// A text that may be absent, without signs that would show it to others in another order.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => match direction_sign(&text) {
                None => Some(text),
                Some(sign) => self.wrong(name, CODE, &sentence(sign)),
            },
            _ => self.wrong(name, "type", "must be a text"),
        }
    }

    /// A text that must be there, of 1 to 4,000 characters. Empty if it is not, which is a problem.
    pub(crate) fn required(&mut self, name: &'static str) -> String {
        let before = self.problems.len();
        let text = self.text(name);
        match text {
            Some(text) if text.trim().is_empty() => self.wrong(name, "empty", "must not be empty"),
            Some(text) if text.chars().count() > MAX_COMMENT_CHARS => {
                self.wrong(name, "too-long", &format!("must have at most {MAX_COMMENT_CHARS} characters"))
            }
            Some(text) => Some(text),
            None if self.problems.len() == before => self.wrong(name, "missing", "is missing; add it"),
            None => None,
        }
        .unwrap_or_default()
    }

    /// A whole number that may be absent.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<u64> {
        let value = self.value(name)?;
        value.as_u64().or_else(|| self.wrong(name, "type", "must be a whole number, 0 or more"))
    }

    /// Any value that may be absent; `null` counts as absent.
    pub(crate) fn value(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        self.fields.shift_remove(name).filter(|value| !value.is_null())
    }

    /// 422 with everything that was wrong, unknown fields included.
    pub(crate) fn finish(mut self) -> Result<(), ProblemDetails> {
        let message = format!("is not known; use one of: {}", self.known.join(", "));
        let unknown = self
            .fields
            .keys()
            .take(20)
            .map(|name| Problem::new(definition::below("", name), "unknown-field", message.clone()));
        self.problems.extend(unknown);
        if self.problems.is_empty() { Ok(()) } else { Err(ProblemDetails::invalid(&self.problems)) }
    }

    fn wrong<T>(&mut self, name: &str, code: &str, message: &str) -> Option<T> {
        self.problems.push(Problem::new(definition::below("", name), code, message));
        None
    }
}
