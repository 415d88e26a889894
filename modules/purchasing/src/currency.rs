//! ISO 4217 currencies, as an order may be stated in.
//!
//! The list and the minor units come from the `iso_currency` crate. Codes that have no minor unit (gold, test codes,
//! bond units) exist in ISO 4217 but nobody can be paid in them, so they are refused here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::money::MoneyError;

/// A currency in which amounts can be stated: three capital letters and a number of decimals (ISO 4217 minor units).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    iso: iso_currency::Currency,
    /// Kept beside the code so that no later step has to handle "has no minor unit".
    decimals: u32,
}

impl Currency {
    /// Reads a three-letter code such as `EUR`. Lower case is refused: stored codes are compared as text.
    ///
    /// # Errors
    /// [`MoneyError::UnknownCurrency`] for text that is no ISO 4217 code, [`MoneyError::NoMinorUnit`] for codes such
    /// as `XAU` that are not money.
    pub fn parse(code: &str) -> Result<Self, MoneyError> {
        let iso = iso_currency::Currency::from_code(code)
            .ok_or_else(|| MoneyError::UnknownCurrency { code: crate::money::shortened(code) })?;
        match iso.exponent() {
            Some(decimals) if !iso.is_special() => Ok(Self { iso, decimals: decimals.into() }),
            _ => Err(MoneyError::NoMinorUnit { code: iso.code() }),
        }
    }

    /// The three-letter code, for example `EUR`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.iso.code()
    }

    /// How many decimals amounts have: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn decimals(self) -> u32 {
        self.decimals
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Currency {
    type Err = MoneyError;

    fn from_str(code: &str) -> Result<Self, MoneyError> {
        Self::parse(code)
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::parse(&code).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_are_those_of_iso_4217() {
        let table = [
            ("EUR", 2),
            ("USD", 2),
            ("GBP", 2),
            ("JPY", 0),
            ("KRW", 0),
            ("CLP", 0),
            ("ISK", 0),
            ("VND", 0),
            ("XOF", 0),
            ("XPF", 0),
            ("KWD", 3),
            ("BHD", 3),
            ("TND", 3),
            ("IQD", 3),
            ("CLF", 4),
            ("MGA", 2),
            ("HUF", 2),
        ];
        for (code, decimals) in table {
            assert_eq!(Currency::parse(code).unwrap().decimals(), decimals, "{code}");
        }
    }

    #[test]
    fn codes_that_are_not_money_are_refused_by_name() {
        for code in ["", "EU", "eur", "EURO", "ABC", "€", " EUR", "978"] {
            let error = Currency::parse(code).unwrap_err();
            assert!(matches!(error, MoneyError::UnknownCurrency { .. }), "{code}: {error}");
        }
        for code in ["XAU", "XXX", "XTS", "XDR"] {
            let error = Currency::parse(code).unwrap_err();
            assert!(matches!(error, MoneyError::NoMinorUnit { .. }), "{code}: {error}");
            assert!(error.to_string().contains(code));
        }
    }

    #[test]
    fn json_is_the_code() {
        let currency: Currency = serde_json::from_str("\"KWD\"").unwrap();
        assert_eq!(serde_json::to_string(&currency).unwrap(), "\"KWD\"");
        assert!(serde_json::from_str::<Currency>("\"ABC\"").is_err());
    }
}
