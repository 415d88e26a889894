//! Completing what was sent before it is stored.

use crate::currency::Currency;
use crate::limits::{LookUp, limits};
use crate::money;
use crate::order::Order;
use crate::rates::{Rate, RateError};
use crate::reader::{self, code};
use crate::record::{CompanySettings, RATES, SUPPLIERS, order_data};
use crate::supplier;
use crate::totals::TotalsError;
use modules::{Draft, Object, Person, Prepared, Saving, StoreError, Unit, Workflow};
use serde_json::{Value, json};
use time::OffsetDateTime;
use workflow::Problem;

pub(crate) async fn prepare(unit: &mut Unit, draft: Draft<'_>) -> Result<Prepared, StoreError> {
    match draft.collection {
        "orders" => order(unit, draft).await,
        "suppliers" => new_supplier(&draft),
        "rates" => rate(&draft),
        _ => Ok(plain(draft.data.clone())),
    }
}

fn plain(data: Value) -> Prepared {
    Prepared { id: None, data, status: "active".to_owned(), number: None, workflow: None }
}

fn new_supplier(draft: &Draft<'_>) -> Result<Prepared, StoreError> {
    supplier_data(draft.data).map(plain)
}

fn supplier_data(sent: &Value) -> Result<Value, StoreError> {
    let supplier = supplier::parse(sent).map_err(refused)?;
    serde_json::to_value(supplier).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// What is kept of an object that is saved, for the first time or once more. Orders and rates are complete by now.
pub(crate) fn kept(saving: &Saving<'_>) -> Result<Value, StoreError> {
    match (saving.collection, saving.before) {
        ("suppliers", Some(_)) => supplier_data(saving.data),
        _ => Ok(saving.data.clone()),
    }
}

/// A rate has a key that sorts by day, so that the latest one is found at once.
fn rate(draft: &Draft<'_>) -> Result<Prepared, StoreError> {
    let mut problems = Vec::new();
    for side in ["from", "to"] {
        let given = draft.data.get(side).and_then(Value::as_str).unwrap_or_default();
        if let Err(error) = Currency::parse(given) {
            problems.push(Problem::new(format!("/{side}"), code(&error), error.to_string()));
        }
    }
    problems.extend(rate_problem(draft.data.get("rate").and_then(Value::as_str).unwrap_or_default()));
    if draft.data.get("from") == draft.data.get("to") {
        problems.push(Problem::new("/to", "same-currency", "from and to are the same currency; a rate is between two"));
    }
    match Rate::parse_source(draft.data) {
        Ok(source) if problems.is_empty() => {
            let mut data = draft.data.clone();
            data["source"] = json!(source);
            Ok(Prepared { id: Some(rate_key(&data)), ..plain(data) })
        }
        Ok(_) => Err(StoreError::Problems(problems)),
        Err(more) => Err(StoreError::Problems(problems.into_iter().chain(more.into_iter().map(problem)).collect())),
    }
}

/// What is wrong with the number of a rate.
pub(crate) fn rate_problem(rate: &str) -> Option<Problem> {
    let error = Rate::parse_number(rate).err()?;
    let code = match &error {
        RateError::Money(error) => code(error),
        _ => "out-of-range",
    };
    Some(Problem::new("/rate", code, error.to_string()))
}

fn rate_key(data: &Value) -> String {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    format!("{}-{}-{}", text("from"), text("to"), text("date"))
}

async fn order(unit: &mut Unit, draft: Draft<'_>) -> Result<Prepared, StoreError> {
    let company = unit.company(draft.company).await?;
    let settings = CompanySettings::of(&company)?;
    let requester = requester(unit, draft.company, draft.by).await?;
    let now = day(unit.now_ms());
    let completed = complete(unit, draft.company, draft.data, &requester, &settings, &now).await?;
    let Completed { order, data, .. } = completed;
    let by = LookUp {
        company: draft.company,
        base_currency: &settings.base_currency,
        department: order.department.as_deref(),
        category: order.category.as_deref(),
    };
    let limits = limits(unit, &by).await?;
    let year = now.get(..4).unwrap_or_default();
    let number = unit.next_number(draft.company, &format!("{}/{year}", crate::record::ORDERS)).await?;
    let requester = json!({ "id": requester.id, "name": requester.name, "email": requester.email });
    let input = json!({ "po": workflow_view(&data), "requester": requester, "limits": limits });
    Ok(Prepared {
        id: None,
        data,
        status: "submitted".to_owned(),
        number: Some(format!("PO-{year}-{number:06}")),
        workflow: Some(Workflow { definition: "purchasing/order".to_owned(), input }),
    })
}

/// An order that is complete: what was sent, its totals, what is kept of it.
pub(crate) struct Completed {
    pub(crate) order: Order,
    pub(crate) data: Value,
}

/// Checks an order and computes what follows from it.
pub(crate) async fn complete(
    unit: &mut Unit,
    company: &str,
    sent: &Value,
    requester: &Person,
    settings: &CompanySettings,
    date: &str,
) -> Result<Completed, StoreError> {
    let mut order = Order::parse(sent).map_err(refused)?;
    order.department = order.department.or_else(|| requester.department.clone());
    let mut problems = Vec::new();
    let supplier = find_supplier(unit, company, &order.supplier_id, &mut problems).await?;
    let department = department(unit, company, &order, &mut problems).await?;
    match (supplier, department) {
        (Some(supplier), Some(department)) => {
            let totals =
                order.totals(settings.rounding).map_err(|error| StoreError::Problems(vec![too_large(error)]))?;
            let data = order_data(&order, &totals, date, &supplier, &department)?;
            Ok(Completed { order, data })
        }
        _ => Err(StoreError::Problems(problems)),
    }
}

async fn find_supplier(
    unit: &mut Unit,
    company: &str,
    id: &str,
    problems: &mut Vec<Problem>,
) -> Result<Option<Object>, StoreError> {
    match unit.object(company, SUPPLIERS, id).await {
        Ok(supplier) => Ok(Some(supplier)),
        Err(StoreError::Missing { .. }) => {
            let message = format!("there is no supplier \"{id}\" in this company; add it first, or name another");
            problems.push(Problem::new("/supplier_id", "unknown-supplier", message));
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The name of the department that pays.
async fn department(
    unit: &mut Unit,
    company: &str,
    order: &Order,
    problems: &mut Vec<Problem>,
) -> Result<Option<String>, StoreError> {
    let Some(id) = &order.department else {
        let message = "department is missing and you belong to none; name the one that pays";
        problems.push(Problem::new("/department", "missing", message));
        return Ok(None);
    };
    let found = unit.department(company, id).await?;
    if found.is_none() {
        let message = format!("there is no department \"{id}\" in this company; name another");
        problems.push(Problem::new("/department", "unknown-department", message));
    }
    Ok(found.map(|department| department.name))
}

pub(crate) async fn requester(unit: &mut Unit, company: &str, id: &str) -> Result<Person, StoreError> {
    unit.person(company, id).await?.ok_or_else(|| StoreError::Missing { what: "person", id: id.to_owned() })
}

/// What the workflow knows of an order: what its gates and titles need, not the lines.
pub(crate) fn workflow_view(data: &Value) -> Value {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let headline = match (Currency::parse(text("currency")), text("total").parse()) {
        (Ok(currency), Ok(total)) => money::human(total, currency),
        _ => String::new(),
    };
    let supplier = |name: &str| data.pointer(&format!("/supplier/{name}")).cloned().unwrap_or_default();
    json!({
        "currency": data.get("currency"), "total": data.get("total"), "date": data.get("date"),
        "department": data.get("department"), "category": data.get("category").cloned().unwrap_or_default(), "headline": headline,
        "supplier": { "id": data.get("supplier_id"), "name": supplier("name"), "email": supplier("email") },
    })
}

/// The day of a time, in UTC: `2026-11-23`.
pub(crate) fn day(at_ms: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1_000)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.date().to_string()
}

fn refused(problems: Vec<reader::Problem>) -> StoreError {
    StoreError::Problems(problems.into_iter().map(problem).collect())
}

/// A problem of a reader as the service tells it.
pub(crate) fn problem(problem: reader::Problem) -> Problem {
    Problem::new(problem.pointer, problem.code, problem.message)
}

fn too_large(error: TotalsError) -> Problem {
    Problem::new(error.pointer, code(&error.error), error.error.to_string())
}

/// The rates between two currencies up to a day: the latest in each direction.
pub(crate) async fn rates(
    unit: &mut Unit,
    company: &str,
    pair: (Currency, Currency),
    day: &str,
) -> Result<Vec<Rate>, StoreError> {
    let mut found = Vec::new();
    for (from, to) in [pair, (pair.1, pair.0)] {
        let (first, last) = (format!("{from}-{to}-"), format!("{from}-{to}-{day}"));
        if let Some(object) = unit.last_object_between(company, RATES, &first, &last).await? {
            let rate = serde_json::from_value(object.data)
                .map_err(|error| StoreError::Corrupt(format!("rate {}: {error}", object.id)))?;
            found.push(rate);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_supplier_is_refused_with_places_and_remedies() {
        let data = json!({ "email": "Anna <a@b.example>" });
        let refused = new_supplier(&Draft { company: "acme", collection: "suppliers", by: "eva", data: &data });
        let Err(StoreError::Problems(problems)) = refused else { panic!("{refused:?}") };
        let places: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/name", "/email"]);
    }

    #[test]
    fn a_source_is_kept_without_the_space_around_it() {
        let data = json!({ "from": "USD", "to": "EUR", "date": "2026-11-23", "rate": "0.92", "source": " ECB\n" });
        let kept = rate(&Draft { company: "acme", collection: "rates", by: "eva", data: &data }).unwrap();
        assert_eq!((kept.data["source"].as_str(), kept.id.as_deref()), (Some("ECB"), Some("USD-EUR-2026-11-23")));
    }

    #[test]
    fn a_rate_is_refused_with_the_codes_of_orders() {
        let data = json!({ "from": "eur", "to": "eur", "rate": "-1", "source": "E\u{7}CB" });
        let refused = rate(&Draft { company: "acme", collection: "rates", by: "eva", data: &data });
        let Err(StoreError::Problems(problems)) = refused else { panic!("{refused:?}") };
        let codes: Vec<_> = problems.iter().map(|problem| problem.code.to_string()).collect();
        assert_eq!(
            codes,
            ["unknown-currency", "unknown-currency", "out-of-range", "same-currency", "control-character"]
        );
    }
}
