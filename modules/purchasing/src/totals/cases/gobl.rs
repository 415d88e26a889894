//! Documents of many countries with the totals that GOBL computed for them.

use serde_json::Value;

use super::*;
use crate::currency::Currency;
use crate::money::Amount;
use crate::rates::{Rate, convert};
use crate::rounding::{Midpoint, RoundingMode};
use crate::totals::{Document, DocumentAdjustment, Line, Tax, TaxKind, TaxRate, compute};

#[test]
fn documents_have_the_totals_that_gobl_recorded() {
    let cases: Vec<Case> = load("gobl_totals.jsonl").iter().map(run).collect();
    report("gobl_totals", &cases);
}

#[test]
fn copied_documents_have_the_totals_that_gobl_recorded() {
    let cases: Vec<Case> = copied("gobl_totals.jsonl").iter().map(run).collect();
    report("gobl_totals (copied)", &cases);
}

#[test]
fn a_changed_document_total_is_noticed() {
    for recorded in copied("gobl_totals.jsonl") {
        for key in ["sum", "discount", "charge", "total", "tax", "total_with_tax", "payable"] {
            let Some(value) = recorded["totals"].get(key) else { continue };
            let mut changed = recorded.clone();
            changed["totals"][key] = changed_by_a_cent(value).remove(0);
            assert!(!run(&changed).wrong.is_empty(), "{} {key}", recorded["source"]);
        }
    }
}

fn run(recorded: &Value) -> Case {
    let mut case = Case::new(text(recorded, "source").unwrap());
    let document = document(recorded);
    let mode = match text(recorded, "rounding") {
        Some("currency") => RoundingMode::Line,
        None | Some("precise") => RoundingMode::Document,
        Some(other) => panic!("unknown rounding {other}"),
    };
    let totals = compute(&document, mode.policy()).unwrap();
    case.adds_up(&totals);
    compare_lines(&mut case, recorded, &totals);
    compare_totals(&mut case, &recorded["totals"], &totals);
    compare_taxes(&mut case, &recorded["totals"], &totals);
    compare_prices(&mut case, recorded, document.currency);
    case
}

fn document(recorded: &Value) -> Document {
    let totals = &recorded["totals"];
    let mut document = Document::new(Currency::parse(text(recorded, "currency").unwrap()).unwrap());
    document.prices_include = text(recorded, "prices_include").map(str::to_owned);
    document.lines = list(recorded, "lines").iter().map(|line| self::line(line, totals)).collect();
    document.discounts = list(recorded, "discounts").iter().map(|item| document_adjustment(item, totals)).collect();
    document.charges = list(recorded, "charges").iter().map(|item| document_adjustment(item, totals)).collect();
    document.payable_adjustment = number(totals, "rounding").unwrap_or_default();
    document.prepaid = number(totals, "advance").unwrap_or_default();
    document
}

fn line(recorded: &Value, totals: &Value) -> Line {
    let mut line = Line::new(number(recorded, "quantity").unwrap(), number(recorded, "price").unwrap());
    line.discounts = list(recorded, "discounts").iter().map(adjustment).collect();
    line.charges = list(recorded, "charges").iter().map(adjustment).collect();
    line.taxes = taxes(recorded, totals);
    line
}

fn document_adjustment(recorded: &Value, totals: &Value) -> DocumentAdjustment {
    DocumentAdjustment { value: adjustment(recorded), taxes: taxes(recorded, totals) }
}

fn taxes(recorded: &Value, totals: &Value) -> Vec<Tax> {
    list(recorded, "taxes").iter().map(|tax| self::tax(tax, totals)).collect()
}

/// Whether a category is withheld is a fact of the country's tax law that the record states with its totals.
fn tax(recorded: &Value, totals: &Value) -> Tax {
    let category = text(recorded, "cat").unwrap();
    let known = list(&totals["taxes"], "categories").iter().find(|known| text(known, "code") == Some(category));
    let flag = |name: &str| known.and_then(|known| known.get(name)).and_then(Value::as_bool).unwrap_or(false);
    let kind = match (flag("retained"), flag("informative")) {
        (true, _) => TaxKind::Retained,
        (_, true) => TaxKind::Informative,
        _ => TaxKind::Added,
    };
    Tax {
        category: category.to_owned(),
        label: format!("{} {} {}", recorded["country"], recorded["key"], recorded["ext"]),
        rate: number(recorded, "percent").map_or(TaxRate::Exempt, TaxRate::Percent),
        surcharge: number(recorded, "surcharge"),
        kind,
        raises_base: false,
    }
}

fn compare_lines(case: &mut Case, recorded: &Value, totals: &Totals) {
    let lines = list(recorded, "lines");
    case.same("lines", lines.len(), totals.lines.len());
    for (index, (line, computed)) in lines.iter().zip(&totals.lines).enumerate() {
        case.number(&format!("lines/{index}/sum"), &line["sum"], computed.sum, computed.sum);
        case.number(&format!("lines/{index}/total"), &line["total"], computed.total, computed.exact_total);
        for (discount, amount) in list(line, "discounts").iter().zip(&computed.discounts) {
            case.number(&format!("lines/{index}/discount"), &discount["amount"], *amount, *amount);
        }
    }
}

fn compare_totals(case: &mut Case, recorded: &Value, totals: &Totals) {
    let computed = [
        ("sum", totals.sum),
        ("discount", totals.discount),
        ("charge", totals.charge),
        ("tax_included", totals.tax_included),
        ("total", totals.total),
        ("tax", totals.tax),
        ("total_with_tax", totals.total_with_tax),
        ("retained_tax", totals.retained),
        ("rounding", totals.payable_adjustment),
        ("payable", totals.payable),
        ("advance", totals.prepaid),
    ];
    for (key, amount) in computed {
        case.same(key, number(recorded, key).unwrap_or_default(), amount);
    }
    case.same("due", number(recorded, "due").unwrap_or(totals.payable), totals.due);
    let known: Vec<&str> = computed.iter().map(|(key, _)| *key).chain(["due", "taxes"]).collect();
    let unknown: Vec<&String> =
        recorded.as_object().unwrap().keys().filter(|key| !known.contains(&key.as_str())).collect();
    case.same("totals that are not compared", Vec::new(), unknown);
}

fn compare_taxes(case: &mut Case, recorded: &Value, totals: &Totals) {
    let mut expected = Vec::new();
    for category in list(&recorded["taxes"], "categories") {
        for rate in list(category, "rates") {
            let surcharge = number(&rate["surcharge"], "amount").unwrap_or_default();
            let code = text(category, "code").unwrap().to_owned();
            expected.push((code, number(rate, "percent"), number(rate, "base"), number(rate, "amount"), surcharge));
        }
    }
    let computed = totals
        .taxes
        .iter()
        .map(|tax| (tax.category.clone(), tax.percent, Some(tax.base), Some(tax.amount), tax.surcharge_amount));
    let mut computed: Vec<_> = computed.collect();
    expected.sort();
    computed.sort();
    case.same("taxes", expected, computed);
}

/// A price that was stated in another currency is the converted price where the record has a direct rate.
fn compare_prices(case: &mut Case, recorded: &Value, currency: Currency) {
    for line in list(recorded, "lines") {
        for alternative in list(line, "alt_prices") {
            let from = text(alternative, "currency").unwrap();
            let direct = |rate: &&Value| text(rate, "from") == Some(from) && text(rate, "to") == Some(currency.code());
            let Some(rate) = list(recorded, "exchange_rates").iter().find(direct) else { continue };
            let rate = Rate::parse_number(text(rate, "amount").unwrap()).unwrap();
            let amount = Amount::parse(text(alternative, "value").unwrap(), Currency::parse(from).unwrap()).unwrap();
            let converted = convert(amount, currency, rate, Midpoint::HalfUp).unwrap();
            case.same("converted price", number(line, "price").unwrap(), converted.value());
        }
    }
}
