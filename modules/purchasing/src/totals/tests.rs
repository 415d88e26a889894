use proptest::prelude::*;
use rust_decimal::dec;

use super::*;
use crate::currency::Currency;
use crate::rounding::RoundingMode;

fn document(code: &str, lines: Vec<Line>) -> Document {
    Document { lines, ..Document::new(Currency::parse(code).unwrap()) }
}

fn taxed(quantity: Decimal, price: Decimal, percent: Decimal) -> Line {
    Line { taxes: vec![Tax::percent("S", percent)], ..Line::new(quantity, price) }
}

fn totals(document: &Document, mode: RoundingMode) -> Totals {
    let totals = compute(document, mode.policy()).unwrap();
    assert_eq!(totals.check(), Ok(()));
    totals
}

#[test]
fn the_modes_differ_on_many_small_lines() {
    let document = document("EUR", vec![taxed(dec!(1), dec!(1.001), dec!(20)); 100]);
    let table = [
        (RoundingMode::Line, "100.00", "20.00"),
        (RoundingMode::Document, "100.10", "20.02"),
        (RoundingMode::TaxLine, "100.00", "20.00"),
        (RoundingMode::TaxDocument, "100.00", "20.02"),
    ];
    for (mode, sum, tax) in table {
        let totals = totals(&document, mode);
        assert_eq!((totals.sum.to_string(), totals.tax.to_string()), (sum.into(), tax.into()), "{mode:?}");
    }
}

#[test]
fn two_rates_are_rounded_each_or_together_and_the_difference_is_shown() {
    let document = document("EUR", vec![taxed(dec!(1), dec!(9.42), dec!(24)), taxed(dec!(1), dec!(9.42), dec!(13))]);
    let line = totals(&document, RoundingMode::Line);
    assert_eq!((line.tax, line.tax_difference), (dec!(3.48), dec!(0.00)));
    let whole = totals(&document, RoundingMode::Document);
    assert_eq!((whole.tax, whole.tax_difference), (dec!(3.49), dec!(0.01)));
}

#[test]
fn currencies_without_and_with_three_decimals_keep_theirs() {
    let yen = totals(&document("JPY", vec![taxed(dec!(3), dec!(33.5), dec!(10))]), RoundingMode::Line);
    assert_eq!(
        (yen.sum.to_string(), yen.tax.to_string(), yen.payable.to_string()),
        ("101".into(), "10".into(), "111".into())
    );
    let dinar = totals(&document("KWD", vec![taxed(dec!(1), dec!(1), dec!(5))]), RoundingMode::Line);
    assert_eq!((dinar.sum.to_string(), dinar.total_with_tax.to_string()), ("1.000".into(), "1.050".into()));
}

#[test]
fn discounts_compound_only_when_asked() {
    let mut line = Line::new(dec!(1), dec!(600));
    let half = Adjustment::Percent { percent: dec!(50), base: None };
    line.discounts = vec![half.clone(), half, Adjustment::Amount(dec!(10))];
    line.charges = vec![Adjustment::PerUnit { rate: dec!(2.5), quantity: None }];
    let mut document = document("EUR", vec![line]);
    assert_eq!(totals(&document, RoundingMode::Line).total, dec!(-7.50));
    document.compounding = true;
    let totals = totals(&document, RoundingMode::Line);
    assert_eq!(totals.total, dec!(142.50));
    assert_eq!(totals.lines[0].discounts, [dec!(300.00), dec!(150.00), dec!(10.00)]);
}

#[test]
fn discounts_and_charges_on_the_document_change_the_taxes_they_name() {
    let mut document = document("EUR", vec![taxed(dec!(1), dec!(100), dec!(20))]);
    let tax = || vec![Tax::percent("S", dec!(20))];
    let percent = Adjustment::Percent { percent: dec!(10), base: None };
    document.discounts = vec![DocumentAdjustment { value: percent, taxes: tax() }];
    document.charges = vec![
        DocumentAdjustment { value: Adjustment::Amount(dec!(5)), taxes: tax() },
        DocumentAdjustment { value: Adjustment::Amount(dec!(2)), taxes: Vec::new() },
    ];
    let totals = totals(&document, RoundingMode::Line);
    assert_eq!((totals.discount, totals.charge, totals.total), (dec!(10.00), dec!(7.00), dec!(97.00)));
    assert_eq!((totals.taxes[0].base, totals.tax), (dec!(95.00), dec!(19.00)));
}

#[test]
fn one_rate_is_one_group_however_it_is_written() {
    let lines = vec![taxed(dec!(1), dec!(10), dec!(21)), taxed(dec!(1), dec!(10), dec!(21.0))];
    assert_eq!(totals(&document("EUR", lines), RoundingMode::Line).taxes.len(), 1);
}

#[test]
fn prices_with_tax_give_back_exactly_the_price() {
    for mode in RoundingMode::ALL {
        let mut document = document("EUR", vec![taxed(dec!(1), dec!(0.99), dec!(19)); 7]);
        document.prices_include = Some("S".to_owned());
        let totals = totals(&document, mode);
        assert_eq!((totals.sum, totals.total_with_tax), (dec!(6.93), dec!(6.93)), "{mode:?}");
    }
}

#[test]
fn taxes_that_raise_the_base_come_before_those_computed_on_it() {
    // The steps that Tryton's compound tax test states: 100 + 5 each, 20% on 105, 40% on 105, 30% on 147.
    let fixed = Tax { rate: TaxRate::PerUnit(dec!(5)), raises_base: true, ..Tax::percent("eco", dec!(0)) };
    let compound = Tax { raises_base: true, ..Tax::percent("eco", dec!(40)) };
    let taxes = vec![fixed, Tax::percent("VAT", dec!(20)), compound, Tax::percent("VAT", dec!(30))];
    let line = Line { taxes, ..Line::new(dec!(1), dec!(100)) };
    let totals = totals(&document("EUR", vec![line]), RoundingMode::TaxLine);
    let taxes: Vec<_> = totals.taxes.iter().map(|tax| (tax.base, tax.amount)).collect();
    let expected = [(100, 5), (105, 42), (105, 21)].map(|(base, tax)| (Decimal::from(base), Decimal::from(tax)));
    assert_eq!(taxes[..3], expected);
    assert_eq!(taxes[3], (dec!(147.00), dec!(44.10)));
}

#[test]
fn withheld_and_informative_taxes_do_not_raise_the_total() {
    let mut line = taxed(dec!(1), dec!(100), dec!(21));
    line.taxes.push(Tax { kind: TaxKind::Retained, ..Tax::percent("IRPF", dec!(15)) });
    line.taxes.push(Tax { kind: TaxKind::Informative, ..Tax::percent("INFO", dec!(3)) });
    let mut document = document("EUR", vec![line]);
    document.prepaid = dec!(6);
    let totals = totals(&document, RoundingMode::Document);
    assert_eq!((totals.total_with_tax, totals.retained), (dec!(121.00), dec!(15.00)));
    assert_eq!((totals.payable, totals.due), (dec!(106.00), dec!(100.00)));
}

#[test]
fn numbers_that_are_too_large_have_a_place_and_no_panic() {
    let huge = Decimal::MAX;
    let error = compute(
        &document("EUR", vec![Line::new(dec!(1), dec!(1)), Line::new(huge, huge)]),
        RoundingMode::Line.policy(),
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "/lines/1: the result is too large; at most 15 digits before the point are supported"
    );
    let zero = Line { base_quantity: dec!(0), ..Line::new(dec!(1), dec!(1)) };
    let error = compute(&document("EUR", vec![zero]), RoundingMode::Line.policy()).unwrap_err();
    assert_eq!((error.pointer.as_str(), error.error), ("/lines/0", MoneyError::DivisionByZero));
}

#[test]
fn json_amounts_are_text_with_the_decimals_of_the_currency() {
    let totals = totals(&document("EUR", vec![taxed(dec!(2), dec!(5), dec!(10))]), RoundingMode::Line);
    let json = serde_json::to_value(&totals).unwrap();
    assert_eq!(json["total_with_tax"], "11.00");
    assert_eq!(json["lines"][0]["total"], "10.00");
    assert_eq!(json["taxes"][0]["base"], "10.00");
    assert_eq!(json["prepaid"], "0.00");
    assert_eq!(json["rounding"], "line");
    assert_eq!(serde_json::from_value::<Totals>(json).unwrap(), totals);
}

#[test]
fn a_changed_number_no_longer_adds_up() {
    let right = totals(&document("EUR", vec![taxed(dec!(2), dec!(5), dec!(10))]), RoundingMode::Line);
    let cent = dec!(0.01);
    let changes: [fn(&mut Totals, Decimal); 8] = [
        |totals, cent| totals.lines[0].total += cent,
        |totals, cent| totals.sum += cent,
        |totals, cent| totals.discount += cent,
        |totals, cent| totals.charge += cent,
        |totals, cent| totals.taxes[0].amount += cent,
        |totals, cent| totals.total_with_tax += cent,
        |totals, cent| totals.payable += cent,
        |totals, cent| totals.due += cent,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut wrong = right.clone();
        change(&mut wrong, cent);
        assert!(wrong.check().is_err(), "change {index}");
    }
}

fn any_decimal(largest: i64, scale: u32) -> impl Strategy<Value = Decimal> {
    (-largest..=largest, 0..=scale).prop_map(|(number, scale)| Decimal::new(number, scale))
}

fn any_adjustment() -> impl Strategy<Value = Adjustment> {
    prop_oneof![
        any_decimal(100_000, 2).prop_map(Adjustment::Amount),
        (
            (-10_000_i64..=10_000).prop_map(|percent| Decimal::new(percent, 2)),
            prop::option::of(any_decimal(100_000, 2))
        )
            .prop_map(|(percent, base)| Adjustment::Percent { percent, base }),
        (any_decimal(1_000, 4), prop::option::of(any_decimal(1_000, 2)))
            .prop_map(|(rate, quantity)| Adjustment::PerUnit { rate, quantity }),
    ]
}

fn any_tax() -> impl Strategy<Value = Tax> {
    let kind = prop_oneof![3 => Just(TaxKind::Added), 1 => Just(TaxKind::Retained), 1 => Just(TaxKind::Informative)];
    let rate = prop_oneof![
        4 => (0_i64..3000).prop_map(|percent| TaxRate::Percent(Decimal::new(percent, 2))),
        1 => any_decimal(1_000, 3).prop_map(TaxRate::PerUnit),
        1 => Just(TaxRate::Exempt),
    ];
    let surcharge = prop::option::weighted(0.2, any_decimal(1_000, 2));
    ("[AB]", rate, surcharge, kind, any::<bool>()).prop_map(|(category, rate, surcharge, kind, raises_base)| Tax {
        rate,
        surcharge,
        kind,
        raises_base,
        ..Tax::percent(category, Decimal::ZERO)
    })
}

fn any_line(largest: i64) -> impl Strategy<Value = Line> {
    let lists = (prop::collection::vec(any_adjustment(), 0..3), prop::collection::vec(any_adjustment(), 0..2));
    let taxes = prop::collection::vec(any_tax(), 0..3);
    (any_decimal(largest, 4), any_decimal(largest, 6), 1_i64..1000, lists, taxes).prop_map(
        |(quantity, price, base, (discounts, charges), taxes)| Line {
            base_quantity: Decimal::new(base, 1),
            discounts,
            charges,
            taxes,
            ..Line::new(quantity, price)
        },
    )
}

fn any_document(largest: i64) -> impl Strategy<Value = Document> {
    let adjustment = || {
        let item = (any_adjustment(), prop::collection::vec(any_tax(), 0..2));
        prop::collection::vec(item.prop_map(|(value, taxes)| DocumentAdjustment { value, taxes }), 0..3)
    };
    let code = prop::sample::select(vec!["EUR", "JPY", "KWD", "CLF"]);
    let flags = (any::<bool>(), prop::option::of("[AB]"));
    let lines = prop::collection::vec(any_line(largest), 0..8);
    (code, flags, lines, adjustment(), adjustment(), any_decimal(10_000, 2)).prop_map(
        |(code, (compounding, prices_include), lines, discounts, charges, prepaid)| Document {
            compounding,
            prices_include,
            discounts,
            charges,
            prepaid,
            ..document(code, lines)
        },
    )
}

fn any_mode() -> impl Strategy<Value = RoundingMode> {
    prop::sample::select(RoundingMode::ALL.to_vec())
}

proptest! {
    #[test]
    fn totals_add_up(document in any_document(10_000), mode in any_mode()) {
        let totals = compute(&document, mode.policy()).unwrap();
        prop_assert_eq!(totals.check(), Ok(()));
        prop_assert_eq!(totals.total_with_tax.scale(), document.currency.decimals());
    }

    #[test]
    fn rounded_lines_need_no_differences(document in any_document(10_000)) {
        let totals = compute(&document, RoundingMode::Line.policy()).unwrap();
        prop_assert!(totals.line_difference.is_zero());
        prop_assert!(totals.tax_difference.is_zero());
    }

    #[test]
    fn the_differences_stay_below_half_a_unit_for_each_part(document in any_document(10_000)) {
        let totals = compute(&document, RoundingMode::Document.policy()).unwrap();
        let unit = Decimal::new(1, document.currency.decimals());
        let parts = document.lines.iter().map(|line| 1 + line.discounts.len() + line.charges.len()).sum::<usize>();
        prop_assert!(totals.line_difference.abs() <= unit * Decimal::from(parts + 1));
        prop_assert!(totals.tax_difference.abs() <= unit * Decimal::from(totals.taxes.len() * 2 + 1));
    }

    #[test]
    fn numbers_of_any_size_never_panic(document in any_document(i64::MAX), mode in any_mode()) {
        if let Ok(totals) = compute(&document, mode.policy()) {
            prop_assert_eq!(totals.check(), Ok(()));
        }
    }
}
