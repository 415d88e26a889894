//! What a person is shown of a business object: on the decision page, in the mail and in the inbox.
//!
//! A module turns its object into a [`View`]; pages and mails render views and know no module.

use serde::{Deserialize, Serialize};

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
