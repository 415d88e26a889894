//! What several pages show: points in time, votes, documents.

use std::fmt;

use time::{OffsetDateTime, UtcOffset};

/// A point in time as a person reads it: `23 November 2026, 15:21 UTC`.
///
/// It is shown in the offset that the value carries, which is named, because the reader may sit elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub OffsetDateTime);

impl Moment {
    /// The value of `<time datetime>` in UTC, to the second: `2026-11-23T15:21:00Z`.
    pub fn iso(&self) -> String {
        let utc = self.0.to_offset(UtcOffset::UTC);
        let (date, (hour, minute, second)) = (utc.date(), utc.to_hms());
        format!("{:04}-{:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", date.year(), u8::from(date.month()), date.day())
    }
}

impl From<OffsetDateTime> for Moment {
    fn from(at: OffsetDateTime) -> Self {
        Self(at)
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, (hour, minute, _)) = (self.0, self.0.offset().as_hms());
        write!(f, "{} {} {}, {:02}:{:02} UTC", at.day(), at.month(), at.year(), at.hour(), at.minute())?;
        if self.0.offset().is_utc() {
            return Ok(());
        }
        let sign = if self.0.offset().is_negative() { '\u{2212}' } else { '+' };
        write!(f, "{sign}{}", hour.unsigned_abs())?;
        if minute == 0 { Ok(()) } else { write!(f, ":{:02}", minute.unsigned_abs()) }
    }
}

/// How a decision or an outcome is marked. The text always says it too: colour and sign are never alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It goes on: approved.
    Good,
    /// It does not go on: rejected, expired.
    Bad,
    /// Neither: returned for changes, withdrawn, commented.
    Neutral,
}

impl Tone {
    /// The sign that stands before the text.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Good => "\u{2713}",
            Self::Bad => "\u{2715}",
            Self::Neutral => "\u{2013}",
        }
    }

    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Neutral => "neutral",
        }
    }
}

/// A recorded decision of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who decided: `Anna Weber`.
    pub who: String,
    /// For whom, when somebody stood in: `Bob Stone`.
    pub on_behalf_of: Option<String>,
    /// The decision in the past tense, as it continues "You ..." in lower case: `approved`, `rejected`,
    /// `asked for changes`.
    pub decision: String,
    /// How it is marked.
    pub tone: Tone,
    /// When it was recorded.
    pub at: Moment,
    /// The step: `Manager approval`.
    pub step: String,
    /// The round in which it was given, from 1.
    pub round: u32,
    /// The reason that was written.
    pub comment: Option<String>,
    /// Why it no longer counts, when it does not: `The order was changed afterwards.`
    pub void: Option<String>,
}

/// The document to which a link belongs, served at `/a/{token}/document.pdf`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// File name: `PO-2026-000017.pdf`.
    pub name: String,
    /// Size in words: `84 kB`.
    pub size: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_moment_names_its_offset() {
        assert_eq!(Moment(datetime!(2026-11-03 09:05 UTC)).to_string(), "3 November 2026, 09:05 UTC");
        assert_eq!(Moment(datetime!(2026-11-03 09:05 +1)).to_string(), "3 November 2026, 09:05 UTC+1");
        assert_eq!(Moment(datetime!(2026-11-03 09:05 -3:30)).to_string(), "3 November 2026, 09:05 UTC\u{2212}3:30");
    }

    #[test]
    fn a_moment_is_machine_readable_in_utc() {
        assert_eq!(Moment(datetime!(2026-11-03 00:05:09 +1)).iso(), "2026-11-02T23:05:09Z");
    }
}
