//! Taxes of a document, grouped by category and rate.

use rust_decimal::Decimal;

use super::input::{Tax, TaxKind, TaxRate};
use super::line::Rounder;
use super::output::TaxTotals;
use crate::money::{self, MoneyError};
use crate::rounding::{Policy, TaxStage};

/// Something that is taxed: a line, or a discount (negative) or charge on the document.
pub(super) struct Taxable<'a> {
    /// What the taxes are computed on.
    pub(super) amount: Decimal,
    /// Units, for taxes per unit.
    pub(super) quantity: Decimal,
    pub(super) taxes: &'a [Tax],
}

/// The taxes of a document while they are being added up.
pub(super) struct Taxes<'a> {
    policy: Policy,
    rounder: Rounder,
    prices_include: Option<&'a str>,
    groups: Vec<Group<'a>>,
    seen: usize,
}

/// One category and rate. Amounts stay unrounded until [`Taxes::finish`], except under [`TaxStage::PerLine`].
struct Group<'a> {
    tax: &'a Tax,
    negative: bool,
    base: Decimal,
    amount: Decimal,
    surcharge: Decimal,
    /// Under included taxes: prices with tax so far, and the rounded tax taken out of them so far.
    gross: Decimal,
    taken_out: Decimal,
    /// Which taxables it contains; groups on exactly the same goods share one residual.
    members: Vec<usize>,
}

/// The added-up taxes.
pub(super) struct Finished {
    pub(super) taxes: Vec<TaxTotals>,
    pub(super) added: Decimal,
    pub(super) retained: Decimal,
    pub(super) included: Decimal,
}

impl<'a> Taxes<'a> {
    pub(super) fn new(policy: Policy, rounder: Rounder, prices_include: Option<&'a str>) -> Self {
        Self { policy, rounder, prices_include, groups: Vec::new(), seen: 0 }
    }

    /// Adds one line or document adjustment to the taxes it names.
    pub(super) fn add(&mut self, taxable: &Taxable<'a>) -> Result<(), MoneyError> {
        let included = self.take_out_included(taxable)?;
        let mut base = money::sub(taxable.amount, included)?;
        let mut parts = Vec::with_capacity(taxable.taxes.len());
        for tax in taxable.taxes {
            let amount = if self.is_included(tax) { included } else { tax_amount(tax.rate, base, taxable.quantity)? };
            let surcharge = money::percent_of(tax.surcharge.unwrap_or_default(), base)?;
            parts.push((self.group(tax, base), base, amount, surcharge));
            if tax.raises_base {
                base = money::add(base, amount)?;
            }
        }
        let amounts = parts.iter().map(|part| part.2).collect::<Vec<_>>();
        let amounts = if self.policy.tax_stage == TaxStage::PerLine { self.together(&amounts)? } else { amounts };
        for ((group, base, _, surcharge), amount) in parts.into_iter().zip(amounts) {
            self.book(group, base, amount, surcharge)?;
        }
        self.seen += 1;
        Ok(())
    }

    /// Rounds and sums up the groups.
    pub(super) fn finish(mut self) -> Result<Finished, MoneyError> {
        let shown = self.shown_amounts()?;
        let per_document = self.policy.tax_stage == TaxStage::PerDocument;
        let mut finished = Finished {
            taxes: Vec::with_capacity(self.groups.len()),
            added: Decimal::ZERO,
            retained: Decimal::ZERO,
            included: Decimal::ZERO,
        };
        for (group, amount) in self.groups.iter().zip(shown) {
            let totals = group.totals(amount, self.rounder);
            let counted = if per_document {
                money::add(group.amount, group.surcharge)?
            } else {
                money::add(totals.amount, totals.surcharge_amount)?
            };
            finished.count(group.tax.kind, counted)?;
            if self.is_included(group.tax) {
                let amount = if per_document { group.amount } else { totals.amount };
                finished.included = money::add(finished.included, amount)?;
            }
            finished.taxes.push(totals);
        }
        // Rates of one category stand together, in the order in which the categories first appear.
        let order = std::mem::take(&mut self.groups);
        let first = |category: &str| order.iter().position(|group| group.tax.category == category);
        finished.taxes.sort_by_key(|tax| first(&tax.category));
        finished.round(self.rounder)
    }

    fn is_included(&self, tax: &Tax) -> bool {
        self.prices_include == Some(tax.category.as_str())
            && tax.kind == TaxKind::Added
            && matches!(tax.rate, TaxRate::Percent(_))
    }

    /// The tax that the amount of `taxable` contains.
    ///
    /// Under [`TaxStage::PerRate`] the tax is taken out of the running sum of the rate, and each line carries the
    /// increment: the bases and taxes of the rate then add up to the prices exactly, whatever the lines round to.
    fn take_out_included(&mut self, taxable: &Taxable<'a>) -> Result<Decimal, MoneyError> {
        let Some(tax) = taxable.taxes.iter().find(|tax| self.is_included(tax)) else { return Ok(Decimal::ZERO) };
        let TaxRate::Percent(percent) = tax.rate else { return Ok(Decimal::ZERO) };
        match self.policy.tax_stage {
            TaxStage::PerDocument => contained(percent, taxable.amount),
            TaxStage::PerLine => Ok(self.rounder.round(contained(percent, taxable.amount)?)),
            TaxStage::PerRate => {
                let (rounder, index) = (self.rounder, self.group(tax, taxable.amount));
                self.groups.get_mut(index).map_or(Ok(Decimal::ZERO), |group| {
                    group.gross = money::add(group.gross, taxable.amount)?;
                    let so_far = rounder.round(contained(percent, group.gross)?);
                    let increment = money::sub(so_far, group.taken_out)?;
                    group.taken_out = so_far;
                    Ok(increment)
                })
            }
        }
    }

    /// Index of the group of `tax`, which is opened if it is new.
    fn group(&mut self, tax: &'a Tax, base: Decimal) -> usize {
        let negative = self.policy.signs_apart && base.is_sign_negative();
        let known = self.groups.iter().position(|group| group.negative == negative && same_group(group.tax, tax));
        known.unwrap_or_else(|| {
            self.groups.push(Group::new(tax, negative));
            self.groups.len() - 1
        })
    }

    fn book(&mut self, index: usize, base: Decimal, amount: Decimal, surcharge: Decimal) -> Result<(), MoneyError> {
        let per_line = self.policy.tax_stage == TaxStage::PerLine;
        let base = if self.policy.round_lines { self.rounder.round(base) } else { base };
        let surcharge = if per_line { self.rounder.round(surcharge) } else { surcharge };
        if let Some(group) = self.groups.get_mut(index) {
            group.base = money::add(group.base, base)?;
            group.amount = money::add(group.amount, amount)?;
            group.surcharge = money::add(group.surcharge, surcharge)?;
            group.members.push(self.seen);
        }
        Ok(())
    }

    /// The rounded tax of every group.
    fn shown_amounts(&self) -> Result<Vec<Decimal>, MoneyError> {
        let mut shown = self.groups.iter().map(|group| self.rounder.round(group.amount)).collect::<Vec<_>>();
        if !self.policy.share_residual {
            return Ok(shown);
        }
        for (index, group) in self.groups.iter().enumerate() {
            let same = |other: &Group<'_>| other.members == group.members;
            if self.groups.iter().position(same) != Some(index) {
                continue;
            }
            let siblings = (index..self.groups.len()).filter(|other| self.groups.get(*other).is_some_and(same));
            let siblings = siblings.collect::<Vec<_>>();
            let exact = siblings.iter().filter_map(|at| self.groups.get(*at)).map(|group| group.amount);
            for (at, amount) in siblings.iter().zip(self.together(&exact.collect::<Vec<_>>())?) {
                if let Some(slot) = shown.get_mut(*at) {
                    *slot = amount;
                }
            }
        }
        Ok(shown)
    }

    /// Rounds taxes on the same goods. With `share_residual` the first ones are corrected by one minor unit each until
    /// the sum is the rounded sum: two taxes of 10% on 1.04 are 0.11 and 0.10, because together they are 0.21.
    fn together(&self, exact: &[Decimal]) -> Result<Vec<Decimal>, MoneyError> {
        let mut rounded = exact.iter().map(|amount| self.rounder.round(*amount)).collect::<Vec<_>>();
        if !self.policy.share_residual {
            return Ok(rounded);
        }
        let target = exact.iter().try_fold(Decimal::ZERO, |sum, amount| money::add(sum, *amount))?;
        let reached = rounded.iter().try_fold(Decimal::ZERO, |sum, amount| money::add(sum, *amount))?;
        let mut missing = money::sub(self.rounder.round(target), reached)?;
        let unit = Decimal::new(1, self.rounder.decimals);
        let step = if missing.is_sign_negative() { -unit } else { unit };
        // Each rounding misses at most half a unit, so one pass over the taxes is enough.
        for amount in &mut rounded {
            if missing.is_zero() {
                break;
            }
            *amount = money::add(*amount, step)?;
            missing = money::sub(missing, step)?;
        }
        Ok(rounded)
    }
}

impl<'a> Group<'a> {
    fn new(tax: &'a Tax, negative: bool) -> Self {
        Self {
            tax,
            negative,
            base: Decimal::ZERO,
            amount: Decimal::ZERO,
            surcharge: Decimal::ZERO,
            gross: Decimal::ZERO,
            taken_out: Decimal::ZERO,
            members: Vec::new(),
        }
    }

    fn totals(&self, amount: Decimal, rounder: Rounder) -> TaxTotals {
        let percent = match self.tax.rate {
            TaxRate::Percent(percent) => Some(percent),
            TaxRate::PerUnit(_) | TaxRate::Exempt => None,
        };
        TaxTotals {
            category: self.tax.category.clone(),
            label: self.tax.label.clone(),
            percent,
            kind: self.tax.kind,
            base: rounder.round(self.base),
            amount: rounder.round(amount),
            surcharge_percent: self.tax.surcharge,
            surcharge_amount: rounder.round(self.surcharge),
        }
    }
}

impl Finished {
    fn count(&mut self, kind: TaxKind, amount: Decimal) -> Result<(), MoneyError> {
        match kind {
            TaxKind::Added => self.added = money::add(self.added, amount)?,
            TaxKind::Retained => self.retained = money::add(self.retained, amount)?,
            TaxKind::Informative => {}
        }
        Ok(())
    }

    fn round(mut self, rounder: Rounder) -> Result<Self, MoneyError> {
        for amount in [&mut self.added, &mut self.retained, &mut self.included] {
            *amount = rounder.round(money::in_range(*amount)?);
        }
        Ok(self)
    }
}

/// Percentages are compared as numbers: 21.0 and 21 are one rate.
fn same_group(left: &Tax, right: &Tax) -> bool {
    left.category == right.category
        && left.label == right.label
        && left.kind == right.kind
        && left.rate == right.rate
        && left.surcharge == right.surcharge
        && left.raises_base == right.raises_base
}

fn tax_amount(rate: TaxRate, base: Decimal, quantity: Decimal) -> Result<Decimal, MoneyError> {
    match rate {
        TaxRate::Percent(percent) => money::percent_of(percent, base),
        TaxRate::PerUnit(amount) => money::mul(amount, quantity),
        TaxRate::Exempt => Ok(Decimal::ZERO),
    }
}

/// The tax inside a price that contains it: `gross * percent / (100 + percent)`.
fn contained(percent: Decimal, gross: Decimal) -> Result<Decimal, MoneyError> {
    money::div(money::mul(gross, percent)?, money::add(Decimal::ONE_HUNDRED, percent)?)
}
