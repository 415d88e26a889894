//! Decimal text and amounts of money.
//!
//! Money never touches a float: it arrives as decimal text, is computed in `rust_decimal` with checked operations and
//! leaves as decimal text. The operators of `rust_decimal` panic on overflow, so this crate calls only `checked_*`.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::currency::Currency;
use crate::rounding::{self, Midpoint};

/// Decimals that a quantity may carry (grams of a tonne, seconds of an hour).
pub const MAX_QUANTITY_DECIMALS: u32 = 6;
/// Digits before the point. With at most 6 after it every accepted number fits `Decimal` (28 digits) with room left.
pub const MAX_INTEGER_DIGITS: usize = 15;
/// Characters of decimal text that are looked at: sign, 15 digits, point, decimals.
const MAX_TEXT_LENGTH: usize = 40;

/// Why text is not a number, or an amount cannot be computed. The sentence names the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Not three capital letters of ISO 4217.
    #[error("{code:?} is not an ISO 4217 currency code; use three capital letters such as EUR")]
    UnknownCurrency {
        /// What was given, shortened.
        code: String,
    },
    /// A code such as `XAU`.
    #[error("{code} has no minor unit, so no amount can be stated in it; use the currency that is paid")]
    NoMinorUnit {
        /// The code.
        code: &'static str,
    },
    /// Empty text.
    #[error("the number is empty; write it in digits such as 12.50")]
    Empty,
    /// More text than any accepted number has.
    #[error("the number has more than {MAX_TEXT_LENGTH} characters; write fewer digits")]
    TooLong,
    /// Anything but an optional minus, digits and one point.
    #[error("{text:?} is not a plain decimal number; write digits with a point, such as 1234.50 ({why})")]
    NotDecimal {
        /// What was given.
        text: String,
        /// The habit that is most likely behind it.
        why: &'static str,
    },
    /// More than [`MAX_INTEGER_DIGITS`] digits before the point.
    #[error("the number has {found} digits before the point; at most {MAX_INTEGER_DIGITS} are accepted")]
    TooManyDigits {
        /// Digits found.
        found: usize,
    },
    /// More decimals than the currency or a quantity has.
    #[error("{what} has at most {max} decimals; {text} has {found}: round it")]
    TooManyDecimals {
        /// `EUR`, `a quantity`, ...
        what: &'static str,
        /// Decimals allowed.
        max: u32,
        /// Decimals found.
        found: u32,
        /// What was given.
        text: String,
    },
    /// Two amounts that cannot be added.
    #[error("cannot combine {left} with {right}; convert one of them first")]
    CurrencyMismatch {
        /// Left currency.
        left: Currency,
        /// Right currency.
        right: Currency,
    },
    /// The result has more than [`MAX_INTEGER_DIGITS`] digits before the point.
    #[error("the result is too large; at most {MAX_INTEGER_DIGITS} digits before the point are supported")]
    TooLarge,
    /// Division by zero.
    #[error("cannot divide by zero")]
    DivisionByZero,
}

/// An amount of money with exactly the decimals of its currency, below 10^15 on either side of zero.
///
/// JSON: `{"value": "12.50", "currency": "EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "AmountJson", into = "AmountJson")]
pub struct Amount {
    value: Decimal,
    currency: Currency,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AmountJson {
    value: String,
    currency: Currency,
}

impl Amount {
    /// Reads an amount; fewer decimals than the currency has are filled up (`12.5` EUR is 12.50).
    ///
    /// # Errors
    /// Those of [`parse_decimal`]; more decimals than the currency has are an error, never rounded away.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let value = parse_decimal(text, currency.decimals(), currency.code())?;
        Self::rounded(value, currency, Midpoint::HalfUp)
    }

    /// Rounds a computed value to the minor units of `currency`.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`].
    pub fn rounded(value: Decimal, currency: Currency, midpoint: Midpoint) -> Result<Self, MoneyError> {
        let value = rounding::round(in_range(value)?, currency.decimals(), midpoint);
        Ok(Self { value: in_range(value)?, currency })
    }

    /// Nothing, in `currency`.
    #[must_use]
    pub fn zero(currency: Currency) -> Self {
        Self { value: rounding::round(Decimal::ZERO, currency.decimals(), Midpoint::HalfUp), currency }
    }

    /// The number, with the decimals of the currency.
    #[must_use]
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// The currency.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.currency
    }

    /// Sum of two amounts in one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::TooLarge`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::rounded(add(self.value, other.value)?, self.currency, Midpoint::HalfUp)
    }

    /// Difference of two amounts in one currency.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`], [`MoneyError::TooLarge`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Self::rounded(sub(self.value, other.value)?, self.currency, Midpoint::HalfUp)
    }

    /// For pages and mails: `12,400.00 EUR`. Not for machines; use [`Amount::value`] there.
    #[must_use]
    pub fn human(&self) -> String {
        human(self.value, self.currency)
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.human())
    }
}

impl TryFrom<AmountJson> for Amount {
    type Error = MoneyError;

    fn try_from(json: AmountJson) -> Result<Self, MoneyError> {
        Self::parse(&json.value, json.currency)
    }
}

impl From<Amount> for AmountJson {
    fn from(amount: Amount) -> Self {
        Self { value: amount.value.to_string(), currency: amount.currency }
    }
}

/// Reads plain decimal text: an optional minus, digits without leading zeros, optionally a point and digits.
///
/// Floats, exponents, thousands separators and a leading plus are refused rather than interpreted: `1,234` is a
/// thousand in London and one and a bit in Berlin. `what` names the thing in the message (`EUR`, `a quantity`).
///
/// # Errors
/// The [`MoneyError`] that says what is wrong with the text.
pub fn parse_decimal(text: &str, max_decimals: u32, what: &'static str) -> Result<Decimal, MoneyError> {
    let (integer, fraction) = plain_parts(text)?;
    if integer.len() > MAX_INTEGER_DIGITS {
        return Err(MoneyError::TooManyDigits { found: integer.len() });
    }
    let found = u32::try_from(fraction.len()).unwrap_or(u32::MAX);
    if found > max_decimals {
        return Err(MoneyError::TooManyDecimals { what, max: max_decimals, found, text: text.to_owned() });
    }
    let value = Decimal::from_str_exact(text).map_err(|_| MoneyError::TooLarge)?;
    Ok(rounding::without_negative_zero(value))
}

/// Splits text into its integer and fraction digits, or says why it is not a plain decimal.
fn plain_parts(text: &str) -> Result<(&str, &str), MoneyError> {
    if text.is_empty() {
        return Err(MoneyError::Empty);
    }
    if text.len() > MAX_TEXT_LENGTH {
        return Err(MoneyError::TooLong);
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let padded = plain(integer) && integer.len() > 1 && integer.starts_with('0');
    if !plain(integer) || !plain(fraction) || padded {
        return Err(MoneyError::NotDecimal { text: text.to_owned(), why: habit(text, padded) });
    }
    Ok((integer, if digits.contains('.') { fraction } else { "" }))
}

/// Guesses the habit behind text that is no plain decimal, for a message that helps.
fn habit(text: &str, padded: bool) -> &'static str {
    match text {
        _ if padded => "no leading zeros",
        _ if text.contains(',') => "a comma is neither a decimal point nor a separator here",
        _ if text.starts_with('+') => "no leading plus",
        _ if text.contains(['e', 'E']) => "no exponent",
        _ if text.contains(char::is_whitespace) => "no spaces",
        _ => "only digits and at most one point",
    }
}

/// For pages and mails: `12,400.00 EUR`, with at least the decimals of the currency and never fewer than `value` shows,
/// so that a number with more decimals stays what it is.
#[must_use]
pub fn human(value: Decimal, currency: Currency) -> String {
    let mut shown = value;
    if shown.scale() < currency.decimals() {
        shown.rescale(currency.decimals());
    }
    format!("{} {currency}", with_thousands(shown))
}

/// Groups the integer digits by commas: `-12400.00` becomes `-12,400.00`.
fn with_thousands(value: Decimal) -> String {
    let text = value.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |rest| ("-", rest));
    let (integer, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::from(sign);
    for (index, digit) in integer.chars().enumerate() {
        if index > 0 && (integer.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// At most 20 characters of what somebody sent, for messages.
pub(crate) fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}

/// Refuses values of 10^15 and more.
pub(crate) fn in_range(value: Decimal) -> Result<Decimal, MoneyError> {
    const LIMIT: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0);
    if value.abs() < LIMIT { Ok(value) } else { Err(MoneyError::TooLarge) }
}

pub(crate) fn add(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    left.checked_add(right).ok_or(MoneyError::TooLarge)
}

pub(crate) fn sub(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    left.checked_sub(right).ok_or(MoneyError::TooLarge)
}

pub(crate) fn mul(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    left.checked_mul(right).ok_or(MoneyError::TooLarge)
}

pub(crate) fn div(left: Decimal, right: Decimal) -> Result<Decimal, MoneyError> {
    if right.is_zero() {
        return Err(MoneyError::DivisionByZero);
    }
    left.checked_div(right).ok_or(MoneyError::TooLarge)
}

/// `percent` of `base`: 20 of 50 is 10.
pub(crate) fn percent_of(percent: Decimal, base: Decimal) -> Result<Decimal, MoneyError> {
    div(mul(base, percent)?, Decimal::ONE_HUNDRED)
}

#[cfg(test)]
#[path = "money_tests.rs"]
mod tests;
