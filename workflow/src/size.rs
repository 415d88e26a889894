//! How large a value is, as JSON.

use crate::limits;
use serde_json::{Map, Number, Value};

/// Whether a state may hand a value on.
pub(crate) fn is_payload(value: &Value) -> bool {
    length(value, limits::PAYLOAD_BYTES).is_some()
}

/// The bytes of the JSON of `value`, without spaces, if they are at most `most`. Nothing is written for that.
pub(crate) fn length(value: &Value, most: usize) -> Option<usize> {
    let mut left = most;
    take(value, &mut left).map(|()| most - left)
}

/// The same of an object.
pub(crate) fn length_of_fields(fields: &Map<String, Value>, most: usize) -> Option<usize> {
    let mut left = most;
    take_fields(fields, &mut left).map(|()| most - left)
}

fn take(value: &Value, left: &mut usize) -> Option<()> {
    match value {
        Value::Null | Value::Bool(true) => spend(left, 4),
        Value::Bool(false) => spend(left, 5),
        Value::Number(number) => spend(left, digits(number)),
        Value::String(text) => take_text(text, left),
        Value::Array(items) => {
            spend(left, 2 + items.len().saturating_sub(1))?;
            items.iter().try_for_each(|item| take(item, left))
        }
        Value::Object(fields) => take_fields(fields, left),
    }
}

fn take_fields(fields: &Map<String, Value>, left: &mut usize) -> Option<()> {
    // Braces, colons and commas.
    spend(left, 2 + fields.len() + fields.len().saturating_sub(1))?;
    fields.iter().try_for_each(|(name, field)| {
        take_text(name, left)?;
        take(field, left)
    })
}

fn take_text(text: &str, left: &mut usize) -> Option<()> {
    spend(left, text.len() + 2)?;
    // Nearly every text has nothing to escape, and this is the loop in which the time goes.
    let is_plain = !text.bytes().any(|byte| byte < 0x20 || byte == b'"' || byte == b'\\');
    if is_plain { Some(()) } else { spend(left, text.bytes().map(escape).sum()) }
}

/// What a byte takes beyond itself.
fn escape(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | 0x08 | b'\t' | b'\n' | 0x0C | b'\r' => 1,
        0..0x20 => 5,
        _ => 0,
    }
}

fn digits(number: &Number) -> usize {
    match (number.as_u64(), number.as_i64()) {
        (Some(whole), _) => decimal(whole),
        (None, Some(negative)) => 1 + decimal(negative.unsigned_abs()),
        (None, None) => number.to_string().len(),
    }
}

fn decimal(whole: u64) -> usize {
    whole.checked_ilog10().map_or(1, |exponent| exponent as usize + 1)
}

fn spend(left: &mut usize, bytes: usize) -> Option<()> {
    *left = left.checked_sub(bytes)?;
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_length_is_that_of_the_text() {
        let control: String = (0..=0x20_u8).map(char::from).collect();
        for value in [
            json!(null),
            json!([true, false]),
            json!([0, 9, 10, 99, 100, -1, -10, u64::MAX, i64::MIN, 1.5, -0.0, 1e300, 1.0]),
            json!(""),
            json!("quote \" backslash \\ slash / äöü \u{1F600} \u{7F}"),
            json!(control),
            json!([]),
            json!({}),
            json!([[], {}, [1, [2]]]),
            json!({"a\n": {"b": [1, "x"]}, "": null}),
        ] {
            let length = value.to_string().len();
            assert_eq!(super::length(&value, usize::MAX), Some(length), "{value}");
            assert_eq!(super::length(&value, length), Some(length));
            assert_eq!(super::length(&value, length - 1), None, "{value}");
        }
    }

    #[test]
    fn fields_are_as_long_as_the_object() {
        let object = json!({"a": 1, "b": "two"});
        assert_eq!(length_of_fields(object.as_object().unwrap(), 100), Some(object.to_string().len()));
    }
}
