//! Between JSON documents and the engine's values. Only what an expression reads is converted.

use super::analyze::Fields;
use super::budget::Stop;
use super::{States, limits};
use jsonata_core::value::{JArray, JValue};
use serde_json::{Number, Value};

/// The part of `value` that an expression reads, as the engine's value.
pub(super) fn into_engine(value: &Value, fields: &Fields) -> Result<JValue, Stop> {
    pruned(value, fields, limits::VALUE_DEPTH)
}

/// The part of `$states` that an expression reads, as the engine's value.
pub(super) fn states_into_engine(states: &dyn States, fields: &Fields) -> Result<JValue, Stop> {
    let Fields::Some(wanted) = fields else { return whole(states.whole(), limits::VALUE_DEPTH) };
    let found = wanted.iter().filter_map(|(name, fields)| states.field(name).map(|field| (name, fields, field)));
    let pairs = found.map(|(name, fields, field)| Ok((name.clone(), pruned(field, fields, limits::VALUE_DEPTH - 1)?)));
    Ok(JValue::object(pairs.collect::<Result<_, Stop>>()?))
}

/// A field path maps over the items of an array, and over the items of arrays in it.
fn pruned(value: &Value, fields: &Fields, depth: usize) -> Result<JValue, Stop> {
    let Fields::Some(wanted) = fields else { return whole(value, depth) };
    let below = || depth.checked_sub(1).ok_or(Stop::TooDeep);
    match value {
        Value::Object(object) => {
            let below = below()?;
            let found = wanted.iter().filter_map(|(name, fields)| object.get(name).map(|field| (name, fields, field)));
            let pairs = found.map(|(name, fields, field)| Ok((name.clone(), pruned(field, fields, below)?)));
            Ok(JValue::object(pairs.collect::<Result<_, Stop>>()?))
        }
        Value::Array(items) => {
            let below = below()?;
            array(items, |item| pruned(item, fields, below))
        }
        scalar => whole(scalar, depth),
    }
}

fn array(items: &[Value], convert: impl Fn(&Value) -> Result<JValue, Stop>) -> Result<JValue, Stop> {
    // What a step need not flatten, the engine need not scan.
    let flat = !items.iter().any(Value::is_array);
    Ok(JValue::Array(JArray::new_flat(items.iter().map(convert).collect::<Result<_, Stop>>()?, flat)))
}

/// The whole document as the engine's value.
pub(super) fn whole(value: &Value, depth: usize) -> Result<JValue, Stop> {
    Ok(match value {
        Value::Null => JValue::Null,
        Value::Bool(truth) => JValue::Bool(*truth),
        Value::Number(number) => JValue::Number(number.as_f64().unwrap_or_default()),
        Value::String(text) => JValue::string(text.as_str()),
        Value::Array(items) => {
            let below = depth.checked_sub(1).ok_or(Stop::TooDeep)?;
            return array(items, |item| whole(item, below));
        }
        Value::Object(object) => {
            let below = depth.checked_sub(1).ok_or(Stop::TooDeep)?;
            let pairs = object.iter().map(|(name, field)| Ok((name.clone(), whole(field, below)?)));
            JValue::object(pairs.collect::<Result<_, Stop>>()?)
        }
    })
}

/// Why a result is not a JSON document.
#[derive(Debug)]
pub(super) enum Unfit {
    /// It holds something that JSON cannot hold; what, with its article.
    NotJson(&'static str),
    /// It is nested too deeply.
    TooDeep,
    /// Its JSON is longer than [`limits::PAYLOAD_BYTES`].
    TooLarge,
}

/// The result as JSON; `None` for undefined, which drops out of arrays and objects.
pub(super) fn from_engine(value: &JValue) -> Result<Option<Value>, Unfit> {
    let mut left = limits::PAYLOAD_BYTES;
    built(value, &mut left, limits::VALUE_DEPTH)
}

fn built(value: &JValue, left: &mut usize, depth: usize) -> Result<Option<Value>, Unfit> {
    // Every node takes at least a character, so this ends long before shared parts add up to something.
    *left = left.checked_sub(1).ok_or(Unfit::TooLarge)?;
    Ok(Some(match value {
        JValue::Undefined => return Ok(None),
        JValue::Null => Value::Null,
        JValue::Bool(truth) => Value::Bool(*truth),
        JValue::Number(number) => Value::Number(json_number(*number)?),
        JValue::String(text) => {
            *left = left.checked_sub(text.len()).ok_or(Unfit::TooLarge)?;
            Value::String(text.to_string())
        }
        JValue::Array(items) => {
            let below = depth.checked_sub(1).ok_or(Unfit::TooDeep)?;
            let items = items.iter().filter_map(|item| built(item, left, below).transpose());
            Value::Array(items.collect::<Result<_, Unfit>>()?)
        }
        JValue::Object(fields) => {
            let below = depth.checked_sub(1).ok_or(Unfit::TooDeep)?;
            let fields = fields.iter().filter_map(|(name, field)| {
                *left = left.saturating_sub(name.len());
                built(field, left, below).transpose().map(|field| Ok((name.clone(), field?)))
            });
            Value::Object(fields.collect::<Result<_, Unfit>>()?)
        }
        JValue::Lambda(_) | JValue::Builtin { .. } => return Err(Unfit::NotJson("a function")),
        JValue::Regex { .. } => return Err(Unfit::NotJson("a regular expression")),
    }))
}

/// Whole numbers become JSON integers, as JavaScript prints them: `3`, not `3.0`.
fn json_number(number: f64) -> Result<Number, Unfit> {
    // Beyond 2^63 the float itself is written; the casts below are exact inside that range.
    const INTEGERS_BELOW: f64 = 9_223_372_036_854_775_808.0;
    if number.fract() == 0.0 && number.abs() < INTEGERS_BELOW {
        return Ok(Number::from(number as i64));
    }
    Number::from_f64(number).ok_or(Unfit::NotJson("a number that is not finite"))
}
