//! What people are shown of suppliers, orders and rates.

use crate::currency::Currency;
use crate::money;
use crate::order::{Order, OrderLine};
use crate::record::{ORDERS, read};
use crate::totals::{TaxTotals, Totals};
use modules::Object;
use modules::view::{Column, Fact, Table, View};
use rust_decimal::Decimal;
use serde_json::Value;
use time::Date;

/// For whom a view is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reader {
    Inside,
    Outside,
}

pub(crate) fn view(object: &Object, related: &[Object], reader: Reader) -> View {
    match (object.kind.as_str(), read(object)) {
        (ORDERS, Ok((order, totals))) => order_view(object, &order, &totals, related, reader),
        _ => plain_view(object),
    }
}

fn plain_view(object: &Object) -> View {
    let fields = object.data.as_object().into_iter().flatten();
    let facts = fields.filter_map(|(name, value)| value.as_str().map(|text| Fact::new(name.as_str(), text)));
    let title = object.data.get("name").and_then(Value::as_str).unwrap_or(&object.id).to_owned();
    View { title, facts: facts.collect(), ..View::default() }
}

fn order_view(object: &Object, order: &Order, totals: &Totals, related: &[Object], reader: Reader) -> View {
    View {
        title: format!("Purchase order {}", object.number.as_deref().unwrap_or(&object.id)),
        headline: money::human(totals.payable, totals.currency),
        facts: facts(object, order, related, reader),
        table: Some(table(order, totals)),
        totals: sums(totals),
        note: order.note.clone(),
    }
}

fn facts(object: &Object, order: &Order, related: &[Object], reader: Reader) -> Vec<Fact> {
    let named = object.data.pointer("/supplier/name").and_then(Value::as_str);
    let current = related
        .iter()
        .find(|object| object.id == order.supplier_id)
        .and_then(|supplier| supplier.data.get("name")?.as_str());
    let mut facts = vec![Fact::new("Supplier", named.or(current).unwrap_or(&order.supplier_id))];
    if let Some(date) = order.delivery_date {
        facts.push(Fact::new("Wanted by", long_day(date)));
    }
    if let Some(address) = &order.delivery_address {
        facts.push(Fact::new("Deliver to", address.lines().collect::<Vec<_>>().join(", ")));
    }
    if reader == Reader::Inside {
        let department = object.data.get("department_name").and_then(Value::as_str).or(order.department.as_deref());
        facts.extend(department.map(|department| Fact::new("Department", department)));
        facts.extend(order.category.as_ref().map(|category| Fact::new("Category", category)));
    }
    if object.revision > 1 {
        facts.push(Fact::new("Revision", object.revision.to_string()));
    }
    facts
}

fn table(order: &Order, totals: &Totals) -> Table {
    let columns = [("Item", false), ("Quantity", true), ("Unit price", true), ("Tax", true), ("Amount", true)];
    let columns = columns.map(|(title, numeric)| Column { title: title.to_owned(), numeric });
    let rows = order.lines.iter().zip(&totals.lines).map(|(line, sums)| row(line, totals, sums.total));
    Table { columns: columns.into(), rows: rows.collect() }
}

fn row(line: &OrderLine, totals: &Totals, net: Decimal) -> Vec<String> {
    let unit = line.unit.as_deref().map(unit_name).unwrap_or_default();
    vec![
        match &line.sku {
            Some(sku) => format!("{} ({sku})", line.description),
            None => line.description.clone(),
        },
        format!("{} {unit}", line.quantity.normalize()).trim().to_owned(),
        money::human(line.price, totals.currency),
        format!("{} %", line.tax.percent.normalize()),
        money::human(net, totals.currency),
    ]
}

/// Net, discounts, charges, taxes; the last one is what is to be paid.
pub(crate) fn sums(totals: &Totals) -> Vec<Fact> {
    let shown = |label: &str, value: Decimal| Fact::new(label, money::human(value, totals.currency));
    let mut sums = vec![shown("Lines", totals.sum)];
    if !totals.discount.is_zero() {
        sums.push(shown("Discount", -totals.discount));
    }
    if !totals.charge.is_zero() {
        sums.push(shown("Charges", totals.charge));
    }
    for tax in &totals.taxes {
        sums.push(shown(&tax_label(tax, totals.currency), tax.amount));
    }
    if !totals.tax_difference.is_zero() {
        sums.push(shown("Rounding", totals.tax_difference));
    }
    sums.push(shown("Total", totals.payable));
    sums
}

/// "Tax 0 %" would hide who pays the tax: under reverse charge (UNCL 5305 `AE`) the buyer owes it, and the document says so.
fn tax_label(tax: &TaxTotals, currency: Currency) -> String {
    let base = money::human(tax.base, currency);
    match (tax.category.as_str(), tax.percent) {
        ("AE", _) => format!("Reverse charge on {base}"),
        (_, Some(percent)) => format!("Tax {} % on {base}", percent.normalize()),
        (_, None) => format!("Tax on {base}"),
    }
}

/// The names of the units that are used most (UN/ECE recommendation 20); any other is shown by its code.
pub(crate) fn unit_name(code: &str) -> &str {
    match code {
        "C62" | "H87" | "EA" => "pcs",
        "HUR" => "h",
        "DAY" => "days",
        "KGM" => "kg",
        "MTR" => "m",
        "LTR" => "l",
        "MTK" => "m²",
        "SET" => "sets",
        other => other,
    }
}

/// `15 January 2027`.
pub(crate) fn long_day(date: Date) -> String {
    format!("{} {} {}", date.day(), date.month(), date.year())
}

/// What changed from one revision to the next, a sentence each.
pub(crate) fn changes(before: &Value, after: &Value) -> Vec<String> {
    let text = |data: &Value, pointer: &str| data.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let mut found = Vec::new();
    for (pointer, label) in [
        ("/total", "Total"),
        ("/supplier/name", "Supplier"),
        ("/delivery_date", "Wanted by"),
        ("/delivery_address", "Delivery address"),
        ("/note", "Note"),
        ("/department", "Department"),
    ] {
        found.extend(change(label, text(before, pointer), text(after, pointer)));
    }
    let lines = |data: &Value| data.get("lines").and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (lines(before), lines(after));
    for (n, (old, new)) in old.iter().zip(&new).enumerate() {
        for (pointer, label) in [("/description", "item"), ("/quantity", "quantity"), ("/price", "price")] {
            found.extend(change(&format!("Line {}, {label}", n + 1), text(old, pointer), text(new, pointer)));
        }
    }
    match (old.len(), new.len()) {
        (before, after) if before < after => found.push(format!("{} more lines", after - before)),
        (before, after) if before > after => found.push(format!("{} lines fewer", before - after)),
        _ => {}
    }
    found
}

fn change(label: &str, before: Option<String>, after: Option<String>) -> Option<String> {
    match (before, after) {
        (before, after) if before == after => None,
        (Some(before), Some(after)) => Some(format!("{label}: {before} → {after}")),
        (None, Some(after)) => Some(format!("{label}: {after} (new)")),
        (Some(before), None) => Some(format!("{label}: {before} (removed)")),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{changes, sums};
    use crate::order::Order;
    use crate::rounding::RoundingMode;
    use serde_json::json;

    #[test]
    fn reverse_charge_is_said_and_other_zero_taxes_are_as_they_are() {
        let line = |price: &str, category: &str, percent: &str| json!({ "description": "x", "quantity": "1", "price": price, "tax": { "category": category, "percent": percent } });
        let lines =
            [line("12400.00", "AE", "0"), line("3.00", "Z", "0"), line("4.00", "E", "0"), line("100.00", "S", "19")];
        let order = Order::parse(&json!({ "supplier_id": "s", "currency": "EUR", "lines": lines })).unwrap();
        let sums = sums(&order.totals(RoundingMode::Line).unwrap());
        let labels: Vec<&str> = sums.iter().map(|fact| fact.label.as_str()).collect();
        let expected = [
            "Lines",
            "Reverse charge on 12,400.00 EUR",
            "Tax 0 % on 3.00 EUR",
            "Tax 0 % on 4.00 EUR",
            "Tax 19 % on 100.00 EUR",
            "Total",
        ];
        assert_eq!(labels, expected);
    }

    #[test]
    fn changes_are_told_line_by_line() {
        let before =
            json!({ "total": "12.00", "note": "x", "lines": [{ "quantity": "1", "price": "2" }, { "quantity": "5" }] });
        let after = json!({ "total": "10.00", "lines": [{ "quantity": "3", "price": "2" }] });
        let expected = ["Total: 12.00 → 10.00", "Note: x (removed)", "Line 1, quantity: 1 → 3", "1 lines fewer"];
        assert_eq!(changes(&before, &after), expected);
        assert!(changes(&after, &after).is_empty());
    }
}
