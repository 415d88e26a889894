//! What a person is shown of a business object: on the decision page, in the mail and in the inbox.
//!
//! A module turns its object into a [`View`]; pages and mails render views and know no module.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Object;

/// An object as people read it. Every text is final: formatted, translated, with its unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// What it is and which: `Purchase order 2026-000017`.
    pub title: String,
    /// The one figure that decides: `12,400.00 EUR`. Empty when there is none.
    pub headline: String,
    /// Label and value, most important first: `Supplier`, `Nordwind GmbH`.
    pub facts: Vec<Fact>,
    /// The lines of the object.
    pub table: Option<Table>,
    /// Sums below the table, the last one being the grand total.
    pub totals: Vec<Fact>,
    /// Free text of the author, shown as a quotation.
    pub note: Option<String>,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The label: `Supplier`.
    pub label: String,
    /// The value: `Nordwind GmbH`.
    pub value: String,
}

/// Rows of text under named columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Heads, from the left.
    pub columns: Vec<Column>,
    /// One text per column in each row.
    pub rows: Vec<Vec<String>>,
}

/// The head of a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The head: `Quantity`.
    pub title: String,
    /// Figures are set to the right, so that their digits line up.
    pub numeric: bool,
}

impl Fact {
    /// A fact of two texts.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A view that only says which object it is: by its number, else by its id.
pub(crate) fn titled(object: &Object) -> View {
    View { title: object.number.clone().unwrap_or_else(|| object.id.clone()), ..View::default() }
}

/// The fields of an object that are single values, under their names.
pub(crate) fn plain_facts(data: &Value) -> Vec<Fact> {
    let fields = data.as_object().into_iter().flatten();
    fields.filter_map(|(name, value)| Some(Fact::new(label(name), plain(value)?))).collect()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(if *flag { "yes" } else { "no" }.to_owned()),
        _ => None,
    }
}

/// `starts_at` as `Starts at`.
fn label(name: &str) -> String {
    let words = name.replace(['_', '-'], " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::plain_facts;
    use serde_json::json;

    #[test]
    fn single_values_are_shown_under_their_names() {
        let facts = plain_facts(&json!({ "starts_at": "Monday", "days": 2, "paid": true, "lines": [1], "none": null }));
        let shown: Vec<String> = facts.iter().map(|fact| format!("{}: {}", fact.label, fact.value)).collect();
        assert_eq!(shown, ["Starts at: Monday", "Days: 2", "Paid: yes"]);
    }
}
