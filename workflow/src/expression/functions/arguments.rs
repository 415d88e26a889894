//! Reading arguments, with sentences that say which one is wrong and what was expected.

use super::Stop;
use jsonata_core::value::JValue;

/// The arguments of one call.
pub(super) struct Arguments<'a> {
    function: &'static str,
    values: &'a [JValue],
}

impl<'a> Arguments<'a> {
    /// The arguments of `$function`.
    pub(super) fn of(function: &'static str, values: &'a [JValue]) -> Self {
        Self { function, values }
    }

    /// The argument at `index`; a missing one is undefined.
    pub(super) fn get(&self, index: usize) -> &'a JValue {
        self.values.get(index).unwrap_or(&JValue::Undefined)
    }

    /// Whether the argument at `index` is missing or undefined.
    pub(super) fn is_missing(&self, index: usize) -> bool {
        self.get(index).is_undefined()
    }

    /// The text at `index`.
    pub(super) fn text(&self, index: usize) -> Result<&'a str, Stop> {
        match self.get(index) {
            JValue::String(text) => Ok(text),
            _ => Err(self.wrong(index, "a string")),
        }
    }

    /// The whole number at `index`.
    pub(super) fn integer(&self, index: usize) -> Result<i64, Stop> {
        const MOST: f64 = super::super::limits::EXACT_INTEGER as f64;
        match self.get(index) {
            JValue::Number(number) if number.fract() == 0.0 && number.abs() <= MOST => Ok(*number as i64),
            _ => Err(self.wrong(index, "a whole number")),
        }
    }

    /// The limit at `index`; `None` when it is missing. A fraction is left to the caller to round. `code` is JSONata's for
    /// a negative limit.
    pub(super) fn limit(&self, index: usize, code: &str) -> Result<Option<f64>, Stop> {
        match self.get(index) {
            JValue::Undefined => Ok(None),
            JValue::Number(limit) if *limit >= 0.0 => Ok(Some(*limit)),
            JValue::Number(_) => Err(self.coded(code, index, "must not be negative, but it is")),
            _ => Err(self.wrong(index, "a number")),
        }
    }

    /// The items at `index`; a single value is an array of one, because JSONata unwraps such arrays on the way.
    pub(super) fn items(&self, index: usize) -> &'a [JValue] {
        match self.get(index) {
            JValue::Undefined => &[],
            JValue::Array(items) => items,
            single => std::slice::from_ref(single),
        }
    }

    /// The failure "argument `index` must be `expected`, but it is something else", with JSONata's code for it.
    pub(super) fn wrong(&self, index: usize, expected: &str) -> Stop {
        self.coded("T0410", index, &format!("must be {expected}, but it is {}", kind(self.get(index))))
    }

    /// The failure "argument `index` `is_wrong`", with a code of JSONata (docs.jsonata.org, error codes).
    pub(super) fn coded(&self, code: &str, index: usize, is_wrong: &str) -> Stop {
        Stop::failed(format!("{code}: {}", self.sentence(index, is_wrong)))
    }

    /// The failure "argument `index` `is_wrong`".
    pub(super) fn wrong_value(&self, index: usize, is_wrong: &str) -> Stop {
        Stop::failed(self.sentence(index, is_wrong))
    }

    fn sentence(&self, index: usize, is_wrong: &str) -> String {
        format!("the {} argument of ${} {is_wrong}", ordinal(index), self.function)
    }
}

fn ordinal(index: usize) -> &'static str {
    ["first", "second", "third"].get(index).copied().unwrap_or("fourth")
}

/// What a value is, with its article.
pub(super) fn kind(value: &JValue) -> &'static str {
    match value {
        JValue::Undefined => "nothing (undefined)",
        JValue::Null => "null",
        JValue::Bool(_) => "a boolean",
        JValue::Number(_) => "a number",
        JValue::String(_) => "a string",
        JValue::Array(_) => "an array",
        JValue::Object(_) => "an object",
        JValue::Regex { .. } => "a regular expression",
        JValue::Lambda(_) | JValue::Builtin { .. } => "a function",
    }
}
