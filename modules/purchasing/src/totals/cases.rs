//! Recorded totals of other systems, re-computed.
//!
//! The full recordings lie beside the repository; a copy of some of them lies in `tests-data` with its sources and
//! licences, so that the tests mean something in a bare checkout too.

mod gobl;
mod peppol;
mod restated;

use std::path::PathBuf;

use rust_decimal::Decimal;
use serde_json::Value;

use super::{Adjustment, Totals};

/// One recorded case and what did not match in it.
struct Case {
    name: String,
    wrong: Vec<String>,
}

impl Case {
    fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), wrong: Vec::new() }
    }

    /// Compares a computed number with the recorded text. A record with more decimals than the currency has was taken
    /// before rounding, so it is compared with the exact number.
    fn number(&mut self, what: &str, recorded: &Value, shown: Decimal, exact: Decimal) {
        let recorded = decimal(recorded);
        let computed = if recorded.scale() > shown.scale() { exact.round_dp(recorded.scale()) } else { shown };
        self.same(what, recorded, computed);
    }

    fn same<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, recorded: T, computed: T) {
        if recorded != computed {
            self.wrong.push(format!("{what}: recorded {recorded:?}, computed {computed:?}"));
        }
    }

    /// The totals must add up again, whatever was recorded.
    fn adds_up(&mut self, totals: &Totals) {
        self.wrong.extend(totals.check().err());
    }
}

/// Reads `name` from the full recordings or, in a bare checkout, from `tests-data`.
fn load(name: &str) -> Vec<Value> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let full = root.join("../../../shared/cases").join(name);
    let path = if full.exists() { full } else { root.join("tests-data").join(name) };
    read(&path)
}

fn read(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The copies in the repository.
fn copied(name: &str) -> Vec<Value> {
    read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests-data").join(name))
}

/// Fails with every mismatch of every case, and prints how many were compared.
fn report(name: &str, cases: &[Case]) {
    assert!(!cases.is_empty(), "{name}: no cases were read");
    let wrong: Vec<String> =
        cases.iter().flat_map(|case| case.wrong.iter().map(move |wrong| format!("{}: {wrong}", case.name))).collect();
    eprintln!("{name}: {} cases compared, {} mismatches", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{name}:\n{}", wrong.join("\n"));
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A recorded number: text, sometimes with `%`, sometimes a JSON integer.
fn decimal(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), |text| text.trim_end_matches('%').to_owned());
    Decimal::from_str_exact(&text).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn number(value: &Value, key: &str) -> Option<Decimal> {
    value.get(key).map(decimal)
}

/// A discount or charge as GOBL and Peppol record it: a stated percentage wins over a stated amount.
fn adjustment(value: &Value) -> Adjustment {
    if let Some(percent) = number(value, "percent") {
        return Adjustment::Percent { percent, base: number(value, "base") };
    }
    if let Some(rate) = number(value, "rate") {
        return Adjustment::PerUnit { rate, quantity: number(value, "quantity") };
    }
    Adjustment::Amount(number(value, "amount").unwrap())
}

/// Every way to change one number somewhere in `value` by 0.01.
fn changed_by_a_cent(value: &Value) -> Vec<Value> {
    match value {
        Value::String(text) => Decimal::from_str_exact(text.trim_end_matches('%'))
            .map(|number| Value::from((number + Decimal::new(1, 2)).to_string()))
            .into_iter()
            .collect(),
        Value::Array(items) => (0..items.len())
            .flat_map(|index| {
                changed_by_a_cent(&items[index]).into_iter().map(move |changed| {
                    let mut items = items.clone();
                    items[index] = changed;
                    Value::from(items)
                })
            })
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, field)| {
                changed_by_a_cent(field).into_iter().map(move |changed| {
                    let mut fields = fields.clone();
                    fields.insert(name.clone(), changed);
                    Value::from(fields)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}
