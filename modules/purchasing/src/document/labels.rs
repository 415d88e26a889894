//! The fixed words of the document.

use serde::{Deserialize, Serialize};

/// The words that are the same on every order of a language; English by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Labels {
    /// Language of the document, a BCP 47 tag; read by screen readers.
    pub language: String,
    /// What the document is.
    pub title: String,
    /// Above the supplier.
    pub supplier: String,
    /// Above the delivery address.
    pub deliver_to: String,
    /// Above the order date.
    pub date: String,
    /// Above and before the revision.
    pub revision: String,
    /// Above the currency.
    pub currency: String,
    /// Above the delivery date.
    pub delivery_date: String,
    /// Head of the column of positions.
    pub position: String,
    /// Head of the column of descriptions.
    pub description: String,
    /// Before an article number.
    pub sku: String,
    /// Head of the column of quantities.
    pub quantity: String,
    /// Head of the column of units.
    pub unit: String,
    /// Head of the column of prices.
    pub unit_price: String,
    /// Head of the column of discounts.
    pub discount: String,
    /// Head of the column of tax rates.
    pub tax: String,
    /// Head of the column of net amounts.
    pub net: String,
    /// In the table of an order without lines.
    pub no_lines: String,
    /// Above the note.
    pub note: String,
    /// Above the approvals.
    pub approvals: String,
    /// Head of the column of approvers.
    pub approver: String,
    /// Head of the column of decisions.
    pub decision: String,
    /// Head of the column of decision times.
    pub when: String,
    /// Head of the column of comments.
    pub comment: String,
    /// Page numbering; `{page}` and `{pages}` are replaced.
    pub page_of: String,
}

impl Default for Labels {
    fn default() -> Self {
        let [language, title, supplier, deliver_to] =
            ["en", "Purchase order", "Supplier", "Deliver to"].map(str::to_owned);
        let [date, revision, currency, delivery_date] =
            ["Order date", "Revision", "Currency", "Delivery date"].map(str::to_owned);
        let [position, description, sku, quantity] = ["#", "Description", "Article", "Quantity"].map(str::to_owned);
        let [unit, unit_price, discount, tax, net] =
            ["Unit", "Unit price", "Discount", "Tax", "Net amount"].map(str::to_owned);
        let [no_lines, note, approvals] = ["No lines", "Note", "Approvals"].map(str::to_owned);
        let [approver, decision, when, comment] = ["Who", "Decision", "When", "Comment"].map(str::to_owned);
        Self {
            language,
            title,
            supplier,
            deliver_to,
            date,
            revision,
            currency,
            delivery_date,
            position,
            description,
            sku,
            quantity,
            unit,
            unit_price,
            discount,
            tax,
            net,
            no_lines,
            note,
            approvals,
            approver,
            decision,
            when,
            comment,
            page_of: "Page {page} of {pages}".to_owned(),
        }
    }
}
