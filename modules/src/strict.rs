//! JSON, read strictly: what one reader takes and another takes otherwise is refused.
//!
//! A repeated name (the last would win here, the first elsewhere), U+0000 (PostgreSQL cannot store it) and nesting
//! deeper than 128 (serde_json's own bound, which keeps the stack from overflowing) are errors with line and column.

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads a JSON document.
///
/// # Errors
/// The first thing that is wrong, with line and column.
pub fn parse(text: &str) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict.deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        storable(value)?;
        Ok(Value::from(value))
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Strict)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(Name(name)) = entries.next_key()? {
            storable(&name)?;
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format!("the name {name:?} stands twice in one object")));
            }
            let value = entries.next_value_seed(Strict)?;
            fields.insert(name, value);
        }
        Ok(Value::Object(fields))
    }
}

struct Name(String);

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        String::deserialize(reader).map(Self)
    }
}

fn storable<E: Error>(text: &str) -> Result<(), E> {
    if text.contains('\0') { Err(E::custom("a text holds the character U+0000; leave it out")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use serde_json::{Value, json};

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r#"{"a": [null, true, -1, 18446744073709551615, 0.5, "\u00e9"], "b": {}}"#;
        assert_eq!(parse(text).unwrap(), serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn the_order_of_names_is_kept() {
        assert_eq!(parse(r#"{"z":1,"a":2}"#).unwrap().to_string(), json!({"z": 1, "a": 2}).to_string());
    }

    #[test]
    fn what_is_ambiguous_or_hostile_is_refused_with_its_place() {
        let deep = "[".repeat(100_000);
        let cases = [
            (r#"{"a":1,"b":{"a":1,"a":2}}"#, "stands twice"),
            (r#"{"a":1,"\u0061":2}"#, "stands twice"),
            (r#"{"a":"x\u0000y"}"#, "U+0000"),
            (r#"{"\u0000":1}"#, "U+0000"),
            (r#"{"a":1e999}"#, "out of range"),
            (r#"{"a":"\ud800"}"#, "hex escape"),
            (r#"{"a":1} x"#, "trailing characters"),
            (r#"{"a":NaN}"#, "expected value"),
            ("{\"a\":1,\n}", "trailing comma at line 2"),
            ("\u{feff}{}", "expected value"),
            (deep.as_str(), "recursion limit"),
        ];
        for (text, why) in cases {
            let error = parse(text).unwrap_err();
            assert!(error.to_string().contains(why), "{}: {error}", &text[..text.len().min(40)]);
            assert!(error.line() >= 1, "{error} has no place");
        }
    }
}
