//! Days of the calendar, as far as a warranty needs them.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Day {
    year: u32,
    /// From 1.
    month: u32,
    day: u32,
}

impl Day {
    /// A day as RFC 3339 writes it, `2026-01-31`; nothing if it is none.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<u32>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let there = (1..=12).contains(&month) && (1..=length(year, month)).contains(&day);
        there.then_some(Self { year, month, day })
    }

    /// The same day so many months later, or the last of that month.
    pub(crate) fn later(self, months: u32) -> Self {
        let count = self.year * 12 + self.month - 1 + months;
        let (year, month) = (count / 12, count % 12 + 1);
        Self { year, month, day: self.day.min(length(year, month)) }
    }

    /// So many days after the first of January 1970.
    pub(crate) fn number(self) -> i64 {
        let before = i64::from(self.year) - 1;
        let leap_days = before / 4 - before / 100 + before / 400;
        let months: u32 = (1..self.month).map(|month| length(self.year, month)).sum();
        before * 365 + leap_days + i64::from(months + self.day) - 719_163
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn length(year: u32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
