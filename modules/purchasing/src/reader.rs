//! Walks JSON and collects problems instead of stopping at the first one.

use std::fmt;

use modules::text::{CODE, direction_sign, sentence};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::money::{MoneyError, parse_decimal, shortened};

/// Problems that are listed; a broken export with 500 bad lines must not answer with a megabyte.
const MAX_PROBLEMS: usize = 200;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where: a JSON pointer (RFC 6901), empty for the whole.
    pub pointer: String,
    /// Which kind of problem, for programs: `missing`, `unknown-field`, `not-text`, ...
    pub code: &'static str,
    /// What is wrong and what to do, for people.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.pointer.is_empty() { "/" } else { &self.pointer }, self.message)
    }
}

impl Problem {
    pub(crate) fn too_large(pointer: String, error: &MoneyError) -> Self {
        Self { pointer, code: "too-large", message: format!("{error}; split the order or check the numbers") }
    }

    pub(crate) fn negative(pointer: String, what: &str) -> Self {
        let message = format!("the discounts are higher than {what}; lower them");
        Self { pointer, code: "below-zero", message }
    }
}

/// Collects the problems of one input.
#[derive(Default)]
pub(crate) struct Reader {
    problems: Vec<Problem>,
}

/// Runs `read` and returns its result only if there was no problem at all.
pub(crate) fn read<T>(read: impl FnOnce(&mut Reader) -> Option<T>) -> Result<T, Vec<Problem>> {
    let mut reader = Reader::default();
    match read(&mut reader) {
        Some(value) if reader.problems.is_empty() => Ok(value),
        _ => Err(reader.into_problems()),
    }
}

/// A JSON object and its place.
pub(crate) struct Object<'v> {
    pub(crate) pointer: String,
    map: &'v Map<String, Value>,
}

impl<'v> Object<'v> {
    /// A field with its pointer; an explicit `null` counts as absent.
    pub(crate) fn field(&self, name: &str) -> (String, Option<&'v Value>) {
        (child(&self.pointer, name), self.map.get(name).filter(|value| !value.is_null()))
    }
}

/// What a text may be.
#[derive(Clone, Copy)]
pub(crate) struct TextRule {
    pub(crate) max_characters: usize,
    pub(crate) several_lines: bool,
}

/// What a number may be.
#[derive(Clone, Copy)]
pub(crate) struct NumberRule {
    /// The thing in messages: `a price`.
    pub(crate) what: &'static str,
    /// Whose decimals they are: `EUR`, `a quantity`.
    pub(crate) decimals_of: &'static str,
    pub(crate) max_decimals: u32,
    pub(crate) zero_allowed: bool,
    pub(crate) max: Option<Decimal>,
}

impl Reader {
    pub(crate) fn problem(&mut self, pointer: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.problems.push(Problem { pointer: pointer.into(), code, message: message.into() });
    }

    /// An object whose other fields somebody else reads.
    pub(crate) fn any_object<'v>(&mut self, value: &'v Value) -> Option<Object<'v>> {
        self.open(String::new(), value)
    }

    fn open<'v>(&mut self, pointer: String, value: &'v Value) -> Option<Object<'v>> {
        let Some(map) = value.as_object() else {
            self.problem(pointer, "not-an-object", format!("{} was given; send a JSON object", kind(value)));
            return None;
        };
        Some(Object { pointer, map })
    }

    /// An object with no other fields than `known`.
    pub(crate) fn object<'v>(&mut self, pointer: String, value: &'v Value, known: &[&str]) -> Option<Object<'v>> {
        let Object { pointer, map } = self.open(pointer, value)?;
        for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
            let message =
                format!("{:?} is not a field here; remove it or use one of {}", shortened(name), known.join(", "));
            self.problem(child(&pointer, name), "unknown-field", message);
        }
        Some(Object { pointer, map })
    }

    /// The items of a list of at most `max`, each read by `item` from its pointer and value. Absent means empty.
    pub(crate) fn list<'v, T>(
        &mut self,
        object: &Object<'v>,
        name: &str,
        max: usize,
        mut item: impl FnMut(&mut Self, String, &'v Value) -> Option<T>,
    ) -> Option<Vec<T>> {
        let (pointer, value) = object.field(name);
        let Some(value) = value else { return Some(Vec::new()) };
        let Some(items) = value.as_array() else {
            self.problem(pointer, "not-a-list", format!("{} was given; send a JSON list", kind(value)));
            return None;
        };
        if items.len() > max {
            self.problem(
                pointer,
                "too-many",
                format!("{} entries were given; at most {max} are accepted", items.len()),
            );
            return None;
        }
        let read: Vec<Option<T>> =
            items.iter().enumerate().map(|(index, value)| item(self, format!("{pointer}/{index}"), value)).collect();
        read.into_iter().collect()
    }

    /// A field that must be there.
    pub(crate) fn required<'v>(
        &mut self,
        object: &Object<'v>,
        name: &str,
        remedy: &str,
    ) -> Option<(String, &'v Value)> {
        let (pointer, value) = object.field(name);
        if value.is_none() {
            self.problem(pointer.clone(), "missing", format!("{name} is missing; {remedy}"));
        }
        Some((pointer, value?))
    }

    /// Text from a field that must be there.
    pub(crate) fn text(&mut self, object: &Object<'_>, name: &str, rule: TextRule, remedy: &str) -> Option<String> {
        let (pointer, value) = self.required(object, name, remedy)?;
        self.text_value(pointer, value, rule)
    }

    /// Text from a field that may be absent. The outer `None` is a problem.
    pub(crate) fn optional_text(&mut self, object: &Object<'_>, name: &str, rule: TextRule) -> Option<Option<String>> {
        let (pointer, value) = object.field(name);
        match value {
            None => Some(None),
            Some(value) => self.text_value(pointer, value, rule).map(Some),
        }
    }

    /// One text, without the space around it.
    pub(crate) fn text_value(&mut self, pointer: String, value: &Value, rule: TextRule) -> Option<String> {
        let text = self.string(&pointer, value, "")?.trim();
        let length = text.chars().count();
        let control = |character: char| character.is_control() && !(rule.several_lines && character == '\n');
        if text.is_empty() {
            self.problem(pointer, "empty", "the text is empty; write something or leave the field out");
        } else if length > rule.max_characters {
            let message = format!("the text has {length} characters; at most {} are accepted", rule.max_characters);
            self.problem(pointer, "too-long", message);
        } else if text.contains(control) {
            let hint = if rule.several_lines { "only line feeds are allowed" } else { "write one line" };
            self.problem(pointer, "control-character", format!("the text has control characters; {hint}"));
        } else if let Some(sign) = direction_sign(text) {
            self.problem(pointer, CODE, format!("the text {}", sentence(sign)));
        } else {
            return Some(text.to_owned());
        }
        None
    }

    /// A JSON string; `example` shows how the value is written as text.
    pub(crate) fn string<'v>(&mut self, pointer: &str, value: &'v Value, example: &str) -> Option<&'v str> {
        if value.as_str().is_none() {
            let like = if example.is_empty() { String::new() } else { format!(" such as {example:?}") };
            self.problem(pointer, "not-text", format!("{} was given; send text{like}", kind(value)));
        }
        value.as_str()
    }

    /// A number, written as text.
    pub(crate) fn number(&mut self, pointer: String, value: &Value, rule: NumberRule) -> Option<Decimal> {
        let text = self.string(&pointer, value, "12.5")?;
        match parse_decimal(text, rule.max_decimals, rule.decimals_of) {
            Err(error) => self.problem(pointer, code(&error), error.to_string()),
            Ok(number) if number.is_sign_negative() || (number.is_zero() && !rule.zero_allowed) => {
                let least = if rule.zero_allowed { "zero or more" } else { "more than zero" };
                self.problem(pointer, "out-of-range", format!("{text} was given; {} must be {least}", rule.what));
            }
            Ok(number) => match rule.max {
                Some(max) if number > max => {
                    self.problem(pointer, "out-of-range", format!("{text} was given; {} is at most {max}", rule.what));
                }
                _ => return Some(number),
            },
        }
        None
    }

    fn into_problems(mut self) -> Vec<Problem> {
        let found = self.problems.len();
        if found > MAX_PROBLEMS {
            self.problems.truncate(MAX_PROBLEMS);
            let message = format!("{} more problems are not listed; fix these first", found - MAX_PROBLEMS);
            self.problem("", "too-many-problems", message);
        }
        self.problems
    }
}

/// The problem that an error of reading a number or a currency is. One list, so that the same mistake has the same code
/// wherever it is made.
pub(crate) fn code(error: &MoneyError) -> &'static str {
    match error {
        MoneyError::UnknownCurrency { .. } | MoneyError::NoMinorUnit { .. } => "unknown-currency",
        MoneyError::TooLong | MoneyError::TooManyDigits { .. } | MoneyError::TooManyDecimals { .. } => {
            "too-many-digits"
        }
        MoneyError::TooLarge => "too-large",
        MoneyError::CurrencyMismatch { .. } => "currency-mismatch",
        MoneyError::Empty | MoneyError::NotDecimal { .. } | MoneyError::DivisionByZero => "not-a-number",
    }
}

/// Appends a member name to a pointer, escaped as RFC 6901 asks.
fn child(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a JSON number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
