//! Exact decimal numbers. An amount is a string of digits; a result that 28 digits cannot hold is an error, never a
//! rounded number.

use super::super::limits;
use super::Stop;
use super::arguments::{Arguments, kind};
use jsonata_core::value::JValue;
use rust_decimal::{Decimal, RoundingStrategy};

/// The amount at `index` of a call.
pub(super) fn argument(args: &Arguments<'_>, index: usize) -> Result<Decimal, Stop> {
    read(args.get(index)).map_err(|wrong| args.wrong_value(index, &wrong.sentence(args.get(index))))
}

/// Why a value is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotDecimal {
    /// Neither text nor a number.
    NotANumber,
    /// Text that is not a decimal number.
    NotDigits,
    /// A number with a fraction, which a float does not hold exactly.
    Fraction,
    /// A whole number beyond 2^53, which a float does not hold exactly.
    Inexact,
    /// More digits than a decimal holds.
    TooLong,
}

impl NotDecimal {
    /// What is wrong and how to mend it, as the end of a sentence that names the value.
    pub(super) fn sentence(self, found: &JValue) -> String {
        match self {
            Self::NotANumber => {
                let found = kind(found);
                format!(
                    "must be a decimal number in a string, such as \"1250.00\", or a whole number, but it is {found}"
                )
            }
            Self::NotDigits => "must be a decimal number such as \"1250.00\", and this string is not".to_owned(),
            Self::Fraction => "is a JSON number with a fraction, which is not exact: write it as a string".to_owned(),
            Self::Inexact => {
                "is a JSON number of more than 15 digits, which is not exact: write it as a string".to_owned()
            }
            Self::TooLong => "has more than 28 digits".to_owned(),
        }
    }
}

/// The amount that a value is.
pub(super) fn read(value: &JValue) -> Result<Decimal, NotDecimal> {
    const MOST: f64 = limits::EXACT_INTEGER as f64;
    match value {
        JValue::String(text) => read_text(text),
        JValue::Number(number) if !number.is_finite() || number.fract() != 0.0 => Err(NotDecimal::Fraction),
        JValue::Number(number) if number.abs() > MOST => Err(NotDecimal::Inexact),
        JValue::Number(number) => Ok(Decimal::from(*number as i64)),
        _ => Err(NotDecimal::NotANumber),
    }
}

/// `-?digits(.digits)?`, and nothing that only a programmer would call a number: no exponent, no sign `+`, no separators.
fn read_text(text: &str) -> Result<Decimal, NotDecimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return Err(NotDecimal::NotDigits);
    }
    Decimal::from_str_exact(text).map_err(|_| NotDecimal::TooLong)
}

/// The amount as text. Zero has no sign.
pub(super) fn written(mut amount: Decimal) -> JValue {
    if amount.is_zero() {
        amount.set_sign_positive(true);
    }
    JValue::string(amount.to_string())
}

/// `left + right`, with the decimal places of the longer one.
pub(super) fn sum(left: Decimal, right: Decimal) -> Result<Decimal, Stop> {
    let places = left.scale().max(right.scale());
    let exact = |sum: &Decimal| left.is_zero() || right.is_zero() || sum.scale() == places;
    let added = left.checked_add(right).filter(exact).or_else(|| {
        // Trailing zeros may be what does not fit.
        let (left, right) = (left.normalize(), right.normalize());
        left.checked_add(right).filter(|sum| sum.scale() == left.scale().max(right.scale()))
    });
    let mut added = added.ok_or_else(overflow)?;
    if added.scale() < places {
        added.rescale(places);
    }
    Ok(added)
}

/// `left * right`, with all decimal places of both.
pub(super) fn product(left: Decimal, right: Decimal) -> Result<Decimal, Stop> {
    if left.is_zero() || right.is_zero() {
        return Ok(Decimal::ZERO);
    }
    let exact = |left: Decimal, right: Decimal| {
        left.checked_mul(right).filter(|product| product.scale() == left.scale() + right.scale())
    };
    exact(left, right).or_else(|| exact(left.normalize(), right.normalize())).ok_or_else(overflow)
}

/// Rounded half away from zero to exactly `places` decimal places: 2.345 is 2.35, -2.345 is -2.35, 2 is 2.00.
pub(super) fn rounded(amount: Decimal, places: u32) -> Result<Decimal, Stop> {
    let mut rounded = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    if rounded.scale() == places { Ok(rounded) } else { Err(overflow()) }
}

fn overflow() -> Stop {
    Stop::failed("the result has more than 28 digits")
}
