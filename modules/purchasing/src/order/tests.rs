use proptest::prelude::*;
use rust_decimal::dec;
use serde_json::json;

use super::*;

fn full() -> Value {
    json!({
        "supplier_id": "sup-1",
        "currency": "EUR",
        "delivery_date": "2026-03-31",
        "delivery_address": "Dock 2\nHafenstr. 9\n20457 Hamburg",
        "department": "workshop",
        "category": "tools",
        "note": "Call first.",
        "lines": [{
            "description": "Hex bolt M8",
            "sku": "HB-8",
            "quantity": "200",
            "unit": "C62",
            "price": "0.08",
            "discounts": [{"reason": "volume", "percent": "5"}],
            "charges": [{"reason": "packing", "amount": "2.50"}],
            "tax": {"category": "S", "percent": "19"},
        }],
        "discounts": [{"reason": "loyalty", "percent": "10", "tax": {"category": "S", "percent": "19"}}],
        "charges": [{"reason": "freight", "amount": "15.00", "tax": {"category": "S", "percent": "19"}}],
    })
}

fn least() -> Value {
    let line = json!({"description": "x", "quantity": "1", "price": "1", "tax": {"category": "Z"}});
    json!({"supplier_id": "s", "currency": "EUR", "lines": [line]})
}

/// The full order with the value at `pointer` replaced; members that are not there are added.
fn with(pointer: &str, value: Value) -> Value {
    let mut order = full();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = order.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items[name.parse::<usize>().unwrap()] = value,
        parent => parent[name] = value,
    }
    order
}

fn without(pointer: &str) -> Value {
    let mut order = full();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    order.pointer_mut(parent).unwrap().as_object_mut().unwrap().shift_remove(name).unwrap();
    order
}

fn places(order: &Value) -> Vec<(String, &'static str)> {
    let problems = Order::parse(order).unwrap_err();
    problems.into_iter().map(|problem| (problem.pointer, problem.code)).collect()
}

#[test]
fn a_full_order_is_read_and_written_back_the_same() {
    let order = Order::parse(&full()).unwrap();
    assert_eq!(order.lines[0].price, dec!(0.08));
    assert_eq!(order.lines[0].discounts[0].value, AdjustmentValue::Percent(dec!(5)));
    assert_eq!(serde_json::to_value(&order).unwrap(), full());
    assert_eq!(serde_json::from_value::<Order>(full()).unwrap(), order);
}

#[test]
fn optional_fields_may_be_absent_or_null() {
    let order = Order::parse(&least()).unwrap();
    assert_eq!((order.delivery_date, order.note.as_deref(), order.lines[0].tax.percent), (None, None, dec!(0)));
    for name in ["delivery_date", "delivery_address", "department", "category", "note", "discounts", "charges"] {
        let mut order = least();
        order[name] = Value::Null;
        assert!(Order::parse(&order).is_ok(), "{name}");
    }
}

#[test]
fn discounts_and_charges_are_applied_in_order_and_taxed() {
    let totals = Order::parse(&full()).unwrap().totals(RoundingMode::Line).unwrap();
    // 200 * 0.08 = 16.00, less 5% is 15.20, plus packing 17.70; less 10% (1.77), plus freight 30.93.
    assert_eq!((totals.lines[0].sum, totals.lines[0].total, totals.sum), (dec!(16.00), dec!(17.70), dec!(17.70)));
    assert_eq!((totals.discount, totals.charge, totals.total), (dec!(1.77), dec!(15.00), dec!(30.93)));
    assert_eq!((totals.tax, totals.payable), (dec!(5.88), dec!(36.81)));
    assert_eq!(totals.check(), Ok(()));
}

#[test]
fn each_field_that_is_missing_is_named() {
    let required = [
        "/supplier_id",
        "/currency",
        "/lines",
        "/lines/0/description",
        "/lines/0/quantity",
        "/lines/0/price",
        "/lines/0/tax",
        "/lines/0/tax/category",
        "/lines/0/tax/percent",
        "/discounts/0/tax",
        "/charges/0/tax",
    ];
    for pointer in required {
        assert_eq!(places(&without(pointer)), [(pointer.to_owned(), "missing")], "{pointer}");
        assert_eq!(places(&with(pointer, Value::Null)), [(pointer.to_owned(), "missing")], "{pointer}");
    }
}

#[test]
fn each_field_that_is_wrong_is_named_with_its_kind_of_problem() {
    let long = |length: usize| json!("x".repeat(length));
    let table = [
        ("/supplier_id", json!(7), "not-text"),
        ("/supplier_id", json!("  "), "empty"),
        ("/supplier_id", long(65), "too-long"),
        ("/supplier_id", json!("a\nb"), "control-character"),
        ("/currency", json!("EURO"), "unknown-currency"),
        ("/currency", json!("XAU"), "unknown-currency"),
        ("/currency", json!(978), "not-text"),
        ("/delivery_date", json!("31.03.2026"), "not-a-date"),
        ("/delivery_date", json!("2026-02-30"), "not-a-date"),
        ("/delivery_date", json!("2026-3-1"), "not-a-date"),
        ("/delivery_date", json!("+2026-03-01"), "not-a-date"),
        ("/delivery_date", json!("2026-03-01T10:00:00Z"), "not-a-date"),
        ("/delivery_date", json!(20_260_301), "not-text"),
        ("/delivery_address", json!("a\u{0}b"), "control-character"),
        ("/delivery_address", long(501), "too-long"),
        ("/department", long(65), "too-long"),
        ("/category", json!(["tools"]), "not-text"),
        ("/note", long(2001), "too-long"),
        ("/lines", json!({}), "not-a-list"),
        ("/lines", json!([]), "too-few"),
        ("/lines/0", json!("bolt"), "not-an-object"),
        ("/lines/0/description", json!(""), "empty"),
        ("/lines/0/description", long(501), "too-long"),
        ("/lines/0/sku", json!(8), "not-text"),
        ("/lines/0/quantity", json!(200), "not-text"),
        ("/lines/0/quantity", json!("0"), "out-of-range"),
        ("/lines/0/quantity", json!("-1"), "out-of-range"),
        ("/lines/0/quantity", json!("1.0000001"), "too-many-digits"),
        ("/lines/0/quantity", json!("1,5"), "not-a-number"),
        ("/lines/0/unit", json!("pieces"), "not-a-unit"),
        ("/lines/0/unit", json!("kg"), "not-a-unit"),
        ("/lines/0/price", json!(0.08), "not-text"),
        ("/lines/0/price", json!("-0.01"), "out-of-range"),
        ("/lines/0/price", json!("1.005"), "too-many-digits"),
        ("/lines/0/price", json!("1.000"), "too-many-digits"),
        ("/note", json!("pay\u{202E}001"), "direction-override"),
        ("/lines/0/description", json!("bolt\u{2066}"), "direction-override"),
        ("/note", json!("100 \u{200F}EUR"), "direction-override"),
        ("/lines/0/charges/0/reason", json!("\u{202A}x"), "direction-override"),
        ("/lines/0/price", json!("1e3"), "not-a-number"),
        ("/lines/0/price", json!("1234567890123456"), "too-many-digits"),
        ("/lines/0/discounts", json!("5%"), "not-a-list"),
        ("/lines/0/discounts/0", json!({}), "missing"),
        ("/lines/0/discounts/0", json!({"percent": "5", "amount": "5"}), "ambiguous"),
        ("/lines/0/discounts/0/percent", json!("100.01"), "out-of-range"),
        ("/lines/0/discounts/0/percent", json!("5.00001"), "too-many-digits"),
        ("/lines/0/discounts/0/percent", json!("5%"), "not-a-number"),
        ("/lines/0/charges/0/amount", json!("2.505"), "too-many-digits"),
        ("/lines/0/charges/0/amount", json!("-2"), "out-of-range"),
        ("/lines/0/charges/0/reason", long(201), "too-long"),
        ("/lines/0/tax", json!("19"), "not-an-object"),
        ("/lines/0/tax/category", json!("VAT"), "unknown-tax-category"),
        ("/lines/0/tax/percent", json!(19), "not-text"),
        ("/lines/0/tax/percent", json!("-1"), "out-of-range"),
        ("/discounts/0/tax/category", json!("s"), "unknown-tax-category"),
        ("/charges/0/amount", json!("15.001"), "too-many-digits"),
    ];
    for (pointer, value, code) in table {
        assert_eq!(places(&with(pointer, value.clone())), [(pointer.to_owned(), code)], "{pointer} {value}");
    }
}

#[test]
fn unknown_fields_are_refused_at_every_level_with_an_escaped_pointer() {
    for parent in ["", "/lines/0", "/lines/0/tax", "/lines/0/discounts/0", "/charges/0", "/charges/0/tax"] {
        let mut order = full();
        order.pointer_mut(parent).unwrap()["a/b~c"] = json!(1);
        assert_eq!(places(&order), [(format!("{parent}/a~1b~0c"), "unknown-field")], "{parent}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let mut order = full();
    order["currency"] = json!("ABC");
    order["delivery_date"] = json!("tomorrow");
    order["lines"][0]["quantity"] = json!(5);
    order["lines"][0]["tax"]["percent"] = json!("x");
    order["charges"][0]["amount"] = json!("1,5");
    order["surprise"] = json!(true);
    let expected = [
        ("/surprise", "unknown-field"),
        ("/currency", "unknown-currency"),
        ("/delivery_date", "not-a-date"),
        ("/lines/0/quantity", "not-text"),
        ("/lines/0/tax/percent", "not-a-number"),
        ("/charges/0/amount", "not-a-number"),
    ];
    assert_eq!(places(&order), expected.map(|(pointer, code)| (pointer.to_owned(), code)));
}

#[test]
fn messages_name_the_remedy() {
    let table = [
        ("/lines/0/charges/0/amount", json!("2.505"), "EUR has at most 2 decimals; 2.505 has 3: round it"),
        ("/lines/0/price", json!("1.005"), "EUR has at most 2 decimals; 1.005 has 3: round it"),
        ("/lines/0/price", json!("-1"), "-1 was given; a price must be zero or more"),
        (
            "/lines/0/price",
            json!("x"),
            "\"x\" is not a plain decimal number; write digits with a point, such as 1234.50 (only digits and at most one point)",
        ),
        ("/lines/0/quantity", json!(2), "a JSON number was given; send text such as \"12.5\""),
        ("/lines/0/quantity", json!("0"), "0 was given; a quantity must be more than zero"),
        (
            "/currency",
            json!("euro"),
            "\"euro\" is not an ISO 4217 currency code; use three capital letters such as EUR",
        ),
        (
            "/lines/0/unit",
            json!("kg"),
            "this is no UN/ECE unit code; write two or three capitals or digits such as C62 (piece) or HUR (hour)",
        ),
    ];
    for (pointer, value, message) in table {
        assert_eq!(Order::parse(&with(pointer, value)).unwrap_err()[0].message, message);
    }
}

#[test]
fn decimals_follow_the_currency_of_the_order() {
    let mut order = full();
    order["currency"] = json!("JPY");
    let found = places(&order);
    let expected = ["/lines/0/price", "/lines/0/charges/0/amount", "/charges/0/amount"];
    assert_eq!(found, expected.map(|pointer| (pointer.to_owned(), "too-many-digits")));
}

#[test]
fn a_price_has_at_most_the_decimals_of_the_currency() {
    for (currency, fine, too_fine) in [("EUR", "1.05", "1.005"), ("JPY", "105", "1.5"), ("KWD", "1.005", "1.0005")] {
        let mut order = least();
        order["currency"] = json!(currency);
        order["lines"][0]["price"] = json!(fine);
        assert!(Order::parse(&order).is_ok(), "{currency}");
        order["lines"][0]["price"] = json!(too_fine);
        assert_eq!(places(&order), [("/lines/0/price".to_owned(), "too-many-digits")], "{currency}");
    }
}

#[test]
fn an_unknown_currency_is_the_only_problem_of_its_prices() {
    let mut order = full();
    order["currency"] = json!("XYZ");
    order["lines"][0]["price"] = json!("1.0000001");
    assert_eq!(places(&order), [("/currency".to_owned(), "unknown-currency")]);
    order.as_object_mut().unwrap().shift_remove("currency");
    assert_eq!(places(&order), [("/currency".to_owned(), "missing")]);
}

#[test]
fn categories_without_tax_have_no_percentage() {
    let order = with("/lines/0/tax", json!({"category": "AE", "percent": "19"}));
    assert_eq!(places(&order), [("/lines/0/tax/percent".to_owned(), "tax-mismatch")]);
    for tax in [json!({"category": "AE"}), json!({"category": "E", "percent": "0"})] {
        assert!(Order::parse(&with("/lines/0/tax", tax)).is_ok());
    }
}

#[test]
fn the_number_of_lines_and_adjustments_is_limited() {
    let lines = |count: usize| with("/lines", Value::Array(vec![full()["lines"][0].clone(); count]));
    assert_eq!(Order::parse(&lines(MAX_LINES)).unwrap().lines.len(), MAX_LINES);
    assert_eq!(places(&lines(MAX_LINES + 1)), [("/lines".to_owned(), "too-many")]);
    let charges = vec![full()["charges"][0].clone(); MAX_ADJUSTMENTS + 1];
    assert_eq!(places(&with("/charges", Value::Array(charges))), [("/charges".to_owned(), "too-many")]);
}

#[test]
fn a_broken_export_does_not_answer_with_a_flood() {
    let problems = Order::parse(&with("/lines", Value::Array(vec![json!({}); MAX_LINES]))).unwrap_err();
    assert_eq!(problems.len(), 201);
    assert_eq!(problems[200].message, "1800 more problems are not listed; fix these first");
}

#[test]
fn discounts_cannot_make_the_supplier_pay() {
    let line = with("/lines/0/discounts/0", json!({"amount": "20"}));
    assert_eq!(places(&line), [("/lines/0/discounts".to_owned(), "below-zero")]);
    let tax = json!({"category": "S", "percent": "19"});
    let order = with("/discounts/0", json!({"amount": "100", "tax": tax}));
    assert_eq!(places(&order), [("/discounts".to_owned(), "below-zero")]);
}

#[test]
fn numbers_that_are_too_large_together_are_named() {
    let mut order = full();
    order["lines"][0]["quantity"] = json!("999999999999999");
    order["lines"][0]["price"] = json!("999999999999999");
    assert_eq!(places(&order), [("/lines/0".to_owned(), "too-large")]);
}

#[test]
fn what_is_not_an_object_is_no_order() {
    for value in [json!(null), json!([]), json!("order"), json!(1), json!(true)] {
        assert_eq!(places(&value), [(String::new(), "not-an-object")]);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[-+0-9.,eE ]{0,12}".prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop::sample::select(vec!["percent", "amount", "tax", "category", "price", "lines", "x/~"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name, inner), 0..4)
                .prop_map(|fields| fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_anywhere_is_read_or_explained(value in any_json(), place in 0_usize..16) {
        let places = [
            "/supplier_id", "/currency", "/delivery_date", "/delivery_address", "/department", "/note", "/lines",
            "/lines/0", "/lines/0/quantity", "/lines/0/unit", "/lines/0/price", "/lines/0/discounts",
            "/lines/0/charges/0", "/lines/0/tax", "/discounts/0", "/charges/0/amount",
        ];
        let order = with(places[place], value);
        match Order::parse(&order) {
            Ok(order) => prop_assert_eq!(Order::parse(&serde_json::to_value(&order).unwrap()), Ok(order)),
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                prop_assert!(problems.iter().all(|problem| problem.pointer.starts_with(places[place])
                    || places[place].starts_with(&problem.pointer) || problem.code == "too-many-digits"));
            }
        }
    }

    #[test]
    fn orders_with_any_numbers_add_up_in_every_mode(
        quantity in 1_i64..10_000_000, price in 0_i64..1_000_000_000, percent in 0_i64..=1_000_000, cents in 0_i64..10_000,
    ) {
        let mut order = full();
        order["lines"][0]["quantity"] = json!(Decimal::new(quantity, 3).to_string());
        order["lines"][0]["price"] = json!(Decimal::new(price, 2).to_string());
        order["lines"][0]["discounts"][0]["percent"] = json!(Decimal::new(percent, 4).to_string());
        order["lines"][0]["charges"][0]["amount"] = json!(Decimal::new(cents, 2).to_string());
        let order = Order::parse(&order).unwrap();
        for mode in RoundingMode::ALL {
            prop_assert_eq!(order.totals(mode).unwrap().check(), Ok(()));
        }
    }
}
