//! The rows of a file, one after the other.

use super::Format;
use super::columns::Column;
use super::lines::Lines;
use super::row::{Refusal, Row};
use super::table::Table;
use crate::objects::MOST_PROBLEMS;
use crate::objects::schema::ObjectSchema;
use std::collections::BTreeSet;

/// The most rows of a file.
pub const MOST_ROWS: u64 = 100_000;

/// Why a file is not read: nothing is known of the rows behind the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Everything that is wrong.
    pub problems: Vec<Refusal>,
}

/// The rows of a file. What is wrong with one is told by the row; what is wrong with the file, by [`Rows::total`].
#[derive(Debug, Clone)]
pub struct Rows<'t> {
    reading: Reading<'t>,
    /// Fields of the file that are made here, so that nobody reads them.
    ignored: BTreeSet<String>,
}

#[derive(Debug, Clone)]
enum Reading<'t> {
    Table(Table<'t>),
    Lines(Lines<'t>),
}

impl<'t> Rows<'t> {
    /// Begins to read a file of objects of that schema.
    ///
    /// # Errors
    /// Every column that is none.
    pub fn of(format: Format, text: &'t str, schema: &ObjectSchema) -> Result<Self, Unreadable> {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let (reading, ignored) = match format {
            Format::Csv => {
                let (table, ignored) = Table::of(text, schema)?;
                (Reading::Table(table), ignored)
            }
            Format::JsonLines => (Reading::Lines(Lines::of(text, schema)), BTreeSet::new()),
        };
        Ok(Self { reading, ignored })
    }

    /// How many there are.
    ///
    /// # Errors
    /// Where the file breaks, or that it has too many.
    pub fn total(&self) -> Result<u64, Unreadable> {
        let counted = match &self.reading {
            Reading::Table(table) => table.count()?,
            Reading::Lines(lines) => lines.count(),
        };
        if counted <= MOST_ROWS {
            return Ok(counted);
        }
        let message = format!("the file has {counted} rows, and {MOST_ROWS} is the most; send it in parts");
        Err(Unreadable::at(0, None, "too-many-rows", message))
    }

    /// The columns of the table that hold fields, with their numbers from 1. None of JSON Lines.
    pub fn columns(&self) -> Vec<(u64, Column)> {
        match &self.reading {
            Reading::Table(table) => table.columns(),
            Reading::Lines(_) => Vec::new(),
        }
    }

    /// What stood in the file and was not read so far: fields that are made here.
    pub fn ignored(&self) -> &BTreeSet<String> {
        &self.ignored
    }
}

impl Iterator for Rows<'_> {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        match &mut self.reading {
            Reading::Table(table) => table.next(),
            Reading::Lines(lines) => {
                let row = lines.next();
                self.ignored.append(&mut lines.ignored);
                row
            }
        }
    }
}

impl Unreadable {
    pub(super) fn at(line: u64, column: Option<u64>, code: &str, message: impl Into<String>) -> Self {
        let (pointer, code, message) = (String::new(), code.to_owned(), message.into());
        Self { problems: vec![Refusal { line, column, pointer, code, message }] }
    }

    pub(super) fn of(mut problems: Vec<Refusal>) -> Self {
        problems.truncate(MOST_PROBLEMS);
        Self { problems }
    }
}
