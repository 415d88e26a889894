//! Amounts of one line and of the adjustments on the document.

use rust_decimal::Decimal;

use super::input::{Adjustment, Line};
use super::output::LineTotals;
use crate::money::{self, MoneyError};
use crate::rounding::{Midpoint, round};

/// Decimals and direction of the rounding to the currency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rounder {
    pub(super) decimals: u32,
    pub(super) midpoint: Midpoint,
}

impl Rounder {
    pub(super) fn round(self, value: Decimal) -> Decimal {
        round(value, self.decimals, self.midpoint)
    }
}

/// A line, with and without rounding.
pub(super) struct LineAmounts {
    /// What is shown.
    pub(super) shown: LineTotals,
    /// Without any rounding.
    pub(super) exact: Decimal,
}

/// Computes one line. With `round_each` every part is rounded before the next is computed from it; otherwise the
/// parts are computed exactly and only shown rounded.
pub(super) fn amounts(
    line: &Line,
    compounding: bool,
    round_each: bool,
    rounder: Rounder,
) -> Result<LineAmounts, MoneyError> {
    let exact = Parts::of(line, compounding, |value| value)?;
    let counted = if round_each { Parts::of(line, compounding, |value| rounder.round(value))? } else { exact.clone() };
    let shown = counted.shown(rounder)?;
    Ok(LineAmounts { shown, exact: exact.total })
}

#[derive(Clone)]
struct Parts {
    sum: Decimal,
    discounts: Vec<Decimal>,
    charges: Vec<Decimal>,
    total: Decimal,
}

impl Parts {
    fn of(line: &Line, compounding: bool, round: impl Fn(Decimal) -> Decimal) -> Result<Self, MoneyError> {
        let gross = money::mul(line.quantity, line.price)?;
        let sum = round(money::div(gross, line.base_quantity)?);
        let mut total = sum;
        let mut take = |list: &[Adjustment], sign: Decimal| -> Result<Vec<Decimal>, MoneyError> {
            let mut amounts = Vec::with_capacity(list.len());
            for adjustment in list {
                let base = if compounding { total } else { sum };
                let amount = round(adjustment_amount(adjustment, base, line.quantity)?);
                total = money::add(total, money::mul(amount, sign)?)?;
                amounts.push(amount);
            }
            Ok(amounts)
        };
        let discounts = take(&line.discounts, Decimal::NEGATIVE_ONE)?;
        let charges = take(&line.charges, Decimal::ONE)?;
        Ok(Self { sum, discounts, charges, total: money::in_range(total)? })
    }

    /// Rounds every part; the shown total is the sum of the shown parts, so that a reader can add the line up.
    fn shown(&self, rounder: Rounder) -> Result<LineTotals, MoneyError> {
        let list = |amounts: &[Decimal]| amounts.iter().map(|amount| rounder.round(*amount)).collect::<Vec<_>>();
        let (sum, discounts, charges) = (rounder.round(self.sum), list(&self.discounts), list(&self.charges));
        let mut total = sum;
        for discount in &discounts {
            total = money::sub(total, *discount)?;
        }
        for charge in &charges {
            total = money::add(total, *charge)?;
        }
        let total = rounder.round(money::in_range(total)?);
        Ok(LineTotals { sum, discounts, charges, total, exact_total: self.total })
    }
}

/// The unrounded amount of a discount or charge whose percentage applies to `base`.
pub(super) fn adjustment_amount(
    adjustment: &Adjustment,
    base: Decimal,
    quantity: Decimal,
) -> Result<Decimal, MoneyError> {
    match adjustment {
        Adjustment::Amount(amount) => Ok(*amount),
        Adjustment::Percent { percent, base: stated } => money::percent_of(*percent, stated.unwrap_or(base)),
        Adjustment::PerUnit { rate, quantity: stated } => money::mul(*rate, stated.unwrap_or(quantity)),
    }
}
