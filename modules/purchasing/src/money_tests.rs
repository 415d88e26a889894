use proptest::prelude::*;

use super::*;

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

#[test]
fn plain_decimals_are_read_exactly() {
    let table = [
        ("0", "0"),
        ("12.50", "12.50"),
        ("-12.5", "-12.5"),
        ("0.000001", "0.000001"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("999999999999999.999999", "999999999999999.999999"),
    ];
    for (text, read) in table {
        assert_eq!(parse_decimal(text, 6, "a price").unwrap().to_string(), read);
    }
}

#[test]
fn everything_else_is_refused_with_its_habit() {
    let table = [
        ("1,234.50", "comma"),
        ("1,5", "comma"),
        ("+5", "plus"),
        ("1e3", "exponent"),
        ("1E-3", "exponent"),
        ("1 000", "spaces"),
        (" 5", "spaces"),
        ("5\n", "spaces"),
        ("007", "leading zeros"),
        ("-01.5", "leading zeros"),
        (".5", "only digits"),
        ("5.", "only digits"),
        ("-", "only digits"),
        ("--5", "only digits"),
        ("1.2.3", "only digits"),
        ("NaN", "only digits"),
        ("0x10", "only digits"),
        ("1_000", "only digits"),
        ("٥", "only digits"),
    ];
    for (text, habit) in table {
        let error = parse_decimal(text, 6, "a price").unwrap_err();
        assert!(matches!(error, MoneyError::NotDecimal { .. }), "{text}: {error}");
        assert!(error.to_string().contains(habit), "{text}: {error}");
    }
    assert_eq!(parse_decimal("", 2, "EUR"), Err(MoneyError::Empty));
    assert_eq!(parse_decimal(&"1".repeat(41), 2, "EUR"), Err(MoneyError::TooLong));
    assert_eq!(parse_decimal("1234567890123456", 2, "EUR"), Err(MoneyError::TooManyDigits { found: 16 }));
}

#[test]
fn more_decimals_than_the_currency_has_are_an_error() {
    let table = [
        ("12.345", "EUR", "EUR has at most 2 decimals; 12.345 has 3: round it"),
        ("12.340", "EUR", "EUR has at most 2 decimals; 12.340 has 3: round it"),
        ("100.5", "JPY", "JPY has at most 0 decimals; 100.5 has 1: round it"),
        ("1.2345", "KWD", "KWD has at most 3 decimals; 1.2345 has 4: round it"),
    ];
    for (text, code, message) in table {
        let error = Amount::parse(text, Currency::parse(code).unwrap()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

#[test]
fn people_read_thousands_and_minor_units() {
    let table = [
        ("12400", "EUR", "12,400.00 EUR"),
        ("0", "EUR", "0.00 EUR"),
        ("-1234567.8", "EUR", "-1,234,567.80 EUR"),
        ("999", "JPY", "999 JPY"),
        ("1000000", "JPY", "1,000,000 JPY"),
        ("-100", "EUR", "-100.00 EUR"),
        ("1234.5", "KWD", "1,234.500 KWD"),
    ];
    for (text, code, shown) in table {
        let amount = Amount::parse(text, Currency::parse(code).unwrap()).unwrap();
        assert_eq!(amount.to_string(), shown);
    }
}

#[test]
fn a_unit_price_keeps_its_decimals_on_a_page() {
    let price = |text: &str| human(parse_decimal(text, 6, "a price").unwrap(), eur());
    assert_eq!([price("0.0835"), price("1234.5"), price("7")], ["0.0835 EUR", "1,234.50 EUR", "7.00 EUR"]);
}

#[test]
fn amounts_of_two_currencies_do_not_mix() {
    let one = Amount::parse("1", eur()).unwrap();
    let other = Amount::parse("1", Currency::parse("USD").unwrap()).unwrap();
    assert!(matches!(one.checked_add(other), Err(MoneyError::CurrencyMismatch { .. })));
    assert_eq!(one.checked_sub(one).unwrap(), Amount::zero(eur()));
}

#[test]
fn a_result_beyond_fifteen_digits_is_an_error_not_a_panic() {
    let most = Amount::parse("999999999999999.99", eur()).unwrap();
    let cent = Amount::parse("0.01", eur()).unwrap();
    assert_eq!(most.checked_add(cent), Err(MoneyError::TooLarge));
    assert!(most.checked_sub(cent).is_ok());
    let rounds_up = most.value().checked_add(Decimal::new(5, 3)).unwrap();
    assert_eq!(Amount::rounded(rounds_up, eur(), Midpoint::HalfUp), Err(MoneyError::TooLarge));
}

#[test]
fn json_keeps_every_digit() {
    let amount = Amount::parse("12.5", eur()).unwrap();
    let json = serde_json::to_string(&amount).unwrap();
    assert_eq!(json, r#"{"value":"12.50","currency":"EUR"}"#);
    assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
    assert!(serde_json::from_str::<Amount>(r#"{"value":12.5,"currency":"EUR"}"#).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in any::<String>()) {
        let _ = Amount::parse(&text, eur());
        let _ = Currency::parse(&text);
    }

    #[test]
    fn what_is_read_is_what_was_written(cents in -99_999_999_999_999_999_i64..99_999_999_999_999_999) {
        let value = Decimal::new(cents, 2);
        let amount = Amount::parse(&value.to_string(), eur()).unwrap();
        prop_assert_eq!(amount.value().to_string(), value.to_string());
        let shown = amount.human().replace(',', "").replace(" EUR", "");
        prop_assert_eq!(shown, value.to_string());
    }
}
