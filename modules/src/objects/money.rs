//! Amounts of money in objects: decimal text with no more decimals than the currency has (ISO 4217). No float touches
//! them.

use super::MOST_PROBLEMS;
use super::schema::Currency as Place;
use iso_currency::Currency;
use serde_json::Value;
use std::collections::HashSet;
use workflow::Problem;

use super::schema::{FieldPath, Keywords};

/// Digits before the point.
const MAX_INTEGER_DIGITS: usize = 15;

/// The code of a currency in which amounts can be stated.
pub(crate) fn known(code: &str) -> Result<String, String> {
    decimals(code).map(|_| code.to_owned())
}

fn decimals(code: &str) -> Result<usize, String> {
    let shown: String = code.chars().take(20).collect();
    let currency = Currency::from_code(code)
        .ok_or_else(|| format!("{shown:?} is not an ISO 4217 currency code; use three capital letters such as EUR"))?;
    match currency.exponent() {
        Some(decimals) if !currency.is_special() => Ok(usize::from(decimals)),
        _ => Err(format!("{code} has no minor unit, so no amount can be stated in it; use the currency that is paid")),
    }
}

/// What is wrong with the amounts of an object.
pub(crate) fn problems(keywords: &Keywords, data: &Value) -> Vec<Problem> {
    let (mut problems, mut known): (Vec<Problem>, HashSet<Problem>) = Default::default();
    for (path, place) in &keywords.money {
        let amounts: Vec<(String, &str)> =
            path.values(data).into_iter().filter_map(|(pointer, value)| Some((pointer, value.as_str()?))).collect();
        for (pointer, amount) in amounts {
            let found = match currency_of(place, &pointer, path, data) {
                Err(problem) => Some(problem),
                Ok((code, most)) => wrong(amount, most, &code).map(|message| Problem::new(pointer, "amount", message)),
            };
            // The currency of many amounts is wrong once.
            problems.extend(found.filter(|new| known.insert(new.clone())));
            if problems.len() >= MOST_PROBLEMS {
                return problems;
            }
        }
    }
    problems
}

/// The currency of an amount and its decimals.
fn currency_of(place: &Place, pointer: &str, amount: &FieldPath, data: &Value) -> Result<(String, usize), Problem> {
    let (at, code) = match place {
        Place::Always(code) => (pointer.to_owned(), Some(code.as_str())),
        Place::In(path) => (path.pointer(), path.value(data).and_then(Value::as_str)),
    };
    let Some(code) = code else {
        let message = format!("is missing; it says the currency of \"{amount}\"");
        return Err(Problem::new(at, "currency", message));
    };
    let decimals = decimals(code).map_err(|message| Problem::new(at, "currency", message))?;
    Ok((code.to_owned(), decimals))
}

/// What is wrong with an amount.
fn wrong(text: &str, most: usize, code: &str) -> Option<String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return Some("is not a plain decimal number; write digits with a point, such as 1234.50".to_owned());
    }
    if whole.len() > MAX_INTEGER_DIGITS {
        return Some(format!("has more than {MAX_INTEGER_DIGITS} digits before the point"));
    }
    let decimals = if digits.contains('.') { fraction.len() } else { 0 };
    (decimals > most).then(|| format!("has {decimals} decimals and {code} has {most}: round it"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_decimals_of_their_currency() {
        for (text, code) in
            [("12.50", "EUR"), ("-0.01", "EUR"), ("0", "JPY"), ("1.234", "KWD"), ("999999999999999", "EUR")]
        {
            assert_eq!(wrong(text, decimals(code).unwrap(), code), None, "{text} {code}");
        }
        for (text, code) in [
            ("1.005", "EUR"),
            ("1.0", "JPY"),
            ("1,50", "EUR"),
            ("1e3", "EUR"),
            ("", "EUR"),
            ("01", "EUR"),
            (".5", "EUR"),
            ("1.", "EUR"),
            ("+1", "EUR"),
            ("1234567890123456", "EUR"),
            ("\u{661}", "EUR"),
        ] {
            assert!(wrong(text, decimals(code).unwrap(), code).is_some(), "{text} {code}");
        }
        assert!([decimals("XAU"), decimals("eur"), decimals("ABC")].iter().all(Result::is_err));
    }
}
