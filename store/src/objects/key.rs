//! Texts that sort byte by byte as the values do that they stand for: the same order on both databases, for whatever a
//! module declares, in one column.
//!
//! Every key begins with a letter that says what it is, so that "there is none", the empty text, sorts before all.

use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Texts up to so many bytes stand in their key as they are.
const MAX_TEXT_BYTES: usize = 200;
/// Of longer ones so many bytes do; the rest only counts for being equal.
const PREFIX_BYTES: usize = 150;
/// The most digits of a number.
const MAX_DIGITS: usize = 200;
/// What is added to the power of ten, so that it has no sign.
const OFFSET: i64 = 50_000;

/// The key of no value.
pub const NOTHING: &str = "";

/// The key of a text. Texts sort by the code points of their letters.
#[must_use]
pub fn text_key(text: &str) -> String {
    if text.len() <= MAX_TEXT_BYTES {
        return format!("t{text}");
    }
    let end = (0..=PREFIX_BYTES).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let prefix = text.get(..end).unwrap_or_default();
    format!("t{prefix}\u{10FFFF}{}", hex::encode(Sha256::digest(text)))
}

/// The key of a number that is written in decimal, with or without an exponent: `-12.50`, `1e6`. Equal numbers have equal
/// keys however they are written. `None` if it is no number, or one of very many digits.
#[must_use]
pub fn number_key(text: &str) -> Option<String> {
    let (negative, power, digits) = significant(text)?;
    if digits.is_empty() {
        return Some("no".to_owned());
    }
    let power = u64::try_from(power + OFFSET).ok().filter(|power| *power <= 99_999)?;
    if !negative {
        return Some(format!("np{power:05}{digits}"));
    }
    // What is further from zero comes first, and the longer of two that begin alike too.
    let complement = |digit: u8| char::from(b'9' - digit + b'0');
    let digits: String = digits.bytes().map(complement).collect();
    Some(format!("nn{:05}{digits}~", 99_999 - power))
}

/// Sign, power and digits of a number that is 0.DIGITS times ten to that power; no digits for zero.
fn significant(text: &str) -> Option<(bool, i64, String)> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) || mantissa.len() > MAX_DIGITS {
        return None;
    }
    let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let leading = all.len() - digits.len();
    let power = i64::try_from(whole.len()).ok()?.checked_sub(i64::try_from(leading).ok()?)?.checked_add(exponent)?;
    Some((negative, power, digits.trim_end_matches('0').to_owned()))
}

/// The key of a moment, RFC 3339 with any offset. `None` if it is none.
#[must_use]
pub fn time_key(text: &str) -> Option<String> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    number_key(&at.unix_timestamp_nanos().to_string())
}

/// The key of yes or no; no comes first.
#[must_use]
pub fn flag_key(flag: bool) -> String {
    if flag { "b1" } else { "b0" }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn number(text: &str) -> String {
        number_key(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn numbers_sort_as_numbers_however_they_are_written() {
        let sorted = [
            "-1e30",
            "-123456789012345678901234567890",
            "-100",
            "-99.5",
            "-99.49",
            "-1",
            "-0.5",
            "-0.05",
            "-1e-9",
            "0",
            "1e-9",
            "0.0099",
            "0.01",
            "0.1",
            "0.11",
            "1",
            "1.5",
            "9",
            "10",
            "99",
            "100",
            "1e3",
            "1001",
            "18446744073709551615",
        ];
        let keys: Vec<String> = sorted.iter().map(|text| number(text)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
        for same in [["1", "1.00"], ["1000", "1e3"], ["-0", "0.00"], ["0.010", "1E-2"], ["-5", "-0.05e+2"]] {
            assert_eq!(number(same[0]), number(same[1]), "{same:?}");
        }
        for none in ["", "-", "abc", "1.2.3", "NaN", "1e", "1e99999999999999999999", "1e60000", "٣", "+1", " 1", ".5"]
        {
            assert_eq!(number_key(none), None, "{none}");
        }
    }

    #[test]
    fn moments_sort_by_when_they_are_and_not_by_how_they_are_written() {
        let sorted =
            ["1969-12-31T23:59:59Z", "2026-11-23T15:10:00+02:00", "2026-11-23T14:00:00Z", "2026-11-23T14:00:00.001Z"];
        let keys: Vec<String> = sorted.iter().map(|text| time_key(text).unwrap_or_default()).collect();
        assert!(keys.is_sorted() && keys.iter().all(|key| !key.is_empty()), "{keys:?}");
        assert_eq!(time_key("2026-11-23T15:10:00+02:00"), time_key("2026-11-23T13:10:00Z"));
        assert_eq!(time_key("tomorrow"), None);
    }

    #[test]
    fn nothing_comes_first_and_long_texts_stay_short_and_apart() {
        assert!([number("-1e9"), text_key(""), flag_key(false)].iter().all(|key| key.as_str() > NOTHING));
        let (one, two) = ("\u{e9}".repeat(500), format!("{}x", "\u{e9}".repeat(499)));
        assert_ne!(text_key(&one), text_key(&two));
        assert!(text_key(&one).len() < 250);
    }

    proptest! {
        #[test]
        fn the_order_of_keys_is_the_order_of_decimals(a in any::<i64>(), b in any::<i64>(), p in 0_u32..12, q in 0_u32..12) {
            let value = |mantissa: i64, places: u32| i128::from(mantissa) * 10_i128.pow(12 - places);
            let written = |mantissa: i64, places: u32| {
                let digits = format!("{:0width$}", mantissa.unsigned_abs(), width = places as usize + 1);
                let (whole, fraction) = digits.split_at(digits.len() - places as usize);
                let sign = if mantissa < 0 { "-" } else { "" };
                if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
            };
            let order = number(&written(a, p)).cmp(&number(&written(b, q)));
            prop_assert_eq!(order, value(a, p).cmp(&value(b, q)));
        }

        #[test]
        fn the_order_of_keys_is_the_order_of_floats(a in any::<f64>(), b in any::<f64>()) {
            prop_assume!(a.is_finite() && b.is_finite());
            let written = |value: f64| serde_json::json!(value).to_string();
            let order = number(&written(a)).cmp(&number(&written(b)));
            prop_assert_eq!(Some(order), a.partial_cmp(&b));
        }

        #[test]
        fn the_order_of_keys_is_the_order_of_texts(a in "\\PC{0,60}", b in "\\PC{0,60}") {
            prop_assert_eq!(text_key(&a).cmp(&text_key(&b)), a.cmp(&b));
        }
    }
}
