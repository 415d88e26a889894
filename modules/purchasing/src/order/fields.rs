//! The fields of an order, what they may contain, and what is said when they do not.

use rust_decimal::Decimal;
use serde_json::Value;
use time::Date;
use time::macros::format_description;

use super::{AdjustmentValue, LineAdjustment, MAX_ADJUSTMENTS, MAX_LINES, Order, OrderAdjustment, OrderLine, OrderTax};
use crate::currency::Currency;
use crate::money::MAX_QUANTITY_DECIMALS;
use crate::reader::{NumberRule, Object, Reader, TextRule, code};

const NAME: TextRule = TextRule { max_characters: 64, several_lines: false };
const REASON: TextRule = TextRule { max_characters: 200, several_lines: false };
const DESCRIPTION: TextRule = TextRule { max_characters: 500, several_lines: false };
const ADDRESS: TextRule = TextRule { max_characters: 500, several_lines: true };
const NOTE: TextRule = TextRule { max_characters: 2_000, several_lines: true };

const QUANTITY: NumberRule = NumberRule {
    what: "a quantity",
    decimals_of: "a quantity",
    max_decimals: MAX_QUANTITY_DECIMALS,
    zero_allowed: false,
    max: None,
};
const PERCENT: NumberRule = NumberRule {
    what: "a percentage",
    decimals_of: "a percentage",
    max_decimals: 4,
    zero_allowed: true,
    max: Some(Decimal::ONE_HUNDRED),
};
/// More decimals than any currency has (ISO 4217 knows 4), for what is read although its currency is unknown.
const ANY_CURRENCY_DECIMALS: u32 = 13;

/// Tax categories of EN 16931 (UNCL 5305) that carry a percentage.
const TAXED: [&str; 4] = ["S", "L", "M", "B"];
/// Those without tax: zero rated, exempt, reverse charge, intra-community, export, outside scope.
const UNTAXED: [&str; 6] = ["Z", "E", "AE", "K", "G", "O"];

const ORDER_FIELDS: [&str; 10] = [
    "supplier_id",
    "currency",
    "delivery_date",
    "delivery_address",
    "department",
    "category",
    "note",
    "lines",
    "discounts",
    "charges",
];
const LINE_FIELDS: [&str; 8] = ["description", "sku", "quantity", "unit", "price", "discounts", "charges", "tax"];

/// Every field is read before the first `?` looks at a result: a problem in one must not hide those after it.
pub(super) fn order(reader: &mut Reader, value: &Value) -> Option<Order> {
    let object = reader.object(String::new(), value, &ORDER_FIELDS)?;
    let supplier_id = reader.text(&object, "supplier_id", NAME, "name the supplier");
    let currency = currency(reader, &object);
    let delivery_date = delivery_date(reader, &object);
    let delivery_address = reader.optional_text(&object, "delivery_address", ADDRESS);
    let department = reader.optional_text(&object, "department", NAME);
    let category = reader.optional_text(&object, "category", NAME);
    let note = reader.optional_text(&object, "note", NOTE);
    let lines = lines(reader, &object, currency);
    let discounts = order_adjustments(reader, &object, "discounts", currency);
    let charges = order_adjustments(reader, &object, "charges", currency);
    Some(Order {
        supplier_id: supplier_id?,
        currency: currency?,
        delivery_date: delivery_date?,
        delivery_address: delivery_address?,
        department: department?,
        category: category?,
        note: note?,
        lines: lines?,
        discounts: discounts?,
        charges: charges?,
    })
}

fn currency(reader: &mut Reader, object: &Object<'_>) -> Option<Currency> {
    let (pointer, value) = reader.required(object, "currency", "send an ISO 4217 code such as EUR")?;
    let currency = Currency::parse(reader.string(&pointer, value, "EUR")?);
    currency.map_err(|error| reader.problem(pointer, code(&error), error.to_string())).ok()
}

/// The outer `None` is a problem, the inner one an absent field.
fn delivery_date(reader: &mut Reader, object: &Object<'_>) -> Option<Option<Date>> {
    let (pointer, value) = object.field("delivery_date");
    let Some(value) = value else { return Some(None) };
    let text = reader.string(&pointer, value, "2026-03-31")?;
    let date = Date::parse(text, format_description!("[year]-[month]-[day]"));
    // The parser takes a sign before the year; a calendar day has exactly ten characters.
    match date {
        Ok(date) if text.len() == 10 => Some(Some(date)),
        _ => {
            reader.problem(pointer, "not-a-date", "this is no calendar day; write year-month-day such as 2026-03-31");
            None
        }
    }
}

fn lines(reader: &mut Reader, object: &Object<'_>, currency: Option<Currency>) -> Option<Vec<OrderLine>> {
    let (pointer, _) = reader.required(object, "lines", "an order has at least one line")?;
    let lines = reader.list(object, "lines", MAX_LINES, |reader, at, value| line(reader, at, value, currency))?;
    if lines.is_empty() {
        reader.problem(pointer, "too-few", "an order has at least one line; add one");
        return None;
    }
    Some(lines)
}

fn line(reader: &mut Reader, pointer: String, value: &Value, currency: Option<Currency>) -> Option<OrderLine> {
    let object = reader.object(pointer, value, &LINE_FIELDS)?;
    let description = reader.text(&object, "description", DESCRIPTION, "say what is ordered");
    let sku = reader.optional_text(&object, "sku", NAME);
    let quantity = required_number(reader, &object, "quantity", QUANTITY);
    let unit = unit(reader, &object);
    let price = required_number(reader, &object, "price", money_rule("a price", currency));
    let discounts = line_adjustments(reader, &object, "discounts", currency);
    let charges = line_adjustments(reader, &object, "charges", currency);
    let tax = tax(reader, &object);
    Some(OrderLine {
        description: description?,
        sku: sku?,
        quantity: quantity?,
        unit: unit?,
        price: price?,
        discounts: discounts?,
        charges: charges?,
        tax: tax?,
    })
}

fn required_number(reader: &mut Reader, object: &Object<'_>, name: &str, rule: NumberRule) -> Option<Decimal> {
    let (pointer, value) = reader.required(object, name, "send the number as text such as \"12.5\"")?;
    reader.number(pointer, value, rule)
}

/// The outer `None` is a problem, the inner one an absent field.
fn unit(reader: &mut Reader, object: &Object<'_>) -> Option<Option<String>> {
    let (pointer, value) = object.field("unit");
    let Some(value) = value else { return Some(None) };
    let code = reader.string(&pointer, value, "C62")?;
    let known_shape = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    if (2..=3).contains(&code.len()) && code.bytes().all(known_shape) {
        return Some(Some(code.to_owned()));
    }
    let message =
        "this is no UN/ECE unit code; write two or three capitals or digits such as C62 (piece) or HUR (hour)";
    reader.problem(pointer, "not-a-unit", message);
    None
}

fn line_adjustments(
    reader: &mut Reader,
    object: &Object<'_>,
    name: &str,
    currency: Option<Currency>,
) -> Option<Vec<LineAdjustment>> {
    reader.list(object, name, MAX_ADJUSTMENTS, |reader, pointer, value| {
        let object = reader.object(pointer, value, &["reason", "percent", "amount"])?;
        adjustment(reader, &object, currency)
    })
}

fn order_adjustments(
    reader: &mut Reader,
    object: &Object<'_>,
    name: &str,
    currency: Option<Currency>,
) -> Option<Vec<OrderAdjustment>> {
    reader.list(object, name, MAX_ADJUSTMENTS, |reader, pointer, value| {
        let object = reader.object(pointer, value, &["reason", "percent", "amount", "tax"])?;
        let adjustment = adjustment(reader, &object, currency);
        let tax = tax(reader, &object);
        Some(OrderAdjustment { adjustment: adjustment?, tax: tax? })
    })
}

fn adjustment(reader: &mut Reader, object: &Object<'_>, currency: Option<Currency>) -> Option<LineAdjustment> {
    let reason = reader.optional_text(object, "reason", REASON);
    let value = adjustment_value(reader, object, currency);
    Some(LineAdjustment { reason: reason?, value: value? })
}

fn adjustment_value(reader: &mut Reader, object: &Object<'_>, currency: Option<Currency>) -> Option<AdjustmentValue> {
    match (object.field("percent"), object.field("amount")) {
        ((_, None), (_, None)) => {
            reader.problem(object.pointer.as_str(), "missing", "neither percent nor amount is there; send one of them");
            None
        }
        ((_, Some(_)), (_, Some(_))) => {
            reader.problem(object.pointer.as_str(), "ambiguous", "percent and amount are both there; send only one");
            None
        }
        ((pointer, Some(percent)), _) => reader.number(pointer, percent, PERCENT).map(AdjustmentValue::Percent),
        (_, (pointer, Some(amount))) => {
            reader.number(pointer, amount, money_rule("an amount", currency)).map(AdjustmentValue::Amount)
        }
    }
}

/// A price or an amount: at most the decimals of the order's currency.
///
/// When the currency itself is wrong, that is the problem to report, not the decimals of every price and amount.
fn money_rule(what: &'static str, currency: Option<Currency>) -> NumberRule {
    let max_decimals = currency.map_or(ANY_CURRENCY_DECIMALS, Currency::decimals);
    NumberRule { what, decimals_of: currency.map_or(what, Currency::code), max_decimals, zero_allowed: true, max: None }
}

fn tax(reader: &mut Reader, object: &Object<'_>) -> Option<OrderTax> {
    let (pointer, value) =
        reader.required(object, "tax", "send {\"category\": \"S\", \"percent\": \"19\"} or category \"Z\" for none")?;
    let object = reader.object(pointer, value, &["category", "percent"])?;
    let category = tax_category(reader, &object);
    let (pointer, percent) = object.field("percent");
    let percent = match percent {
        Some(percent) => reader.number(pointer.clone(), percent, PERCENT),
        None if category.is_some_and(|category| UNTAXED.contains(&category)) => Some(Decimal::ZERO),
        None => {
            reader.problem(pointer.as_str(), "missing", "percent is missing; send it as text such as \"19\"");
            None
        }
    };
    let (category, percent) = (category?, percent?);
    if UNTAXED.contains(&category) && !percent.is_zero() {
        let message = format!("category {category} is without tax, so percent is 0; set it to 0 or use category S");
        reader.problem(pointer, "tax-mismatch", message);
        return None;
    }
    Some(OrderTax { category: category.to_owned(), percent })
}

fn tax_category<'v>(reader: &mut Reader, object: &Object<'v>) -> Option<&'v str> {
    let (pointer, value) = reader.required(object, "category", "send a code such as S (standard) or Z (zero)")?;
    let code = reader.string(&pointer, value, "S")?;
    if TAXED.contains(&code) || UNTAXED.contains(&code) {
        return Some(code);
    }
    let codes = [&TAXED[..], &UNTAXED[..]].concat().join(", ");
    reader.problem(pointer, "unknown-tax-category", format!("this is no tax category of EN 16931; use one of {codes}"));
    None
}
