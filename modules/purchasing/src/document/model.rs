//! What an order document says: final texts, already formatted for its reader.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::labels::Labels;

/// A purchase order as it is shown to people.
///
/// Amounts, quantities and dates are texts: whoever fills this in has computed, rounded and formatted them. Empty texts and
/// empty lists are left out of the page, together with their label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDocument {
    /// Who orders.
    pub company: Company,
    /// Who delivers.
    pub supplier: Party,
    /// The order number; it stands on every page.
    pub number: String,
    /// The revision; it stands on every page.
    pub revision: String,
    /// Date of the order.
    pub date: String,
    /// Currency of all amounts, usually its ISO 4217 code.
    pub currency: String,
    /// Where the goods go.
    pub delivery: Party,
    /// When the goods are due.
    pub delivery_date: String,
    /// Payment terms, delivery terms, contact: shown with the dates.
    pub terms: Vec<Entry>,
    /// What is ordered.
    pub lines: Vec<Line>,
    /// Net, charges, taxes and so on; the last one is the grand total.
    pub totals: Vec<Entry>,
    /// How amounts were rounded.
    pub rounding: String,
    /// The exchange rate and its date, if one was applied.
    pub exchange_rate: Option<String>,
    /// A note to the supplier.
    pub note: Option<String>,
    /// Who agreed to the order.
    pub approvals: Vec<Approval>,
    /// Marks a document that is not the order yet, on every page.
    pub banner: Option<Banner>,
    /// The moment that the file states as its creation; an argument so that the same order gives the same bytes.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// The fixed words, in the language of the document.
    pub labels: Labels,
}

/// The letterhead.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// Legal name.
    pub name: String,
    /// Address, one entry a line.
    pub address: Vec<String>,
    /// Registration and tax ids, one entry a line, each with its name ("VAT ID DE123456789").
    pub ids: Vec<String>,
    /// E-mail address for questions.
    pub email: String,
    /// The company's colour as red, green and blue. It should be dark: white text stands on it.
    pub accent: Option<[u8; 3]>,
}

/// A name with an address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// Name.
    pub name: String,
    /// Address, one entry a line.
    pub address: Vec<String>,
    /// Ids and contact details, one entry a line.
    pub details: Vec<String>,
}

/// A label and its value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is.
    pub label: String,
    /// How much or which.
    pub value: String,
}

impl Entry {
    /// An entry of two texts.
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self { label: label.into(), value: value.into() }
    }
}

/// A line of the order. A column that is empty in every line is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Position number.
    pub position: String,
    /// What is ordered; may be long and may have line breaks.
    pub description: String,
    /// Article number of the supplier.
    pub sku: String,
    /// Quantity.
    pub quantity: String,
    /// Unit of the quantity.
    pub unit: String,
    /// Price of one unit.
    pub unit_price: String,
    /// Discount, for example "5 %".
    pub discount: String,
    /// Tax rate, for example "19 %".
    pub tax: String,
    /// Amount of the line without tax.
    pub net: String,
}

/// A decision about the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Name of the person.
    pub who: String,
    /// In which role or step.
    pub role: String,
    /// What was decided.
    pub decision: String,
    /// When.
    pub when: String,
    /// Why.
    pub comment: String,
}

/// The mark of a document that is not the order yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Banner {
    /// A sentence at the top of every page: "DRAFT - not approved".
    pub text: String,
    /// A short word across every page: "DRAFT".
    pub stamp: String,
}
