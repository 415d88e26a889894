//! What stands in a cell, and what value that is: decided by what the schema says of the field, never by how it looks.

use crate::strict;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeSet;
use workflow::Problem;

/// The types that a field may have, by their names in JSON Schema. None: whatever.
pub(super) type Types = BTreeSet<String>;

const GROUPED: [&str; 2] = ["array", "object"];

/// A value as it stands in a cell; nothing if such a field cannot hold it, so that it has to stand elsewhere.
pub(super) fn written<'v>(value: &'v Value, types: &Types) -> Option<Cow<'v, str>> {
    if !fits(value, types) {
        return None;
    }
    match value {
        Value::String(text) if is_text(types) || !is_taken_for_json(text, types) => Some(shown(text)),
        other => Some(Cow::Owned(other.to_string())),
    }
}

/// The value that stands in a cell of a field.
///
/// # Errors
/// What is wrong with the text, before anybody has asked the schema.
pub(super) fn read(text: &str, types: &Types, pointer: &str) -> Result<Value, Problem> {
    if text.contains('\0') {
        return Err(Problem::new(pointer, "control-character", "holds the character U+0000; leave it out"));
    }
    if is_text(types) {
        return Ok(Value::from(meant(text)));
    }
    let parsed = strict::parse(text);
    let wanted: Vec<&str> = GROUPED.into_iter().filter(|kind| types.contains(*kind)).collect();
    match parsed {
        Ok(value) if fits(&value, types) => Ok(value),
        _ if is_flag(types) && text.eq_ignore_ascii_case("true") => Ok(Value::Bool(true)),
        _ if is_flag(types) && text.eq_ignore_ascii_case("false") => Ok(Value::Bool(false)),
        Err(error) if !wanted.is_empty() && !types.contains("string") => {
            let message = format!("is not JSON: {error}; write a list as [\"a\", \"b\"] and a group as {{\"a\": 1}}");
            Err(Problem::new(pointer, "json", message))
        }
        // What does not fit is for the schema to refuse, in the words in which it always does.
        _ => Ok(Value::from(meant(text))),
    }
}

/// Whether a text is what it is, whatever it looks like.
fn is_text(types: &Types) -> bool {
    types.len() == 1 && types.contains("string")
}

fn is_flag(types: &Types) -> bool {
    types.contains("boolean") && !types.contains("string")
}

/// Whether a text would be read as another value where other values may stand.
fn is_taken_for_json(text: &str, types: &Types) -> bool {
    strict::parse(text).is_ok_and(|value| fits(&value, types))
}

fn fits(value: &Value, types: &Types) -> bool {
    let is = |kind: &str| types.contains(kind);
    types.is_empty()
        || match value {
            Value::Null => is("null"),
            Value::Bool(_) => is("boolean"),
            Value::Number(number) => is("number") || (is("integer") && (number.is_i64() || number.is_u64())),
            Value::String(_) => is("string"),
            Value::Array(_) => is("array"),
            Value::Object(_) => is("object"),
        }
}

/// A text as it is shown to a spreadsheet, which takes what begins like this for a formula and runs it: with an apostrophe
/// before it. A plain number begins with - too, and is none.
pub(super) fn shown(text: &str) -> Cow<'_, str> {
    if is_formula(text) && !is_number(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`shown`] was given.
fn meant(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(text)
}

fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
}

fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    digits(whole) && digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn types(names: &[&str]) -> Types {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn the_schema_says_what_a_cell_is() {
        let cases = [
            ("007", &["string"][..], json!("007")),
            ("true", &["string"], json!("true")),
            ("null", &["string"], json!("null")),
            ("null", &["string", "null"], json!(null)),
            ("\"null\"", &["string", "null"], json!("null")),
            ("12", &["string", "null"], json!("12")),
            ("12", &["integer"], json!(12)),
            ("-1.5", &["number"], json!(-1.5)),
            ("1,5", &["number"], json!("1,5")),
            ("1.5", &["integer"], json!("1.5")),
            ("TRUE", &["boolean"], json!(true)),
            ("[1,\"a\"]", &["array"], json!([1, "a"])),
            ("Oslo", &[], json!("Oslo")),
            ("12", &[], json!(12)),
            ("\"12\"", &[], json!("12")),
            ("'=1+1", &["string"], json!("=1+1")),
            ("'twas", &["string"], json!("'twas")),
        ];
        for (text, kinds, value) in cases {
            assert_eq!(read(text, &types(kinds), "/a"), Ok(value), "{text} {kinds:?}");
        }
        assert_eq!(read("[1,", &types(&["array"]), "/a").unwrap_err().code, "json");
        assert_eq!(read("a\0b", &types(&["string"]), "/a").unwrap_err().code, "control-character");
    }

    #[test]
    fn formulas_are_shown_as_texts_and_numbers_as_numbers() {
        for (text, seen) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-5.00", "-5.00"),
            ("-x", "'-x"),
            ("'=a", "''=a"),
            ("\tx", "'\tx"),
            ("+49 40", "'+49 40"),
            ("'twas", "'twas"),
        ] {
            assert_eq!(shown(text), seen);
            assert_eq!(meant(seen), text);
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[-=+@'\"a1.\\[{ntrue]{0,5}".prop_map(Value::from),
        ];
        leaf.prop_recursive(2, 8, 3, |inner| prop::collection::vec(inner, 0..3).prop_map(Value::from))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(value in any_value(), kinds in prop::sample::subsequence(vec!["string", "integer", "number", "boolean", "null", "array", "object"], 0..7)) {
            let types = types(&kinds);
            if let Some(text) = written(&value, &types) {
                prop_assert_eq!(read(&text, &types, ""), Ok(value.clone()), "{}", text);
            }
        }
    }
}
