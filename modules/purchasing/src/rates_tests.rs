use proptest::prelude::*;
use time::macros::date;

use super::*;

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn amount(text: &str, code: &str) -> Amount {
    Amount::parse(text, currency(code)).unwrap()
}

fn rate(from: &str, to: &str, date: Date, number: &str) -> Rate {
    let rate = Rate::parse_number(number).unwrap();
    Rate { from: currency(from), to: currency(to), date, rate, source: "ECB".to_owned() }
}

#[test]
fn conversion_rounds_once_to_the_minor_units_of_the_target() {
    let table = [
        ("1500.00", "MXN", "USD", "0.059197", "88.80"),
        ("100.00", "EUR", "JPY", "161.355", "16136"),
        ("1", "JPY", "EUR", "0.0061975", "0.01"),
        ("1", "JPY", "KWD", "0.0019845", "0.002"),
        ("-0.05", "EUR", "USD", "1.1", "-0.06"),
        ("12.34", "EUR", "EUR", "1", "12.34"),
    ];
    for (text, from, to, number, expected) in table {
        let rate = Rate::parse_number(number).unwrap();
        let converted = convert(amount(text, from), currency(to), rate, Midpoint::HalfUp).unwrap();
        assert_eq!(converted, amount(expected, to), "{text} {from} at {number}");
    }
}

#[test]
fn rates_must_be_positive_plain_decimals() {
    assert_eq!(Rate::parse_number("0"), Err(RateError::NotPositive));
    assert_eq!(Rate::parse_number("-1.1"), Err(RateError::NotPositive));
    assert!(matches!(Rate::parse_number("1,1"), Err(RateError::Money(_))));
    let zero = convert(amount("1", "EUR"), currency("USD"), Decimal::ZERO, Midpoint::HalfUp);
    assert_eq!(zero, Err(RateError::NotPositive));
}

#[test]
fn the_latest_rate_not_after_the_day_counts() {
    let rates = [
        rate("EUR", "USD", date!(2026 - 01 - 05), "1.10"),
        rate("EUR", "USD", date!(2026 - 01 - 07), "1.30"),
        rate("EUR", "USD", date!(2026 - 01 - 06), "1.20"),
    ];
    let on = |day| {
        exchange(amount("10", "EUR"), currency("USD"), day, &rates, None, Midpoint::HalfUp).map(|done| done.amount)
    };
    assert_eq!(on(date!(2026 - 01 - 06)).unwrap(), amount("12.00", "USD"));
    assert_eq!(on(date!(2026 - 02 - 01)).unwrap(), amount("13.00", "USD"));
    let none = on(date!(2026 - 01 - 04)).unwrap_err();
    assert_eq!(none.to_string(), "no exchange rate from EUR to USD on or before 2026-01-04; add one");
}

#[test]
fn an_inverse_rate_is_used_only_without_a_direct_one_and_says_so() {
    let day = date!(2026 - 01 - 10);
    let mut rates = vec![rate("EUR", "USD", day, "1.25")];
    let inverse = exchange(amount("10", "USD"), currency("EUR"), day, &rates, None, Midpoint::HalfUp).unwrap();
    assert_eq!(inverse.amount, amount("8.00", "EUR"));
    assert_eq!(inverse.steps.first().unwrap().direction, Direction::Inverse);
    rates.push(rate("USD", "EUR", date!(2025 - 12 - 31), "0.79"));
    let direct = exchange(amount("10", "USD"), currency("EUR"), day, &rates, None, Midpoint::HalfUp).unwrap();
    assert_eq!(direct.amount, amount("7.90", "EUR"));
    assert_eq!(direct.steps.first().unwrap().direction, Direction::Direct);
    assert_eq!(direct.steps.first().unwrap().rate.date, date!(2025 - 12 - 31));
}

#[test]
fn two_rates_meet_in_the_base_currency_and_are_rounded_once() {
    let day = date!(2026 - 01 - 10);
    let rates = [rate("EUR", "USD", day, "1.0805"), rate("EUR", "JPY", day, "161.35")];
    let (from, yen) = (amount("10000", "USD"), currency("JPY"));
    assert!(exchange(from, yen, day, &rates, None, Midpoint::HalfUp).is_err());
    let done = exchange(from, yen, day, &rates, Some(currency("EUR")), Midpoint::HalfUp).unwrap();
    // Rounded to euro cents on the way it would be 1493289.
    assert_eq!(done.amount, amount("1493290", "JPY"));
    let directions: Vec<Direction> = done.steps.iter().map(|step| step.direction).collect();
    assert_eq!(directions, [Direction::Inverse, Direction::Direct]);
}

#[test]
fn one_currency_needs_no_rate() {
    let done = exchange(amount("5", "EUR"), currency("EUR"), date!(2026 - 01 - 01), &[], None, Midpoint::HalfUp);
    let done = done.unwrap();
    assert_eq!((done.amount, done.steps.len()), (amount("5", "EUR"), 0));
}

#[test]
fn json_states_rate_day_and_source() {
    let stored = rate("EUR", "USD", date!(2026 - 01 - 05), "1.0850");
    let json = serde_json::to_string(&stored).unwrap();
    assert_eq!(json, r#"{"from":"EUR","to":"USD","date":"2026-01-05","rate":"1.0850","source":"ECB"}"#);
    assert_eq!(serde_json::from_str::<Rate>(&json).unwrap(), stored);
    assert!(serde_json::from_str::<Rate>(&json.replace("\"1.0850\"", "1.0850")).is_err());
}

proptest! {
    #[test]
    fn no_amount_and_no_rate_make_it_panic(cents in any::<i64>(), units in any::<u64>(), scale in 0_u32..=10) {
        let number = Decimal::from_i128_with_scale(i128::from(units), scale);
        if let Ok(from) = Amount::rounded(Decimal::new(cents, 2), currency("EUR"), Midpoint::HalfUp) {
            let day = date!(2026 - 01 - 05);
            let listed = Rate { rate: number, ..rate("USD", "EUR", day, "1") };
            let _ = convert(from, currency("KWD"), number, Midpoint::HalfUp);
            let _ = exchange(from, currency("USD"), day, &[listed], None, Midpoint::HalfUp);
        }
    }
}
