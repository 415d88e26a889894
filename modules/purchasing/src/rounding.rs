//! Where and how amounts are rounded.
//!
//! Two companies that agree on every price still get different totals when one rounds each line and the other rounds
//! the document once. The mode is therefore part of the document and printed on it.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// What happens to a value that lies exactly between two minor units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Midpoint {
    /// Half a cent goes away from zero: 1.005 to 1.01, -1.005 to -1.01. What tax offices expect.
    #[default]
    HalfUp,
    /// Half a cent goes to the even neighbour: 1.005 to 1.00, 1.015 to 1.02 (banker's rounding).
    HalfEven,
}

/// The rounding mode that is stated on a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// Every line amount is rounded, and every tax rate is applied to the sum of its rounded lines (EN 16931,
    /// GOBL `currency`).
    Line,
    /// Nothing is rounded before the totals of the document (GOBL `precise`).
    #[default]
    Document,
    /// Every tax of every line is rounded (Tryton `tax_rounding = line`, Odoo `round_per_line`).
    TaxLine,
    /// Lines are shown rounded, taxes are computed from the unrounded lines and rounded once per rate
    /// (Tryton `tax_rounding = document`).
    TaxDocument,
}

/// How far a tax is summed up before it is rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxStage {
    /// Each tax of each line.
    PerLine,
    /// Each category and percentage.
    PerRate,
    /// The sum of all taxes of the document.
    PerDocument,
}

/// The single decisions that a [`RoundingMode`] bundles. Public so that records of other systems can be re-computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Direction at a half.
    pub midpoint: Midpoint,
    /// Line amounts are rounded before they are added up.
    pub round_lines: bool,
    /// When taxes are rounded.
    pub tax_stage: TaxStage,
    /// Taxes are computed from the unrounded line even when the line itself is shown rounded.
    pub tax_on_exact: bool,
    /// When several taxes on the same goods round the same way, the cent they make up together is taken back from the
    /// first of them (Tryton).
    pub share_residual: bool,
    /// Positive and negative lines of one rate are kept in separate tax totals (Tryton books them on two accounts).
    pub signs_apart: bool,
}

impl RoundingMode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Line, Self::Document, Self::TaxLine, Self::TaxDocument];

    /// The decisions of this mode, half-up.
    #[must_use]
    pub fn policy(self) -> Policy {
        let (round_lines, tax_stage, tax_on_exact) = match self {
            Self::Line => (true, TaxStage::PerRate, false),
            Self::Document => (false, TaxStage::PerDocument, false),
            Self::TaxLine => (true, TaxStage::PerLine, true),
            Self::TaxDocument => (true, TaxStage::PerRate, true),
        };
        let share_residual = tax_on_exact;
        Policy { midpoint: Midpoint::HalfUp, round_lines, tax_stage, tax_on_exact, share_residual, signs_apart: false }
    }
}

impl Policy {
    /// The mode that makes exactly these decisions, if there is one.
    #[must_use]
    pub fn mode(self) -> Option<RoundingMode> {
        RoundingMode::ALL.into_iter().find(|mode| mode.policy() == self)
    }
}

/// Rounds to exactly `decimals` places: the result also *shows* them (`5` becomes `5.00`), and is never `-0`.
#[must_use]
pub fn round(value: Decimal, decimals: u32, midpoint: Midpoint) -> Decimal {
    let strategy = match midpoint {
        Midpoint::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Midpoint::HalfEven => RoundingStrategy::MidpointNearestEven,
    };
    let mut rounded = value.round_dp_with_strategy(decimals, strategy);
    rounded.rescale(decimals);
    without_negative_zero(rounded)
}

/// `rust_decimal` keeps the sign of zero and would print `-0.00` on an order.
pub(crate) fn without_negative_zero(mut value: Decimal) -> Decimal {
    if value.is_zero() {
        value.set_sign_positive(true);
    }
    value
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn midpoints_go_where_the_mode_says() {
        let table = [
            (dec!(1.005), "1.01", "1.00"),
            (dec!(1.015), "1.02", "1.02"),
            (dec!(-1.005), "-1.01", "-1.00"),
            (dec!(-0.295), "-0.30", "-0.30"),
            (dec!(2.5), "2.50", "2.50"),
            (dec!(1.00499999), "1.00", "1.00"),
            (dec!(1.00500001), "1.01", "1.01"),
        ];
        for (value, half_up, half_even) in table {
            assert_eq!(round(value, 2, Midpoint::HalfUp).to_string(), half_up, "{value}");
            assert_eq!(round(value, 2, Midpoint::HalfEven).to_string(), half_even, "{value}");
        }
    }

    #[test]
    fn zero_has_no_sign_and_all_its_decimals() {
        assert_eq!(round(dec!(-0.004), 2, Midpoint::HalfUp).to_string(), "0.00");
        assert_eq!(round(dec!(0), 3, Midpoint::HalfUp).to_string(), "0.000");
        assert_eq!(round(dec!(-0.4), 0, Midpoint::HalfUp).to_string(), "0");
    }

    #[test]
    fn modes_have_stable_names() {
        let names = RoundingMode::ALL.map(|mode| serde_json::json!(mode).to_string());
        assert_eq!(names, ["\"line\"", "\"document\"", "\"tax_line\"", "\"tax_document\""]);
    }

    #[test]
    fn a_policy_knows_its_mode() {
        for mode in RoundingMode::ALL {
            assert_eq!(mode.policy().mode(), Some(mode));
        }
        let own = Policy { midpoint: Midpoint::HalfEven, ..RoundingMode::Line.policy() };
        assert_eq!(own.mode(), None);
    }
}
