//! Amounts, as the schemas write them.

/// An amount in hundredths.
#[derive(PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Cents(u64);

impl Cents {
    /// A decimal such as `1500.00`; what is smaller than a hundredth counts as one. Nothing if it is none, or too large.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        let hundredths: u64 = format!("{part:0<2}").get(..2)?.parse().ok()?;
        let rest = part.bytes().skip(2).any(|byte| byte != b'0');
        let whole: u64 = whole.parse().ok()?;
        digits.then(|| whole.checked_mul(100)?.checked_add(hundredths + u64::from(rest))).flatten().map(Self)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0 == 0
    }
}
