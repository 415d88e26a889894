//! What the totals are computed from: numbers and tax facts, without supplier, texts or dates.

use rust_decimal::Decimal;

use crate::currency::Currency;

/// A document whose totals are wanted. All numbers are in `currency`.
#[derive(Debug, Clone)]
pub struct Document {
    /// Currency of every number here and of the result.
    pub currency: Currency,
    /// The tax category that prices already contain (`VAT` in a shop), if any.
    pub prices_include: Option<String>,
    /// Whether a percentage applies to what the discounts before it left over (600 less 50% less 50% is 150), or
    /// always to the full sum (600 less 50% less 50% is 0).
    pub compounding: bool,
    /// The lines.
    pub lines: Vec<Line>,
    /// Discounts on the whole document.
    pub discounts: Vec<DocumentAdjustment>,
    /// Charges on the whole document, such as freight.
    pub charges: Vec<DocumentAdjustment>,
    /// A tax total stated by the other side that replaces the computed one (Peppol orders state a tax total without
    /// a breakdown).
    pub stated_tax: Option<Decimal>,
    /// Added to what is payable, to reach a round sum (EN 16931 BT-114).
    pub payable_adjustment: Decimal,
    /// Already paid (EN 16931 BT-113).
    pub prepaid: Decimal,
}

impl Document {
    /// A document without lines, to be filled.
    #[must_use]
    pub fn new(currency: Currency) -> Self {
        Self {
            currency,
            prices_include: None,
            compounding: false,
            lines: Vec::new(),
            discounts: Vec::new(),
            charges: Vec::new(),
            stated_tax: None,
            payable_adjustment: Decimal::ZERO,
            prepaid: Decimal::ZERO,
        }
    }
}

/// One line: `quantity * price / base_quantity`, less discounts, plus charges.
#[derive(Debug, Clone)]
pub struct Line {
    /// How much is ordered; negative for a return.
    pub quantity: Decimal,
    /// Price of `base_quantity` units.
    pub price: Decimal,
    /// What the price is for: 1, or 100 for "12.50 per hundred" (UBL `BaseQuantity`).
    pub base_quantity: Decimal,
    /// Taken off, in order.
    pub discounts: Vec<Adjustment>,
    /// Added, in order, after the discounts.
    pub charges: Vec<Adjustment>,
    /// Taxes on the line.
    pub taxes: Vec<Tax>,
}

impl Line {
    /// A line with a price per unit and nothing else.
    #[must_use]
    pub fn new(quantity: Decimal, price: Decimal) -> Self {
        Self {
            quantity,
            price,
            base_quantity: Decimal::ONE,
            discounts: Vec::new(),
            charges: Vec::new(),
            taxes: Vec::new(),
        }
    }
}

/// How much a discount takes off or a charge adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adjustment {
    /// A fixed amount.
    Amount(Decimal),
    /// A percentage (`10` is 10%) of the sum, or of a stated base.
    Percent {
        /// The percentage.
        percent: Decimal,
        /// What it is a percentage of, where that is not the sum.
        base: Option<Decimal>,
    },
    /// A rate for each unit; the quantity of the line unless another is stated (a deposit per bottle in a crate).
    PerUnit {
        /// Amount for one unit.
        rate: Decimal,
        /// Units, where they differ from the line's.
        quantity: Option<Decimal>,
    },
}

/// A discount or charge on the document, with the taxes it changes.
#[derive(Debug, Clone)]
pub struct DocumentAdjustment {
    /// How much.
    pub value: Adjustment,
    /// The taxes whose base it lowers or raises. Empty: it is outside every tax.
    pub taxes: Vec<Tax>,
}

/// One tax on a line or on a document adjustment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tax {
    /// Category, such as `S` (UNCL 5305) or `VAT`.
    pub category: String,
    /// Tells apart taxes of one category and percentage that must not be added up (exempt and reverse charge,
    /// two countries). Usually empty.
    pub label: String,
    /// How it is computed.
    pub rate: TaxRate,
    /// A percentage on top that follows the same base (Spanish equivalence surcharge).
    pub surcharge: Option<Decimal>,
    /// What it does to the totals.
    pub kind: TaxKind,
    /// Whether taxes after it on the line are computed on a base that contains it (an eco-tax under VAT).
    pub raises_base: bool,
}

impl Tax {
    /// A tax of `percent` that is added to the price.
    #[must_use]
    pub fn percent(category: impl Into<String>, percent: Decimal) -> Self {
        Self {
            category: category.into(),
            label: String::new(),
            rate: TaxRate::Percent(percent),
            surcharge: None,
            kind: TaxKind::Added,
            raises_base: false,
        }
    }
}

/// How a tax is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxRate {
    /// Percentage of the base.
    Percent(Decimal),
    /// A fixed amount for each unit of the line.
    PerUnit(Decimal),
    /// No tax, but the base is reported (exempt, reverse charge, outside scope).
    Exempt,
}

/// What a tax does to the totals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxKind {
    /// Added to the price, paid to the supplier.
    #[default]
    Added,
    /// Kept back by the buyer and paid to the tax office (Spanish IRPF).
    Retained,
    /// Reported, without effect on what is paid.
    Informative,
}
