//! Objects in files: CSV and JSON Lines, out of a collection and into one.
//!
//! A file that was exported and is imported again changes nothing: whatever an object holds stands in its line. A row goes
//! the way of any other creation or change, with the same checks, code and events. What is decided about the two formats is
//! in `docs/modules.md`.

mod cell;
mod columns;
mod csv;
mod export;
mod import;
mod keys;
mod lines;
mod row;
mod rows;
mod table;

pub use columns::Column;
pub use export::Exporting;
pub use import::{By, Done, Importing, Mode};
pub use keys::Keys;
pub use row::{Refusal, Row};
pub use rows::{MOST_ROWS, Rows, Unreadable};

use std::fmt;

/// How objects stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A table, RFC 4180.
    Csv,
    /// An object a line, as the API shows it.
    JsonLines,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Csv, Self::JsonLines];

    /// The format of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// `csv`, `jsonl`: its name, and the end of the names of its files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Its kind of content.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/jsonl",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
