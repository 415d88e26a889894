//! Fields of a decision's form, made from a flat JSON Schema, and their way back from text to JSON.
//!
//! Supported is an object whose properties are strings (with `enum`, `oneOf` of `const` and `title`, or the formats
//! `date`, `decimal`, `multiline`), integers and booleans. `number` is refused: an amount is a decimal string.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use time::format_description::well_known::Iso8601;

/// From this `maxLength` on a text gets several lines.
const LONG_TEXT_CHARS: u64 = 160;

/// One input of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The property of the schema: `cost_centre`. It is posted as `form.cost_centre`.
    pub key: String,
    /// The label, from `title`.
    pub label: String,
    /// Help beneath the label, from `description`.
    pub help: Option<String>,
    /// Whether it may stay empty. A required checkbox must be ticked.
    pub required: bool,
    /// The decisions (their values) that read this field. Empty means all.
    pub only_for: Vec<String>,
    /// What is typed or chosen with.
    pub control: Control,
    /// The text typed so far, `on` for a ticked box.
    pub value: String,
    /// Why the value was refused.
    pub error: Option<String>,
}

/// The kind of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Control {
    /// One line.
    Text,
    /// Several lines.
    TextArea,
    /// A whole number.
    Integer,
    /// A decimal string with a point: `1250.00`.
    Decimal,
    /// A date: `2026-11-23`.
    Date,
    /// One of several.
    Select(Vec<Choosable>),
    /// Yes or no.
    Checkbox,
}

/// An entry of a [`Control::Select`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    /// What is posted.
    pub value: String,
    /// What is read.
    pub label: String,
}

/// A schema that cannot be shown as a form. It is found when a definition is saved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {problem}")]
pub struct Unsupported {
    /// JSON pointer into the schema.
    pub pointer: String,
    /// What is wrong and what to write instead.
    pub problem: String,
}

impl Field {
    /// The name that is posted. The prefix keeps it apart from `nonce`, `comment` and `decision`.
    pub fn name(&self) -> String {
        format!("form.{}", self.key)
    }

    /// The id of the input, safe in a fragment.
    pub fn id(&self) -> String {
        let safe = |c: char| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("_{:x}", u32::from(c)) };
        format!("field-{}", self.key.chars().map(safe).collect::<String>())
    }

    /// The ids of help and error, for `aria-describedby`. Empty when there are none.
    pub fn described_by(&self) -> String {
        let id = self.id();
        let help = self.help.as_ref().map(|_| format!("{id}-help"));
        let error = self.error.as_ref().map(|_| format!("{id}-error"));
        help.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }

    /// Whether the box is ticked.
    pub fn checked(&self) -> bool {
        self.value == "on"
    }

    /// The typed text as JSON, `None` when nothing was typed.
    ///
    /// # Errors
    /// The sentence for the person, when the text does not fit or is missing.
    pub fn parse(&self) -> Result<Option<Value>, String> {
        let text = self.value.trim();
        if self.control == Control::Checkbox {
            let refused = self.required && !self.checked();
            return if refused {
                Err(format!("Tick \u{201c}{}\u{201d}.", self.label))
            } else {
                Ok(Some(self.checked().into()))
            };
        }
        if text.is_empty() {
            return if self.required { Err(format!("Fill in \u{201c}{}\u{201d}.", self.label)) } else { Ok(None) };
        }
        self.control.parse(text).map(Some).map_err(|hint| format!("\u{201c}{}\u{201d}: {hint}", self.label))
    }
}

impl Control {
    fn parse(&self, text: &str) -> Result<Value, &'static str> {
        match self {
            Self::Integer => text.parse::<i64>().map(Value::from).map_err(|_| "write a whole number, such as 12."),
            Self::Decimal if !is_decimal(text) => Err("write digits and a point, such as 1250.00."),
            Self::Date if time::Date::parse(text, &Iso8601::DATE).is_err() => Err("write a date, such as 2026-11-23."),
            Self::Select(options) if !options.iter().any(|option| option.value == text) => Err("choose from the list."),
            _ => Ok(Value::from(text)),
        }
    }
}

/// Digits with an optional sign and an optional point between digits. A comma is refused, because `1,250` is one and a
/// quarter to some and more than a thousand to others.
fn is_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    match unsigned.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(unsigned),
    }
}

/// The fields of a flat object schema, in its order.
///
/// # Errors
/// The first property that cannot be shown as an input.
pub fn fields(schema: &Value, only_for: &[String]) -> Result<Vec<Field>, Unsupported> {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
        return Err(unsupported("/properties", "the schema of a form is an object with properties"));
    };
    let required = |key: &str| {
        let list = schema.get("required").and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|entry| entry == key))
    };
    let field = |(key, property): (&String, &Value)| {
        Ok(Field {
            key: key.clone(),
            label: text(property, "title").unwrap_or_else(|| key.replace('_', " ")),
            help: text(property, "description"),
            required: required(key),
            only_for: only_for.to_vec(),
            control: control(key, property)?,
            value: default_text(property),
            error: None,
        })
    };
    properties.iter().map(field).collect()
}

/// Puts what was posted into the fields that `decision` reads and returns it as JSON, or `None` when a field carries
/// an error now. Fields of other decisions keep their text and are not judged.
pub fn read(fields: &mut [Field], posted: &BTreeMap<String, String>, decision: &str) -> Option<Map<String, Value>> {
    let mut form = Map::new();
    for field in fields.iter_mut() {
        field.value = posted.get(&field.name()).cloned().unwrap_or_default();
        if !field.only_for.is_empty() && !field.only_for.iter().any(|value| value == decision) {
            continue;
        }
        match field.parse() {
            Ok(Some(value)) => drop(form.insert(field.key.clone(), value)),
            Ok(None) => {}
            Err(problem) => field.error = Some(problem),
        }
    }
    fields.iter().all(|field| field.error.is_none()).then_some(form)
}

fn control(key: &str, property: &Value) -> Result<Control, Unsupported> {
    if let Some(options) = options(property) {
        return Ok(Control::Select(options));
    }
    let format = property.get("format").and_then(Value::as_str);
    let long = property.get("maxLength").and_then(Value::as_u64).is_some_and(|length| length >= LONG_TEXT_CHARS);
    match (property.get("type").and_then(Value::as_str), format) {
        (Some("string"), Some("date")) => Ok(Control::Date),
        (Some("string"), Some("decimal")) => Ok(Control::Decimal),
        (Some("string"), Some("multiline")) => Ok(Control::TextArea),
        (Some("string"), _) if long => Ok(Control::TextArea),
        (Some("string"), _) => Ok(Control::Text),
        (Some("integer"), _) => Ok(Control::Integer),
        (Some("boolean"), _) => Ok(Control::Checkbox),
        (Some("number"), _) => Err(at(key, "use {\"type\": \"string\", \"format\": \"decimal\"} for amounts")),
        _ => Err(at(key, "a form takes strings, integers and booleans; give the property one of these types")),
    }
}

fn options(property: &Value) -> Option<Vec<Choosable>> {
    if let Some(list) = property.get("enum").and_then(Value::as_array) {
        let option = |value: &Value| value.as_str().map(|text| Choosable { value: text.into(), label: text.into() });
        return list.iter().map(option).collect();
    }
    let list = property.get("oneOf").and_then(Value::as_array)?;
    let option = |entry: &Value| {
        let value = text(entry, "const")?;
        Some(Choosable { label: text(entry, "title").unwrap_or_else(|| value.clone()), value })
    };
    list.iter().map(option).collect()
}

fn default_text(property: &Value) -> String {
    match property.get("default") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(true)) => "on".to_owned(),
        _ => String::new(),
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}

fn at(key: &str, problem: &str) -> Unsupported {
    unsupported(&format!("/properties/{}", key.replace('~', "~0").replace('/', "~1")), problem)
}

fn unsupported(pointer: &str, problem: &str) -> Unsupported {
    Unsupported { pointer: pointer.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Value {
        json!({"type": "object", "required": ["centre", "agreed"], "properties": {
            "centre": {"type": "string", "title": "Cost centre", "oneOf": [{"const": "4711", "title": "Office"}]},
            "limit": {"type": "string", "format": "decimal"},
            "from": {"type": "string", "format": "date"},
            "days": {"type": "integer", "default": 14},
            "agreed": {"type": "boolean", "title": "I read the contract"}
        }})
    }

    fn posted(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| (format!("form.{key}"), (*value).to_owned())).collect()
    }

    #[test]
    fn a_flat_schema_becomes_fields_in_its_order() {
        let fields = fields(&schema(), &[]).unwrap();
        let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
        assert_eq!(keys, ["centre", "limit", "from", "days", "agreed"]);
        assert_eq!(fields[3].value, "14");
        assert!(fields[0].required && !fields[1].required);
    }

    #[test]
    fn what_is_typed_becomes_json() {
        let mut fields = fields(&schema(), &[]).unwrap();
        let typed = [("centre", "4711"), ("limit", "1250.00"), ("from", "2026-11-23"), ("days", "7"), ("agreed", "on")];
        let form = read(&mut fields, &posted(&typed), "approve").unwrap();
        let expected = json!({"centre": "4711", "limit": "1250.00", "from": "2026-11-23", "days": 7, "agreed": true});
        assert_eq!(Value::from(form), expected);
    }

    #[test]
    fn every_wrong_field_is_told_at_once_and_keeps_its_text() {
        let mut fields = fields(&schema(), &[]).unwrap();
        let typed = [("centre", "9"), ("limit", "1,250"), ("from", "23.11.2026"), ("days", "two")];
        assert_eq!(read(&mut fields, &posted(&typed), "approve"), None);
        assert_eq!(fields.iter().filter(|field| field.error.is_some()).count(), 5);
        assert_eq!(fields[1].value, "1,250");
    }

    #[test]
    fn fields_of_another_decision_are_not_judged() {
        let mut fields = fields(&schema(), &["approve".to_owned()]).unwrap();
        assert_eq!(read(&mut fields, &posted(&[("limit", "x")]), "reject"), Some(Map::new()));
        assert_eq!(fields[1].value, "x");
    }

    #[test]
    fn a_float_is_refused_with_its_place_and_a_remedy() {
        let error = fields(&json!({"properties": {"a/b": {"type": "number"}}}), &[]).unwrap_err();
        assert_eq!(error.pointer, "/properties/a~1b");
        assert!(error.problem.contains("decimal"));
    }

    #[test]
    fn ids_are_safe_and_distinct() {
        let id = |key: &str| Field { key: key.into(), ..fields(&schema(), &[]).unwrap().remove(0) }.id();
        assert_eq!(id("a b"), "field-a_20b");
        assert_ne!(id("a b"), id("a_20b"));
    }
}
