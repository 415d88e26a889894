//! The totals of a document, rounded to the currency and adding up again from what is shown.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::input::TaxKind;
use crate::currency::Currency;
use crate::rounding::RoundingMode;

/// Totals of a document. In JSON every amount is a decimal string with exactly the decimals of `currency`.
///
/// The numbers add up again ([`Totals::check`]):
///
/// ```text
/// lines[].total  = sum - discounts + charges              (of the line)
/// sum            = all lines[].total + line_difference
/// total          = sum - discount + charge - tax_included
/// tax            = all added taxes[].amount and surcharge_amount + tax_difference
/// total_with_tax = total + tax                            (EN 16931 BR-CO-15)
/// payable        = total_with_tax - retained + payable_adjustment
/// due            = payable - prepaid
/// ```
///
/// The two differences are zero when lines are rounded. When the document is rounded once, they say openly how much
/// the shown parts miss, instead of moving a cent from one tax rate to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Currency of every amount.
    pub currency: Currency,
    /// The rounding mode that was used, to be stated on the document; absent for decisions that no mode bundles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rounding: Option<RoundingMode>,
    /// The lines, in order.
    pub lines: Vec<LineTotals>,
    /// What the sum has beyond the shown line totals.
    pub line_difference: Decimal,
    /// Sum of the lines.
    pub sum: Decimal,
    /// Amount of each discount on the document, in order.
    pub discounts: Vec<Decimal>,
    /// Sum of `discounts`.
    pub discount: Decimal,
    /// Amount of each charge on the document, in order.
    pub charges: Vec<Decimal>,
    /// Sum of `charges`.
    pub charge: Decimal,
    /// Tax that the prices contained, taken out of `total`. Zero when prices are without tax.
    pub tax_included: Decimal,
    /// Total without tax.
    pub total: Decimal,
    /// Taxes by category and rate.
    pub taxes: Vec<TaxTotals>,
    /// What `tax` has beyond the shown taxes: the rounding, or everything when the tax was stated by the other side.
    pub tax_difference: Decimal,
    /// All added taxes.
    pub tax: Decimal,
    /// Total with tax. Approval limits usually look at this one.
    pub total_with_tax: Decimal,
    /// Taxes that the buyer keeps back.
    pub retained: Decimal,
    /// Stated adjustment to reach a round sum.
    pub payable_adjustment: Decimal,
    /// To be paid in all.
    pub payable: Decimal,
    /// Already paid.
    pub prepaid: Decimal,
    /// Still to be paid (the `PayableAmount` of UBL).
    pub due: Decimal,
}

/// Amounts of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineTotals {
    /// Quantity times price.
    pub sum: Decimal,
    /// Amount of each discount, in order.
    pub discounts: Vec<Decimal>,
    /// Amount of each charge, in order.
    pub charges: Vec<Decimal>,
    /// The line in the currency's decimals.
    pub total: Decimal,
    /// The same before any rounding to the currency; equal to `total` when lines are rounded.
    pub exact_total: Decimal,
}

/// One tax rate of the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxTotals {
    /// Category, such as `S` or `VAT`.
    pub category: String,
    /// What else tells it apart; usually empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// Percentage; absent for exempt and per-unit taxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Decimal>,
    /// What it does to the totals.
    pub kind: TaxKind,
    /// Sum of what it is computed on.
    pub base: Decimal,
    /// The tax, without surcharge.
    pub amount: Decimal,
    /// Percentage of the surcharge, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub surcharge_percent: Option<Decimal>,
    /// The surcharge; zero if there is none.
    pub surcharge_amount: Decimal,
}

impl Totals {
    /// Adds everything up again from the shown numbers.
    ///
    /// # Errors
    /// The first equation that does not hold, in words. Computed totals always pass; stored or received ones may not.
    pub fn check(&self) -> Result<(), String> {
        for (index, line) in self.lines.iter().enumerate() {
            line.check(index)?;
        }
        let added = self.taxes.iter().filter(|tax| tax.kind == TaxKind::Added);
        let taxes = sum(added.flat_map(|tax| [tax.amount, tax.surcharge_amount]));
        equal("sum", self.sum, sum([sum(self.lines.iter().map(|line| line.total)), Some(self.line_difference)]))?;
        equal("discount", self.discount, sum(self.discounts.iter().copied()))?;
        equal("charge", self.charge, sum(self.charges.iter().copied()))?;
        equal("total", self.total, sum([self.sum, -self.discount, self.charge, -self.tax_included]))?;
        equal("tax", self.tax, sum([taxes, Some(self.tax_difference)]))?;
        equal("total_with_tax", self.total_with_tax, sum([self.total, self.tax]))?;
        let payable = sum([self.total_with_tax, -self.retained, self.payable_adjustment]);
        equal("payable", self.payable, payable)?;
        equal("due", self.due, sum([self.payable, -self.prepaid]))
    }
}

impl LineTotals {
    fn check(&self, index: usize) -> Result<(), String> {
        let discounts = self.discounts.iter().map(|discount| -discount);
        let parts = std::iter::once(self.sum).chain(discounts).chain(self.charges.iter().copied());
        equal(&format!("lines/{index}/total"), self.total, sum(parts))
    }
}

/// Sum of numbers or of sums; `None` once one of them has overflowed.
fn sum<T: Into<Option<Decimal>>>(values: impl IntoIterator<Item = T>) -> Option<Decimal> {
    values.into_iter().try_fold(Decimal::ZERO, |total, value| total.checked_add(value.into()?))
}

fn equal(what: &str, stated: Decimal, added_up: Option<Decimal>) -> Result<(), String> {
    match added_up {
        Some(added_up) if added_up == stated => Ok(()),
        Some(added_up) => Err(format!("{what} is {stated}, but its parts add up to {added_up}")),
        None => Err(format!("{what} is {stated}, but its parts are too large to add up")),
    }
}
