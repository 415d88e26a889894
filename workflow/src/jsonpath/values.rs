//! Comparing JSON values. Whole numbers are compared exactly, however they are written.

use super::PathError;
use super::limits;
use super::run::Run;
use serde_json::{Number, Value};
use std::cmp::Ordering;
use std::fmt::Write as _;

/// How two numbers compare.
pub(super) fn compare(left: &Number, right: &Number) -> Option<Ordering> {
    match (integer(left), integer(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        // At least one has a fraction, so its magnitude is below 2^53, and the other's float is on the right side of it.
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// The whole number that a number is, also when it is written `1.0`.
fn integer(number: &Number) -> Option<i128> {
    // Beyond 2^63 `serde_json` keeps a float anyway; inside, the cast is exact.
    const INTEGERS_BELOW: f64 = 9_223_372_036_854_775_808.0;
    if let Some(whole) = number.as_i128() {
        return Some(whole);
    }
    let float = number.as_f64()?;
    (float.fract() == 0.0 && float.abs() < INTEGERS_BELOW).then_some(float as i128)
}

/// Whether two values are equal: numbers by value, objects without regard to order. The work is counted.
pub(super) fn same(left: &Value, right: &Value, run: &Run<'_>) -> Result<bool, PathError> {
    same_below(left, right, run, limits::VALUE_DEPTH)
}

fn same_below(left: &Value, right: &Value, run: &Run<'_>, depth: usize) -> Result<bool, PathError> {
    run.visit()?;
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(compare(left, right) == Some(Ordering::Equal)),
        (Value::String(left), Value::String(right)) => {
            run.take(left.len().min(right.len()))?;
            Ok(left == right)
        }
        (Value::Array(left), Value::Array(right)) => {
            let below = depth.checked_sub(1).ok_or_else(PathError::too_deep)?;
            Ok(left.len() == right.len() && all(left.iter().zip(right), |(l, r)| same_below(l, r, run, below))?)
        }
        (Value::Object(left), Value::Object(right)) => {
            let below = depth.checked_sub(1).ok_or_else(PathError::too_deep)?;
            let field = |(name, value): (&String, _)| match right.get(name) {
                Some(other) => same_below(value, other, run, below),
                None => Ok(false),
            };
            Ok(left.len() == right.len() && all(left.iter(), field)?)
        }
        (left, right) => Ok(left == right),
    }
}

/// Whether all hold; stops at the first that does not.
pub(super) fn all<T>(
    mut items: impl Iterator<Item = T>,
    mut holds: impl FnMut(T) -> Result<bool, PathError>,
) -> Result<bool, PathError> {
    let other = items.find_map(|item| holds(item).map(|holds| (!holds).then_some(false)).transpose());
    other.unwrap_or(Ok(true))
}

/// Whether one holds; stops at the first that does.
pub(super) fn any<T>(
    items: impl Iterator<Item = T>,
    mut holds: impl FnMut(T) -> Result<bool, PathError>,
) -> Result<bool, PathError> {
    all(items, |item| holds(item).map(|holds| !holds)).map(|none| !none)
}

/// A text that is the same for equal values and for no others. The value must be charged: this recurses over it.
pub(super) fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_canonical(value, &mut text);
    text
}

fn write_canonical(value: &Value, text: &mut String) {
    match value {
        Value::Number(number) => write_number(number, text),
        Value::Array(items) => {
            text.push('[');
            for item in items {
                write_canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(fields) => {
            let mut sorted: Vec<_> = fields.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            text.push('{');
            for (name, field) in sorted {
                text.push_str(&Value::from(name.as_str()).to_string());
                text.push(':');
                write_canonical(field, text);
                text.push(',');
            }
            text.push('}');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn write_number(number: &Number, text: &mut String) {
    // Writing into a String does not fail.
    let _written = match integer(number) {
        Some(whole) => write!(text, "{whole}"),
        None => write!(text, "{number}"),
    };
}

/// What a value is, with its article.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::with_run;
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_compared_by_value_and_exactly() {
        let order = |left: Value, right: Value| compare(left.as_number().unwrap(), right.as_number().unwrap());
        for (left, right, expected) in [
            (json!(1), json!(1.0), Ordering::Equal),
            (json!(0), json!(-0.0), Ordering::Equal),
            (json!(1.1), json!(1), Ordering::Greater),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992_i64), Ordering::Greater),
            (json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.0), Ordering::Greater),
            (json!(18_446_744_073_709_551_615_u64), json!(-1), Ordering::Greater),
            (json!(9_223_372_036_854_775_807_i64), json!(0.5), Ordering::Greater),
            (json!(1e300), json!(18_446_744_073_709_551_615_u64), Ordering::Greater),
        ] {
            assert_eq!(order(left.clone(), right.clone()), Some(expected), "{left} {right}");
            assert_eq!(order(right, left), Some(expected.reverse()));
        }
    }

    #[test]
    fn equality_and_canonical_text_agree() {
        let values = [
            json!(null),
            json!(true),
            json!(1),
            json!(1.0),
            json!(1.5),
            json!("1"),
            json!([]),
            json!({}),
            json!([1, 2]),
            json!([1.0, 2]),
            json!([2, 1]),
            json!([[1], 2]),
            json!({"a": 1, "b": [2]}),
            json!({"b": [2], "a": 1.0}),
            json!({"a": 1, "c": [2]}),
            json!({"a": 1}),
            json!("\"a\":1"),
        ];
        with_run(|run| {
            for (left, right) in values.iter().flat_map(|left| values.iter().map(move |right| (left, right))) {
                let canonical = canonical(left) == canonical(right);
                assert_eq!(same(left, right, run), Ok(canonical), "{left} {right}");
            }
            assert_eq!(same(&values[12], &values[13], run), Ok(true));
        });
    }
}
