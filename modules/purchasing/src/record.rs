//! An order as it is kept: what was sent, and what follows from it.

use crate::currency::Currency;
use crate::order::{Order, Problem};
use crate::reader::code;
use crate::rounding::RoundingMode;
use crate::totals::Totals;
use modules::{Company, Object, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::path::PathBuf;

/// The kind of an order.
pub(crate) const ORDERS: &str = "purchasing/orders";
/// The kind of a supplier.
pub(crate) const SUPPLIERS: &str = "purchasing/suppliers";
/// The kind of an exchange rate.
pub(crate) const RATES: &str = "purchasing/rates";

/// The fields that follow from the others. What is left without them can be submitted again.
const DERIVED: [&str; 5] = ["date", "supplier", "department_name", "totals", "total"];

/// What the company decides about its orders.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct CompanySettings {
    /// ISO 4217 code.
    pub(crate) base_currency: String,
    /// How amounts are rounded on its orders.
    #[serde(default)]
    pub(crate) rounding: RoundingMode,
    /// Font files (TrueType or OpenType) for characters that the shipped fonts lack, asked in this order.
    #[serde(default)]
    pub(crate) document_fonts: Vec<PathBuf>,
    /// What stands at the head of its documents.
    #[serde(default)]
    pub(crate) letterhead: Letterhead,
}

/// What stands at the head of documents.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Letterhead {
    #[serde(default)]
    pub(crate) address: Vec<String>,
    #[serde(default)]
    pub(crate) ids: Vec<String>,
    #[serde(default)]
    pub(crate) email: String,
}

impl CompanySettings {
    pub(crate) fn of(company: &Company) -> Result<Self, StoreError> {
        let read = serde_json::from_value(company.settings.clone());
        read.map_err(|error| StoreError::Corrupt(format!("the settings of {}: {error}", company.id)))
    }
}

impl CompanySettings {
    /// What is wrong with settings: told when a company is stored, because its first order would be too late.
    pub(crate) fn problems(settings: &Value) -> Vec<workflow::Problem> {
        let read = match serde_json::from_value::<Self>(settings.clone()) {
            Ok(read) => read,
            Err(error) => return vec![workflow::Problem::new("", "settings", error.to_string())],
        };
        let wrong = Currency::parse(&read.base_currency).err();
        wrong
            .map(|error| workflow::Problem::new("/base_currency", code(&error), error.to_string()))
            .into_iter()
            .collect()
    }
}

/// A supplier as orders name it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SupplierData {
    pub(crate) name: String,
    pub(crate) email: String,
    /// As it is printed, an entry a line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) address: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tax_id: Option<String>,
    /// Whom to ask there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) contact: Option<String>,
}

/// What is kept of an order.
pub(crate) fn order_data(
    order: &Order,
    totals: &Totals,
    date: &str,
    supplier: &Object,
    department: &str,
) -> Result<Value, StoreError> {
    let mut data = serde_json::to_value(order).map_err(corrupt)?;
    if let Value::Object(fields) = &mut data {
        fields.insert("date".to_owned(), json!(date));
        fields.insert(
            "supplier".to_owned(),
            json!({ "name": supplier.data.get("name"), "email": supplier.data.get("email") }),
        );
        fields.insert("department_name".to_owned(), json!(department));
        fields.insert("total".to_owned(), json!(totals.payable));
        fields.insert("totals".to_owned(), serde_json::to_value(totals).map_err(corrupt)?);
    }
    Ok(data)
}

/// What was sent, without what follows from it.
pub(crate) fn order_input(data: &Value) -> Value {
    let fields = data.as_object().into_iter().flatten();
    let own = fields.filter(|(name, _)| !DERIVED.contains(&name.as_str()));
    Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
}

/// The order and its totals as they are kept.
pub(crate) fn read(object: &Object) -> Result<(Order, Totals), String> {
    let order = Order::parse(&order_input(&object.data)).map_err(|problems| first(&problems))?;
    let totals = object.data.get("totals").cloned().unwrap_or_default();
    let totals = serde_json::from_value(totals).map_err(|error| error.to_string())?;
    Ok((order, totals))
}

fn first(problems: &[Problem]) -> String {
    problems.first().map(|problem| format!("{}: {}", problem.pointer, problem.message)).unwrap_or_default()
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_checked_before_anything_needs_them() {
        let told = |settings: Value| {
            let problems = CompanySettings::problems(&settings);
            problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(told(json!({ "base_currency": "EUR" })), "");
        assert!(told(json!({})).contains("base_currency"), "{}", told(json!({})));
        assert!(told(json!({ "base_currency": "EUR", "rounding": "up" })).contains("tax_line"));
        assert!(told(json!({ "base_currency": "Euro" })).starts_with("/base_currency: "));
    }

    #[test]
    fn the_documented_settings_say_every_field() {
        let text = include_str!("../../../docs/company.md");
        let example = text.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let file: Value = serde_json::from_str(example).unwrap();
        let settings = &file["company"]["settings"];
        assert_eq!(CompanySettings::problems(settings), []);
        let read: CompanySettings = serde_json::from_value(settings.clone()).unwrap();
        let CompanySettings { base_currency, rounding, document_fonts, letterhead } = read;
        let Letterhead { address, ids, email } = letterhead;
        assert_eq!((base_currency.as_str(), rounding), ("EUR", RoundingMode::Line));
        assert!(![document_fonts.is_empty(), address.is_empty(), ids.is_empty(), email.is_empty()].contains(&true));
        for field in settings.as_object().unwrap().keys() {
            assert!(text.contains(&format!("\n| `{field}` |")), "{field} is not explained");
        }
    }
}
