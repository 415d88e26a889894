//! Exchange rates: which rate applies on a day, and what an amount is worth in another currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::Date;

use crate::currency::Currency;
use crate::money::{self, Amount, MoneyError};
use crate::reader::{self, Problem, TextRule};
use crate::rounding::Midpoint;

/// Decimals that a published rate may have (the ECB publishes up to 5, central banks of weak currencies more).
pub const MAX_RATE_DECIMALS: u32 = 10;

/// What the name of a publisher may be: it is printed with the converted amount.
const SOURCE: TextRule = TextRule { max_characters: 100, several_lines: false };

/// A published rate: one `from` is `rate` of `to`, as of `date`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The currency that is given.
    pub from: Currency,
    /// The currency that is got.
    pub to: Currency,
    /// The day of publication (`2026-01-31` in JSON).
    #[serde(with = "iso_date")]
    pub date: Date,
    /// Units of `to` for one `from`; above zero. Decimal text in JSON.
    #[serde(with = "positive_number")]
    pub rate: Decimal,
    /// Who published it, such as `ECB`; printed with the converted amount.
    pub source: String,
}

time::serde::format_description!(iso_date, Date, "[year]-[month]-[day]");

mod positive_number {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(rate: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(rate)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::Rate::parse_number(&text).map_err(de::Error::custom)
    }
}

impl Rate {
    /// Reads a rate from decimal text.
    ///
    /// # Errors
    /// [`RateError::Money`] for text that is no plain decimal, [`RateError::NotPositive`].
    pub fn parse_number(text: &str) -> Result<Decimal, RateError> {
        let rate = money::parse_decimal(text, MAX_RATE_DECIMALS, "a rate")?;
        if rate > Decimal::ZERO { Ok(rate) } else { Err(RateError::NotPositive) }
    }

    /// Reads the `source` of what was sent, as strictly as the texts of orders.
    pub(crate) fn parse_source(sent: &Value) -> Result<String, Vec<Problem>> {
        reader::read(|reader| {
            let object = reader.any_object(sent)?;
            reader.text(&object, "source", SOURCE, "name who published the rate")
        })
    }
}

/// Why an amount cannot be converted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RateError {
    /// The list has nothing for this pair that is not younger than the day.
    #[error("no exchange rate from {from} to {to} on or before {date}; add one")]
    NoRate {
        /// Currency of the amount.
        from: Currency,
        /// Currency that is wanted.
        to: Currency,
        /// The day.
        date: Date,
    },
    /// Zero or below.
    #[error("an exchange rate must be above zero")]
    NotPositive,
    /// The arithmetic.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// How a rate was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// As published: multiplied.
    Direct,
    /// Against its direction, because no direct one was published: divided.
    Inverse,
}

/// One step of a conversion: the published rate and how it was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The rate as published, with date and source.
    pub rate: Rate,
    /// How it was used.
    pub direction: Direction,
}

/// A converted amount with everything needed to repeat the conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchanged {
    /// What was converted.
    pub from: Amount,
    /// The result, rounded once to the minor units of its currency.
    pub amount: Amount,
    /// The rates in order: none within one currency, one for a pair, two by way of a base currency.
    pub steps: Vec<Step>,
}

/// Converts at a given rate: `amount * rate`, rounded to the minor units of `to`.
///
/// # Errors
/// [`RateError::NotPositive`], [`RateError::Money`] when the result is too large.
pub fn convert(amount: Amount, to: Currency, rate: Decimal, midpoint: Midpoint) -> Result<Amount, RateError> {
    if rate <= Decimal::ZERO {
        return Err(RateError::NotPositive);
    }
    Ok(Amount::rounded(money::mul(amount.value(), rate)?, to, midpoint)?)
}

/// Converts with the published rates as of `date`.
///
/// Per pair the latest rate that is not after `date` counts, a direct one before an inverse one however old it is. When
/// the pair has none, two rates by way of `base` are used, if a base currency is given.
///
/// # Errors
/// [`RateError::NoRate`] or the arithmetic.
pub fn exchange(
    amount: Amount,
    to: Currency,
    date: Date,
    rates: &[Rate],
    base: Option<Currency>,
    midpoint: Midpoint,
) -> Result<Exchanged, RateError> {
    let steps = steps(amount.currency(), to, date, rates, base)?;
    let value = steps.iter().try_fold(amount.value(), |value, step| step.apply(value))?;
    Ok(Exchanged { from: amount, amount: Amount::rounded(value, to, midpoint)?, steps })
}

impl Step {
    fn apply(&self, value: Decimal) -> Result<Decimal, MoneyError> {
        match self.direction {
            Direction::Direct => money::mul(value, self.rate.rate),
            Direction::Inverse => money::div(value, self.rate.rate),
        }
    }
}

fn steps(
    from: Currency,
    to: Currency,
    date: Date,
    rates: &[Rate],
    base: Option<Currency>,
) -> Result<Vec<Step>, RateError> {
    if from == to {
        return Ok(Vec::new());
    }
    if let Some(step) = pick(from, to, date, rates) {
        return Ok(vec![step]);
    }
    let cross = base.and_then(|base| Some(vec![pick(from, base, date, rates)?, pick(base, to, date, rates)?]));
    cross.ok_or(RateError::NoRate { from, to, date })
}

/// The rate for a pair as of `date`: the latest direct one, else the latest inverse one.
#[must_use]
pub fn pick(from: Currency, to: Currency, date: Date, rates: &[Rate]) -> Option<Step> {
    let latest = |from: Currency, to: Currency| {
        let pair = rates.iter().filter(|rate| rate.from == from && rate.to == to && rate.date <= date);
        pair.filter(|rate| rate.rate > Decimal::ZERO).max_by_key(|rate| rate.date).cloned()
    };
    let direct = latest(from, to).map(|rate| Step { rate, direction: Direction::Direct });
    direct.or_else(|| latest(to, from).map(|rate| Step { rate, direction: Direction::Inverse }))
}

#[cfg(test)]
#[path = "rates_tests.rs"]
mod tests;
