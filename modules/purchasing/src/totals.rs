//! Totals of an order: lines, discounts, charges, taxes, what is to be paid.
//!
//! Every result is exact to 28 significant digits before it is rounded to the currency.
//!
//! One engine for all rounding modes. It accepts more than an [`Order`](crate::order::Order) can state today (prices
//! with tax, several and withheld taxes, prepayments), because documents of other systems are checked against it.
//!
//! Sources of the rules: EN 16931 (BR-CO-10 to BR-CO-16), Peppol BIS Ordering (R008 to R024), and where these leave
//! the rounding open, the recorded results of GOBL and Tryton in the test data.

#[cfg(test)]
mod cases;
mod input;
mod line;
mod output;
mod tax;
#[cfg(test)]
mod tests;

pub use input::{Adjustment, Document, DocumentAdjustment, Line, Tax, TaxKind, TaxRate};
pub use output::{LineTotals, TaxTotals, Totals};

use rust_decimal::Decimal;

use crate::money::{self, MoneyError};
use crate::rounding::Policy;
use line::{LineAmounts, Rounder};
use tax::{Taxable, Taxes};

/// A total that cannot be computed, with its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {error}")]
pub struct TotalsError {
    /// RFC 6901 pointer into the document, such as `/lines/3`; empty for the document as a whole.
    pub pointer: String,
    /// What is wrong there.
    pub error: MoneyError,
}

/// Computes the totals of `document`.
///
/// # Errors
/// [`TotalsError`] when a number leaves the supported range (15 digits before the point) or a base quantity is zero.
pub fn compute(document: &Document, policy: Policy) -> Result<Totals, TotalsError> {
    let rounder = Rounder { decimals: document.currency.decimals(), midpoint: policy.midpoint };
    let lines = lines(document, policy, rounder)?;
    let exact_sum = sum(lines.iter().map(|line| if policy.round_lines { line.shown.total } else { line.exact }));
    let exact_sum = exact_sum.map_err(whole)?;
    let discounts = adjustments(document, &document.discounts, "discounts", exact_sum, rounder)?;
    let taken = sum(discounts.iter().copied()).map_err(whole)?;
    let left = if document.compounding { money::sub(exact_sum, taken) } else { Ok(exact_sum) };
    let charges = adjustments(document, &document.charges, "charges", left.map_err(whole)?, rounder)?;
    let taxes = taxes(document, policy, rounder, &lines, &discounts, &charges)?;
    Draft { document, policy, rounder, lines, exact_sum, discounts, charges, taxes }.totals().map_err(whole)
}

fn lines(document: &Document, policy: Policy, rounder: Rounder) -> Result<Vec<LineAmounts>, TotalsError> {
    let one = |(index, line)| {
        line::amounts(line, document.compounding, policy.round_lines, rounder).map_err(at(format!("/lines/{index}")))
    };
    document.lines.iter().enumerate().map(one).collect()
}

/// Amounts of the discounts or charges on the document. They are stated on it, so they are rounded in every mode.
fn adjustments(
    document: &Document,
    list: &[DocumentAdjustment],
    name: &str,
    sum: Decimal,
    rounder: Rounder,
) -> Result<Vec<Decimal>, TotalsError> {
    let mut base = sum;
    let mut amounts = Vec::with_capacity(list.len());
    for (index, adjustment) in list.iter().enumerate() {
        let place = || at(format!("/{name}/{index}"));
        let exact = line::adjustment_amount(&adjustment.value, base, Decimal::ONE).map_err(place())?;
        let amount = rounder.round(money::in_range(exact).map_err(place())?);
        if document.compounding {
            let next = if name == "discounts" { money::sub(base, amount) } else { money::add(base, amount) };
            base = next.map_err(place())?;
        }
        amounts.push(amount);
    }
    Ok(amounts)
}

fn taxes(
    document: &Document,
    policy: Policy,
    rounder: Rounder,
    lines: &[LineAmounts],
    discounts: &[Decimal],
    charges: &[Decimal],
) -> Result<tax::Finished, TotalsError> {
    let exact = policy.tax_on_exact || !policy.round_lines;
    let mut taxes = Taxes::new(policy, rounder, document.prices_include.as_deref());
    for (index, (line, amounts)) in document.lines.iter().zip(lines).enumerate() {
        let amount = if exact { amounts.exact } else { amounts.shown.total };
        let taxable = Taxable { amount, quantity: line.quantity, taxes: &line.taxes };
        taxes.add(&taxable).map_err(at(format!("/lines/{index}/taxes")))?;
    }
    let discounts = document.discounts.iter().zip(discounts.iter().map(|amount| -amount));
    let charges = document.charges.iter().zip(charges.iter().copied());
    for (adjustment, amount) in discounts.chain(charges) {
        let taxable = Taxable { amount, quantity: Decimal::ONE, taxes: &adjustment.taxes };
        taxes.add(&taxable).map_err(whole)?;
    }
    taxes.finish().map_err(whole)
}

/// Everything that the totals are put together from.
struct Draft<'a> {
    document: &'a Document,
    policy: Policy,
    rounder: Rounder,
    lines: Vec<LineAmounts>,
    exact_sum: Decimal,
    discounts: Vec<Decimal>,
    charges: Vec<Decimal>,
    taxes: tax::Finished,
}

impl Draft<'_> {
    /// From here on only rounded numbers are added, which is why the result adds up again.
    fn totals(self) -> Result<Totals, MoneyError> {
        let shown = |value: Decimal| Ok::<_, MoneyError>(self.rounder.round(money::in_range(value)?));
        let document = self.document;
        let lines: Vec<LineTotals> = self.lines.into_iter().map(|line| line.shown).collect();
        let sum_shown = shown(self.exact_sum)?;
        let line_difference = shown(money::sub(sum_shown, sum(lines.iter().map(|line| line.total))?)?)?;
        let discount = shown(sum(self.discounts.iter().copied())?)?;
        let charge = shown(sum(self.charges.iter().copied())?)?;
        let tax_included = self.taxes.included;
        let total = shown(sum([sum_shown, -discount, charge, -tax_included])?)?;
        let tax = document.stated_tax.map_or(Ok(self.taxes.added), shown)?;
        let tax_difference = shown(money::sub(tax, added(&self.taxes.taxes)?)?)?;
        let total_with_tax = shown(money::add(total, tax)?)?;
        let retained = self.taxes.retained;
        let payable_adjustment = shown(document.payable_adjustment)?;
        let payable = shown(sum([total_with_tax, -retained, payable_adjustment])?)?;
        let prepaid = shown(document.prepaid)?;
        Ok(Totals {
            currency: document.currency,
            rounding: self.policy.mode(),
            lines,
            line_difference,
            sum: sum_shown,
            discounts: self.discounts,
            discount,
            charges: self.charges,
            charge,
            tax_included,
            total,
            taxes: self.taxes.taxes,
            tax_difference,
            tax,
            total_with_tax,
            retained,
            payable_adjustment,
            payable,
            prepaid,
            due: shown(money::sub(payable, prepaid)?)?,
        })
    }
}

/// Sum of the shown taxes that are added to the price.
fn added(taxes: &[TaxTotals]) -> Result<Decimal, MoneyError> {
    let added = taxes.iter().filter(|tax| tax.kind == TaxKind::Added);
    sum(added.flat_map(|tax| [tax.amount, tax.surcharge_amount]))
}

fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, MoneyError> {
    values.into_iter().try_fold(Decimal::ZERO, money::add)
}

/// Gives a money error its place.
fn at(pointer: String) -> impl FnOnce(MoneyError) -> TotalsError {
    move |error| TotalsError { pointer, error }
}

/// A money error of the document as a whole.
fn whole(error: MoneyError) -> TotalsError {
    TotalsError { pointer: String::new(), error }
}
