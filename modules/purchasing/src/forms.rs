//! The forms of decisions: changing an order, entering a rate.

use crate::prepare::{complete, day, problem, rate_problem, rates, requester, workflow_view};
use crate::rates::Rate;
use crate::record::{CompanySettings, RATES, order_input};
use crate::{currency::Currency, order::Order, reader::code};
use modules::{Field, FieldKind, Filled, Form, NewObject, Object, StoreError, Unit};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use workflow::Problem;

const EDIT: &str = "purchasing.edit";
const RATE: &str = "purchasing.rate";
/// What can be changed of a line on a page: the field, its label, how it is filled in.
const LINE: [(&str, &str, FieldKind); 3] = [
    ("description", "item", FieldKind::Text),
    ("quantity", "quantity", FieldKind::Decimal),
    ("price", "price", FieldKind::Decimal),
];

pub(crate) fn form(name: &str, object: Option<&Object>) -> Option<Form> {
    match (name, object) {
        (EDIT, Some(order)) => Some(Form { title: "Change the order".to_owned(), fields: edit_fields(&order.data) }),
        (RATE, Some(order)) => Some(Form { title: "Exchange rate".to_owned(), fields: rate_fields(&order.data) }),
        _ => None,
    }
}

fn field(name: impl Into<String>, label: impl Into<String>, kind: FieldKind, value: &str, required: bool) -> Field {
    Field { name: name.into(), label: label.into(), kind, value: value.to_owned(), required, help: None }
}

fn edit_fields(data: &Value) -> Vec<Field> {
    let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let lines = data.get("lines").and_then(Value::as_array).map_or(0, Vec::len);
    let mut fields = Vec::new();
    for n in 0..lines {
        for (name, label, kind) in LINE {
            let value = text(&format!("/lines/{n}/{name}"));
            fields.push(field(format!("lines.{n}.{name}"), format!("Line {}, {label}", n + 1), kind, value, true));
        }
    }
    fields.push(field("delivery_date", "Wanted by", FieldKind::Date, text("/delivery_date"), false));
    fields.push(field("note", "Note to the supplier", FieldKind::Lines, text("/note"), false));
    fields
}

fn rate_fields(data: &Value) -> Vec<Field> {
    let currency = data.get("currency").and_then(Value::as_str).unwrap_or_default();
    let mut rate =
        field("rate", format!("What 1 {currency} is worth in the company's currency"), FieldKind::Decimal, "", true);
    rate.help = Some(
        "A decimal such as 0.9215. It counts from the day of the order and is kept in the table of rates.".to_owned(),
    );
    vec![rate, field("source", "Who published it", FieldKind::Text, "", true)]
}

/// What was filled in on a page, as a program would have sent it.
pub(crate) fn fill(
    name: &str,
    object: Option<&Object>,
    answers: &BTreeMap<String, String>,
) -> Result<Value, Vec<Problem>> {
    match (name, object) {
        (EDIT, Some(order)) => Ok(edited(order_input(&order.data), answers)),
        _ => Ok(json!(answers)),
    }
}

fn edited(mut input: Value, answers: &BTreeMap<String, String>) -> Value {
    for (name, answer) in answers {
        let answer = answer.trim();
        match name.strip_prefix("lines.") {
            Some(path) => {
                if let Some(place) = input.pointer_mut(&format!("/lines/{}", path.replace('.', "/"))) {
                    *place = json!(answer);
                }
            }
            None => set_or_remove(&mut input, name, answer),
        }
    }
    input
}

fn set_or_remove(input: &mut Value, name: &str, answer: &str) {
    let Value::Object(fields) = input else { return };
    if !["delivery_date", "note"].contains(&name) {
        return;
    }
    if answer.is_empty() {
        fields.shift_remove(name);
    } else {
        fields.insert(name.to_owned(), json!(answer));
    }
}

pub(crate) async fn accept(
    unit: &mut Unit,
    company: &str,
    name: &str,
    object: Option<&Object>,
    form: &Value,
) -> Result<Filled, StoreError> {
    let missing = || StoreError::Missing { what: "form", id: name.to_owned() };
    match name {
        EDIT => edit(unit, company, object.ok_or_else(missing)?, form).await,
        RATE => enter_rate(unit, company, object.ok_or_else(missing)?, form).await,
        _ => Err(missing()),
    }
}

/// The workflow goes on with the changed order; its date stays, because rates are looked up by it.
async fn edit(unit: &mut Unit, company: &str, order: &Object, form: &Value) -> Result<Filled, StoreError> {
    let settings = CompanySettings::of(&unit.company(company).await?)?;
    let requester = requester(unit, company, &order.created_by).await?;
    let date = order.data.get("date").and_then(Value::as_str).map_or_else(|| day(unit.now_ms()), str::to_owned);
    let completed = complete(unit, company, form, &requester, &settings, &date).await?;
    Ok(Filled { form: workflow_view(&completed.data), revised: Some(completed.data) })
}

async fn enter_rate(unit: &mut Unit, company: &str, order: &Object, form: &Value) -> Result<Filled, StoreError> {
    let settings = CompanySettings::of(&unit.company(company).await?)?;
    let text =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().trim().to_owned();
    let rate = text(form, "rate");
    let source = read_rate(&rate, form).map_err(StoreError::Problems)?;
    let (from, to, date) = (text(&order.data, "currency"), settings.base_currency, text(&order.data, "date"));
    let pair = (parse(&from)?, parse(&to)?);
    // Somebody may have entered it in the meantime: the table's rate stands.
    if rates(unit, company, pair, &date).await?.is_empty() {
        let data = json!({ "from": from, "to": to, "date": date, "rate": rate, "source": source });
        let (kind, id, status) = (RATES.to_owned(), format!("{from}-{to}-{date}"), "active".to_owned());
        unit.insert_object(company, &NewObject { kind, id, status, number: None, data, by: order.created_by.clone() })
            .await?;
    }
    let form: Map<String, Value> =
        [("rate".to_owned(), json!(rate)), ("source".to_owned(), json!(source))].into_iter().collect();
    Ok(Filled { form: Value::Object(form), revised: None })
}

/// Whether a form says what the first one said. The vote keeps of a changed order only what the workflow needs, so the
/// order itself is compared: was it changed again since, the first form is not what stands, and the sender is told so.
pub(crate) fn same(name: &str, object: Option<&Object>, sent: &Value, stored: &Value) -> bool {
    let trimmed = |form: &Value, name: &str| form.get(name).and_then(Value::as_str).map(|text| text.trim().to_owned());
    match (name, object) {
        (EDIT, Some(order)) => completed(sent, order).is_some_and(|sent| sent == order_input(&order.data)),
        (RATE, _) => ["rate", "source"].iter().all(|field| trimmed(sent, field) == trimmed(stored, field)),
        _ => false,
    }
}

/// An order as it would be kept; without a department it has the one that it got the first time.
fn completed(sent: &Value, order: &Object) -> Option<Value> {
    let mut read = Order::parse(sent).ok()?;
    let department = order.data.get("department").and_then(Value::as_str);
    read.department = read.department.or_else(|| department.map(str::to_owned));
    serde_json::to_value(read).ok()
}

/// The source of a rate, or everything that is wrong with both.
fn read_rate(rate: &str, form: &Value) -> Result<String, Vec<Problem>> {
    let wrong = rate_problem(rate);
    match (Rate::parse_source(form), wrong) {
        (Ok(source), None) => Ok(source),
        (source, wrong) => {
            let more = source.err().unwrap_or_default();
            Err(wrong.into_iter().chain(more.into_iter().map(problem)).collect())
        }
    }
}

fn parse(text: &str) -> Result<Currency, StoreError> {
    Currency::parse(text)
        .map_err(|error| StoreError::Problems(vec![Problem::new("/currency", code(&error), error.to_string())]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(data: Value) -> Object {
        let (kind, id, status) = ("purchasing/orders".to_owned(), "o1".to_owned(), "submitted".to_owned());
        let (created_by, created_at, updated_at) = ("eva".to_owned(), 0, 0);
        Object { kind, id, revision: 1, status, number: None, instance: None, data, created_by, created_at, updated_at }
    }

    #[test]
    fn a_changed_order_is_the_same_if_it_says_what_is_kept() {
        let sent: Value =
            serde_json::from_str(include_str!("../../../definitions/purchasing/examples/order.json")).unwrap();
        let mut kept = serde_json::to_value(Order::parse(&sent).unwrap()).unwrap();
        kept["department"] = json!("sales");
        kept["date"] = json!("2026-11-23");
        let mut more = sent.clone();
        more["lines"][0]["quantity"] = json!("99");
        let order = order(kept);
        assert!(same(EDIT, Some(&order), &sent, &json!({ "total": "1" })), "however it is written");
        assert!(!same(EDIT, Some(&order), &more, &json!({ "total": "1" })));
        assert!(!same(EDIT, Some(&order), &json!("no order"), &json!({ "total": "1" })));
    }

    #[test]
    fn a_rate_is_the_same_if_number_and_source_are() {
        let stored = json!({ "rate": "0.92", "source": "ECB" });
        assert!(same(RATE, None, &json!({ "rate": " 0.92", "source": "ECB " }), &stored));
        assert!(!same(RATE, None, &json!({ "rate": "0.93", "source": "ECB" }), &stored));
        assert!(!same(RATE, None, &json!({ "rate": "0.92" }), &stored));
    }

    #[test]
    fn what_is_wrong_with_a_rate_has_the_codes_of_orders() {
        let long = "x".repeat(101);
        let table = [
            ("1,5", "ECB", "not-a-number"),
            ("0", "ECB", "out-of-range"),
            ("1.0000000000001", "ECB", "too-many-digits"),
            ("1.1", "  ", "empty"),
            ("1.1", long.as_str(), "too-long"),
            ("1.1", "E\u{7}CB", "control-character"),
            ("1.1", "European\nCentral Bank", "control-character"),
            ("1.1", "BCE\u{202E}", "direction-override"),
            ("0", "", "out-of-range empty"),
        ];
        for (rate, source, codes) in table {
            let problems = read_rate(rate, &json!({ "source": source })).unwrap_err();
            let found: Vec<String> = problems.into_iter().map(|problem| problem.code.to_string()).collect();
            assert_eq!(found.join(" "), codes, "{rate} {source:?}");
        }
        assert_eq!(read_rate("1.1", &json!({})).unwrap_err()[0].code, "missing");
        assert_eq!(read_rate("1.1", &json!({ "source": " ECB " })), Ok("ECB".to_owned()));
    }
}
