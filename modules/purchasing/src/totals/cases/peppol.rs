//! Orders of the Peppol BIS examples with the totals that they state.

use serde_json::Value;

use super::*;
use crate::currency::Currency;
use crate::rounding::RoundingMode;
use crate::totals::{Document, DocumentAdjustment, Line, Tax, compute};

/// Orders whose stated tax does not follow from their own rates (rule R016 only asks that the totals add up with the
/// tax that is stated). Their tax is an input, everything else is computed.
const STATED_TAX: [&str; 3] = [
    "rules/examples/Order_Example.xml",
    "rules/snippets/order/snippet-02.xml",
    "rules/snippets/order/snippet-advanced.xml",
];

#[test]
fn orders_have_the_totals_that_they_state() {
    check("peppol_orders", &load("peppol_orders.jsonl"));
}

#[test]
fn copied_orders_have_the_totals_that_they_state() {
    check("peppol_orders (copied)", &copied("peppol_orders.jsonl"));
}

#[test]
fn a_changed_order_total_is_noticed() {
    for recorded in copied("peppol_orders.jsonl") {
        for totals in changed_by_a_cent(&recorded["totals"]) {
            let mut changed = recorded.clone();
            changed["totals"] = totals;
            let inputs = ["prepaid", "rounding"];
            if inputs.iter().all(|key| changed["totals"].get(key) == recorded["totals"].get(key)) {
                assert!(!run(&changed, RoundingMode::Line).wrong.is_empty(), "{changed}");
            }
        }
    }
}

/// Peppol leaves the rounding to the parties; its examples must come out the same in every mode.
fn check(name: &str, recorded: &[Value]) {
    for mode in RoundingMode::ALL {
        let cases: Vec<Case> = recorded.iter().map(|order| run(order, mode)).collect();
        report(&format!("{name}, {mode:?}"), &cases);
    }
    let stated = recorded.iter().filter(|order| STATED_TAX.contains(&text(order, "source").unwrap())).count();
    eprintln!("{name}: {stated} of {} state a tax that their rates do not give", recorded.len());
}

fn run(recorded: &Value, mode: RoundingMode) -> Case {
    let source = text(recorded, "source").unwrap();
    let mut case = Case::new(source);
    let mut document = document(recorded);
    let stated = number(recorded, "tax_total");
    let computed = compute(&document, mode.policy()).unwrap();
    let follows = stated.is_none_or(|stated| stated == computed.tax);
    case.same("the stated tax follows from the rates", !STATED_TAX.contains(&source), follows);
    document.stated_tax = stated;
    let totals = compute(&document, mode.policy()).unwrap();
    case.adds_up(&totals);
    for (index, (line, computed)) in list(recorded, "lines").iter().zip(&totals.lines).enumerate() {
        case.same(&format!("lines/{index}/net"), number(line, "net").unwrap(), computed.total);
    }
    compare(&mut case, &recorded["totals"], &totals);
    case
}

fn compare(case: &mut Case, recorded: &Value, totals: &Totals) {
    let computed = [
        ("line_extension", totals.sum),
        ("tax_exclusive", totals.total),
        ("tax_inclusive", totals.total_with_tax),
        ("allowances", totals.discount),
        ("charges", totals.charge),
        ("prepaid", totals.prepaid),
        ("rounding", totals.payable_adjustment),
        ("payable", totals.due),
    ];
    for (key, recorded) in recorded.as_object().unwrap() {
        let found = computed.iter().find(|(name, _)| name == key);
        case.same(key, Some(decimal(recorded)), found.map(|(_, amount)| *amount));
    }
}

fn document(recorded: &Value) -> Document {
    let totals = &recorded["totals"];
    let mut document = Document::new(Currency::parse(text(recorded, "currency").unwrap()).unwrap());
    document.lines = list(recorded, "lines").iter().map(line).collect();
    document.discounts = adjustments(recorded, false).map(document_adjustment).collect();
    document.charges = adjustments(recorded, true).map(document_adjustment).collect();
    document.payable_adjustment = number(totals, "rounding").unwrap_or_default();
    document.prepaid = number(totals, "prepaid").unwrap_or_default();
    document
}

fn line(recorded: &Value) -> Line {
    let mut line = Line::new(number(recorded, "quantity").unwrap(), number(recorded, "price").unwrap());
    line.base_quantity = number(recorded, "base_quantity").unwrap_or(Decimal::ONE);
    line.discounts = adjustments(recorded, false).map(adjustment).collect();
    line.charges = adjustments(recorded, true).map(adjustment).collect();
    line.taxes = taxes(recorded);
    line
}

fn adjustments(recorded: &Value, charge: bool) -> impl Iterator<Item = &Value> {
    list(recorded, "allowance_charges").iter().filter(move |item| item["charge"] == charge)
}

fn document_adjustment(recorded: &Value) -> DocumentAdjustment {
    DocumentAdjustment { value: adjustment(recorded), taxes: taxes(recorded) }
}

fn taxes(recorded: &Value) -> Vec<Tax> {
    let category = text(recorded, "tax_category");
    category
        .map(|category| Tax::percent(category, number(recorded, "tax_percent").unwrap_or_default()))
        .into_iter()
        .collect()
}
