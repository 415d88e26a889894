//! A purchase order as a client sends it: read from JSON with all its problems at once.
//!
//! ```json
//! {
//!   "supplier_id": "sup-1", "currency": "EUR", "department": "workshop", "category": "tools",
//!   "delivery_date": "2026-03-31", "delivery_address": "Dock 2\nHafenstr. 9\n20457 Hamburg", "note": "Call first.",
//!   "lines": [{
//!     "description": "Hex bolt M8", "sku": "HB-8", "quantity": "200", "unit": "C62", "price": "0.85",
//!     "discounts": [{"reason": "volume", "percent": "5"}], "charges": [{"reason": "packing", "amount": "2.50"}],
//!     "tax": {"category": "S", "percent": "19"}
//!   }],
//!   "charges": [{"reason": "freight", "amount": "15.00", "tax": {"category": "S", "percent": "19"}}]
//! }
//! ```
//!
//! Required are `supplier_id`, `currency` and `lines`, and on a line `description`, `quantity`, `price` and `tax`.
//! Numbers are text, because a JSON number may be changed by every program it passes through. Prices and amounts have at most
//! the decimals of the currency (ISO 4217: EUR 2, JPY 0, KWD 3); more are refused, never rounded away.

mod fields;
#[cfg(test)]
mod tests;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;
use time::Date;

use crate::currency::Currency;
use crate::reader;
use crate::rounding::RoundingMode;
use crate::totals::{self, Adjustment, Document, DocumentAdjustment, Totals, TotalsError};

pub use crate::reader::Problem;

/// Lines an order may have.
pub const MAX_LINES: usize = 500;
/// Discounts, and charges, that a line or an order may have.
pub const MAX_ADJUSTMENTS: usize = 20;

/// A valid order. Its JSON is read by [`Order::parse`] again to the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Order {
    /// Which supplier; at most 64 characters. Whether it exists is checked by the caller.
    pub supplier_id: String,
    /// Currency of every price and amount.
    pub currency: Currency,
    /// Day on which delivery is requested (`YYYY-MM-DD`).
    #[serde(with = "day::option", skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<Date>,
    /// Where to, as printed; several lines, at most 500 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_address: Option<String>,
    /// Who pays inside the company; the authority table is looked up by it. At most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// What kind of purchase; the authority table is looked up by it. At most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// To the supplier; several lines, at most 2,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// 1 to [`MAX_LINES`] lines.
    pub lines: Vec<OrderLine>,
    /// Discounts on the whole order, applied in order to what is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<OrderAdjustment>,
    /// Charges on the whole order, applied after the discounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<OrderAdjustment>,
}

time::serde::format_description!(day, Date, "[year]-[month]-[day]");

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderLine {
    /// What is ordered; at most 500 characters.
    pub description: String,
    /// The supplier's number for it; at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// How much; above zero, at most 6 decimals.
    pub quantity: Decimal,
    /// Unit of the quantity, a code of UN/ECE recommendation 20 such as `C62` (piece) or `HUR` (hour).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Price of one unit without tax; not negative, at most the decimals of the currency.
    pub price: Decimal,
    /// Discounts, applied in order to what is left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<LineAdjustment>,
    /// Charges, applied after the discounts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<LineAdjustment>,
    /// The one tax of the line.
    pub tax: OrderTax,
}

/// A discount or charge: exactly one of a percentage and an amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineAdjustment {
    /// Printed beside the amount; at most 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How much.
    #[serde(flatten)]
    pub value: AdjustmentValue,
}

/// A discount or charge on the whole order, with the tax whose base it changes (EN 16931 BR-32 and BR-37).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderAdjustment {
    /// The same as on a line.
    #[serde(flatten)]
    pub adjustment: LineAdjustment,
    /// The tax whose base it lowers or raises.
    pub tax: OrderTax,
}

/// How much a discount or charge is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentValue {
    /// Percentage of what the adjustments before it left; 0 to 100, at most 4 decimals.
    Percent(Decimal),
    /// Amount in the order's currency; not negative, at most the decimals of the currency.
    Amount(Decimal),
}

/// A tax category and its percentage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OrderTax {
    /// A code of UNCL 5305 as EN 16931 uses it: `S` standard, `Z` zero, `E` exempt, `AE` reverse charge, ...
    pub category: String,
    /// Percentage, 0 to 100, at most 4 decimals; zero for the categories without tax.
    pub percent: Decimal,
}

impl Order {
    /// Reads an order and checks everything about it that needs no database.
    ///
    /// # Errors
    /// All problems, each with its place and a remedy; after 200 the rest is not listed.
    pub fn parse(value: &Value) -> Result<Self, Vec<Problem>> {
        let order = reader::read(|reader| fields::order(reader, value))?;
        order.check_totals()?;
        Ok(order)
    }

    /// What the totals are computed from. Percentages compound: each applies to what those before it left.
    #[must_use]
    pub fn document(&self) -> Document {
        let mut document = Document::new(self.currency);
        document.compounding = true;
        document.lines = self.lines.iter().map(OrderLine::to_line).collect();
        document.discounts = self.discounts.iter().map(OrderAdjustment::to_adjustment).collect();
        document.charges = self.charges.iter().map(OrderAdjustment::to_adjustment).collect();
        document
    }

    /// The totals in `mode`. A parsed order can only fail here after it was changed by hand.
    ///
    /// # Errors
    /// [`TotalsError`] when a number leaves the supported range.
    pub fn totals(&self, mode: RoundingMode) -> Result<Totals, TotalsError> {
        totals::compute(&self.document(), mode.policy())
    }

    /// Every number is fine by itself; what they make together must be payable too, in every mode.
    fn check_totals(&self) -> Result<(), Vec<Problem>> {
        for mode in RoundingMode::ALL {
            let totals = self.totals(mode).map_err(|error| vec![Problem::too_large(error.pointer, &error.error)])?;
            let mut problems = Vec::new();
            for (index, line) in totals.lines.iter().enumerate() {
                if line.total < Decimal::ZERO {
                    problems.push(Problem::negative(format!("/lines/{index}/discounts"), "the line"));
                }
            }
            if problems.is_empty() && (totals.total < Decimal::ZERO || totals.total_with_tax < Decimal::ZERO) {
                problems.push(Problem::negative("/discounts".to_owned(), "the order"));
            }
            if !problems.is_empty() {
                return Err(problems);
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Order {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse(&value).map_err(|problems| {
            let sentences: Vec<String> = problems.iter().map(ToString::to_string).collect();
            de::Error::custom(sentences.join("; "))
        })
    }
}

impl OrderLine {
    fn to_line(&self) -> totals::Line {
        let list = |list: &[LineAdjustment]| list.iter().map(|item| item.value.to_adjustment()).collect();
        totals::Line {
            discounts: list(&self.discounts),
            charges: list(&self.charges),
            taxes: vec![self.tax.to_tax()],
            ..totals::Line::new(self.quantity, self.price)
        }
    }
}

impl OrderAdjustment {
    fn to_adjustment(&self) -> DocumentAdjustment {
        DocumentAdjustment { value: self.adjustment.value.to_adjustment(), taxes: vec![self.tax.to_tax()] }
    }
}

impl AdjustmentValue {
    fn to_adjustment(self) -> Adjustment {
        match self {
            Self::Percent(percent) => Adjustment::Percent { percent, base: None },
            Self::Amount(amount) => Adjustment::Amount(amount),
        }
    }
}

impl OrderTax {
    fn to_tax(&self) -> totals::Tax {
        totals::Tax::percent(self.category.clone(), self.percent)
    }
}
