//! Reading arguments, with sentences that say which one is wrong and what was expected.

use super::super::error::shown_value;
use super::super::values::kind;
use super::super::{PathError, limits};
use serde_json::{Number, Value};

/// The evaluated arguments of one call. The reader of calls has checked how many there are.
pub(super) struct Arguments<'v> {
    function: &'static str,
    values: &'v [Value],
}

impl<'v> Arguments<'v> {
    pub(super) fn new(function: &'static str, values: &'v [Value]) -> Self {
        Self { function, values }
    }

    pub(super) fn all(&self) -> &'v [Value] {
        self.values
    }

    /// The argument at `index`.
    pub(super) fn get(&self, index: usize) -> &'v Value {
        self.values.get(index).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, index: usize) -> Result<&'v str, PathError> {
        self.get(index).as_str().ok_or_else(|| self.wrong(index, "a string"))
    }

    /// The text at `index`, if it is not longer than the functions on data take.
    pub(super) fn data(&self, index: usize) -> Result<&'v str, PathError> {
        let text = self.text(index)?;
        self.check_length(index, text)?;
        Ok(text)
    }

    pub(super) fn check_length(&self, index: usize, text: &str) -> Result<(), PathError> {
        if text.chars().nth(limits::DATA_CHARS).is_none() {
            return Ok(());
        }
        let most = limits::DATA_CHARS;
        Err(self.wrong_value(index, &format!("must not be longer than {most} characters")))
    }

    pub(super) fn items(&self, index: usize) -> Result<&'v [Value], PathError> {
        self.get(index).as_array().map(Vec::as_slice).ok_or_else(|| self.wrong(index, "an array"))
    }

    /// The whole number at `index`; another number is rounded to the nearest one.
    pub(super) fn integer(&self, index: usize) -> Result<i64, PathError> {
        let number = self.get(index).as_number();
        number.and_then(rounded).ok_or_else(|| self.wrong(index, "a whole number of at most 64 bits"))
    }

    /// The failure "argument `index` must be `expected`, but it is something else".
    pub(super) fn wrong(&self, index: usize, expected: &str) -> PathError {
        let value = self.get(index);
        let found = match value {
            Value::Null => kind(value).to_owned(),
            _ => format!("{}: {}", kind(value), shown_value(value)),
        };
        self.wrong_value(index, &format!("must be {expected}, but it is {found}"))
    }

    /// The failure "argument `index` `is_wrong`".
    pub(super) fn wrong_value(&self, index: usize, is_wrong: &str) -> PathError {
        let ordinal = ["first", "second", "third"].get(index).copied().unwrap_or("last");
        PathError::intrinsic(format!("The {ordinal} argument of States.{} {is_wrong}.", self.function))
    }
}

/// The nearest whole number. A half is rounded up, below 0 as well: the record has -1.5 as -1.
fn rounded(number: &Number) -> Option<i64> {
    const WITHIN: f64 = 9_223_372_036_854_775_808.0;
    if number.is_i64() || number.is_u64() {
        return number.as_i64();
    }
    let float = number.as_f64()?;
    let whole = if float.fract() == -0.5 { float.ceil() } else { float.round() };
    (whole.abs() < WITHIN).then_some(whole as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn halves_are_rounded_up() {
        for (number, expected) in [
            (json!(1.49), Some(1)),
            (json!(1.5), Some(2)),
            (json!(2.5), Some(3)),
            (json!(0.5), Some(1)),
            (json!(-0.5), Some(0)),
            (json!(-1.49), Some(-1)),
            (json!(-1.5), Some(-1)),
            (json!(-1.51), Some(-2)),
            (json!(-2.5), Some(-2)),
            (json!(9_007_199_254_740_993_i64), Some(9_007_199_254_740_993)),
            (json!(18_446_744_073_709_551_615_u64), None),
            (json!(1e300), None),
            (json!(-1e19), None),
        ] {
            assert_eq!(number.as_number().and_then(rounded), expected, "{number}");
        }
    }
}
