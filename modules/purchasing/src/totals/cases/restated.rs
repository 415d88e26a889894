//! Cases that tell rounding modes apart, restated from the public tests of GOBL, Tryton and OCA.

use serde_json::{Map, Value, json};

use super::*;
use crate::currency::Currency;
use crate::rounding::{Midpoint, Policy, RoundingMode};
use crate::totals::{Document, Line, LineTotals, Tax, compute};

/// Cases that state no totals to compute, with the reason. Never skipped silently: a case that is neither computed nor
/// named here fails.
const NOT_MODELLED: [(&str, &str); 1] =
    [("tryton-08", "finds the net price behind a gross price with compound taxes, whose taxes it does not state")];

/// Expectations that are about the workflow, not about money.
const NOT_MONEY: [&str; 5] = ["state_after_quote_confirm", "quoted_by", "confirmed_by", "revision", "supplier"];

#[test]
fn rounding_modes_give_what_was_recorded() {
    check("restated_rounding", &load("restated_rounding.jsonl"));
}

#[test]
fn copied_rounding_modes_give_what_was_recorded() {
    check("restated_rounding (copied)", &copied("restated_rounding.jsonl"));
}

#[test]
fn a_changed_expectation_is_noticed() {
    for recorded in copied("restated_rounding.jsonl") {
        for expected in changed_by_a_cent(&without_labels(&recorded["expect"])) {
            let mut changed = recorded.clone();
            changed["expect"] = expected;
            assert!(!run(&changed).wrong.is_empty(), "{changed}");
        }
    }
}

/// The percentage of an expected tax names it and is not compared.
fn without_labels(expected: &Value) -> Value {
    let mut expected = expected.clone();
    for tax in expected.get_mut("taxes").and_then(Value::as_array_mut).into_iter().flatten() {
        tax.as_object_mut().unwrap().shift_remove("percent");
    }
    expected
}

fn check(name: &str, recorded: &[Value]) {
    let named = |case: &&Value| NOT_MODELLED.iter().any(|(id, _)| text(case, "id") == Some(id));
    let left_out: Vec<&Value> = recorded.iter().filter(named).collect();
    for case in &left_out {
        eprintln!("{name}: {} is not modelled", case["id"]);
    }
    let cases: Vec<Case> = recorded.iter().filter(|case| !named(case)).map(run).collect();
    report(name, &cases);
    let all_present = recorded.iter().any(|case| text(case, "id") == Some("tryton-08"));
    assert_eq!(left_out.len(), if all_present { NOT_MODELLED.len() } else { 0 });
    assert_eq!(cases.len() + left_out.len(), recorded.len());
}

fn run(recorded: &Value) -> Case {
    let mut case = Case::new(text(recorded, "id").unwrap());
    if text(recorded, "mode") == Some("amendment") {
        let (before, after) = amended(recorded);
        compare(&mut case, &before, &before["expect"]);
        compare(&mut case, &after, &recorded["expect"]);
    } else {
        compare(&mut case, recorded, &recorded["expect"]);
    }
    case
}

/// The order before and after its amendment, each with what is expected of it.
fn amended(recorded: &Value) -> (Value, Value) {
    let mut lines = list(&recorded["before"], "lines").to_vec();
    let before = json!({"mode": "amendment", "lines": lines, "expect": {"total": recorded["before"]["total"]}});
    for change in list(recorded, "amendment") {
        let Some(index) = change.get("line").and_then(Value::as_u64) else { continue };
        let line = lines[usize::try_from(index).unwrap()].as_object_mut().unwrap();
        let changed = change.as_object().unwrap().iter().filter(|(key, _)| *key != "line");
        line.extend(changed.map(|(key, value)| (key.clone(), value.clone())));
    }
    (before, json!({"mode": "amendment", "lines": lines}))
}

fn compare(case: &mut Case, recorded: &Value, expected: &Value) {
    let totals = compute(&document(recorded), policy(text(recorded, "mode").unwrap())).unwrap();
    case.adds_up(&totals);
    for (key, value) in expected.as_object().unwrap() {
        match key.as_str() {
            "rounded" => compare_rounded(case, value.as_object().unwrap(), &totals),
            "taxes" => compare_taxes(case, value.as_array().unwrap(), &totals),
            "line_totals" => {
                let expected: Vec<Decimal> = value.as_array().unwrap().iter().map(decimal).collect();
                case.same(key, expected, totals.lines.iter().map(|line| line.total).collect());
            }
            key if NOT_MONEY.contains(&key) => {}
            key => {
                let (shown, exact) = amount(key, &totals).unwrap_or_else(|| panic!("{key} is not compared"));
                case.number(key, value, shown, exact);
            }
        }
    }
}

fn compare_rounded(case: &mut Case, expected: &Map<String, Value>, totals: &Totals) {
    for (key, value) in expected {
        let (shown, _) = amount(key, totals).unwrap_or_else(|| panic!("{key} is not compared"));
        case.same(key, decimal(value), shown);
    }
}

fn compare_taxes(case: &mut Case, expected: &[Value], totals: &Totals) {
    let amount_of = |tax: &Value| decimal(tax.get("amount").unwrap_or(&tax["tax"]));
    let expected: Vec<_> = expected.iter().map(|tax| (decimal(&tax["base"]), amount_of(tax))).collect();
    case.same("taxes", expected, totals.taxes.iter().map(|tax| (tax.base, tax.amount)).collect());
}

/// The shown and the exact number behind a recorded name.
fn amount(key: &str, totals: &Totals) -> Option<(Decimal, Decimal)> {
    let first = totals.lines.first()?;
    let exact_sum = || totals.lines.iter().map(|line| line.exact_total).sum();
    Some(match key {
        "line_sum" => (first.sum, first.sum),
        "line_discount" => (first.discounts.iter().sum(), first.discounts.iter().sum()),
        "line_charge" => (first.charges.iter().sum(), exact_charge(first)),
        "line_total" => (first.total, first.exact_total),
        "sum" | "base" | "untaxed" => (totals.sum, exact_sum()),
        "tax" => (totals.tax, totals.tax),
        "total" => (totals.total_with_tax, totals.total_with_tax),
        _ => return None,
    })
}

/// Of a line without discounts.
fn exact_charge(line: &LineTotals) -> Decimal {
    line.exact_total - line.sum
}

fn policy(mode: &str) -> Policy {
    let tryton = |mode: RoundingMode| Policy { midpoint: Midpoint::HalfEven, signs_apart: true, ..mode.policy() };
    match mode {
        "currency" | "currency(line)" | "cascading_discount" => RoundingMode::Line.policy(),
        "precise" => RoundingMode::Document.policy(),
        "tax_rounding=line" => tryton(RoundingMode::TaxLine),
        "tax_rounding=document" | "document" | "default" | "amendment" => tryton(RoundingMode::TaxDocument),
        other => panic!("unknown mode {other}"),
    }
}

fn document(recorded: &Value) -> Document {
    let mut document = Document::new(Currency::parse(text(recorded, "currency").unwrap_or("EUR")).unwrap());
    document.compounding = text(recorded, "mode") == Some("cascading_discount");
    let repeated = &recorded["lines"];
    document.lines = match repeated.get("repeat").and_then(Value::as_u64) {
        Some(times) => (0..times).map(|_| line(repeated, recorded)).collect(),
        None => list(recorded, "lines")
            .iter()
            .filter(|line| line.get("comment").is_none())
            .map(|item| line(item, recorded))
            .collect(),
    };
    document
}

fn line(recorded: &Value, document: &Value) -> Line {
    let price = number(recorded, "price").or_else(|| number(recorded, "unit_price")).unwrap();
    let mut line = Line::new(number(recorded, "quantity").unwrap(), price);
    line.discounts = list(recorded, "discounts").iter().map(percent_or_adjustment).collect();
    line.charges = list(recorded, "charges").iter().map(percent_or_adjustment).collect();
    let own = list(recorded, "taxes").iter().chain(recorded.get("tax_percent"));
    let shared = list(document, "tax_percent");
    line.taxes = own.chain(shared).map(|tax| self::tax(tax.as_str().unwrap())).collect();
    line
}

/// OCA records a discount as a bare percentage.
fn percent_or_adjustment(recorded: &Value) -> Adjustment {
    if recorded.is_object() {
        return adjustment(recorded);
    }
    Adjustment::Percent { percent: decimal(recorded), base: None }
}

/// `10` or `10 (A)`.
fn tax(recorded: &str) -> Tax {
    let (percent, label) = recorded.split_once(' ').unwrap_or((recorded, ""));
    Tax { label: label.to_owned(), ..Tax::percent("tax", Decimal::from_str_exact(percent).unwrap()) }
}
