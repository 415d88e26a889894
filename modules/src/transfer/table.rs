//! A table whose first row says what stands in its columns.

use super::cell;
use super::columns::{Column, REST, is_ours, named};
use super::csv::{Broken, Record, Records};
use super::row::{Content, Refusal, Row, Said};
use super::rows::Unreadable;
use crate::objects::schema::ObjectSchema;
use crate::strict;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use workflow::Problem;

/// The most columns.
const MOST_COLUMNS: usize = 1_000;
/// What an object has besides its data. Those that say which object it is come first.
pub(super) const AROUND: [&str; 7] =
    ["$id", "$revision", "$number", "$status", "$created_at", "$created_by", "$updated_at"];

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heading {
    Id,
    Revision,
    Rest,
    /// The field of that place among the columns.
    Field(usize),
    /// Nobody reads it.
    Ignored,
}

/// A table that is being read.
#[derive(Debug, Clone)]
pub(super) struct Table<'t> {
    records: Records<'t>,
    headings: Vec<Heading>,
    columns: Arc<Vec<Column>>,
}

impl<'t> Table<'t> {
    /// Reads the first row; also what is not read of the others.
    pub(super) fn of(text: &'t str, schema: &ObjectSchema) -> Result<(Self, BTreeSet<String>), Unreadable> {
        let mut records = Records::of(text);
        let empty = || Unreadable::at(1, None, "no-columns", "the file is empty; its first row names the columns");
        let first = records.next().ok_or_else(empty)?.map_err(|broken| unreadable(&broken))?;
        let read = headings(&first, schema)?;
        Ok((Self { records, headings: read.headings, columns: Arc::new(read.columns) }, read.ignored))
    }

    /// How many rows there are behind the first.
    pub(super) fn count(&self) -> Result<u64, Unreadable> {
        let mut count = 0;
        for record in self.records.clone() {
            record.map_err(|broken| unreadable(&broken))?;
            count += 1;
        }
        Ok(count)
    }

    pub(super) fn columns(&self) -> Vec<(u64, Column)> {
        let numbered = (1..).zip(&self.headings).filter_map(|(number, heading)| match heading {
            Heading::Field(n) => Some((number, self.columns.get(*n)?.clone())),
            _ => None,
        });
        numbered.collect()
    }

    pub(super) fn next(&mut self) -> Option<Row> {
        // What is broken was told when the rows were counted.
        let record = self.records.next()?.ok()?;
        let bytes = record.cells.iter().map(|cell| cell.text.len()).sum();
        Some(Row::of(record.line, bytes, || self.said(&record)))
    }

    fn said(&self, record: &Record<'_>) -> Result<Said, Vec<Refusal>> {
        let (cells, columns) = (record.cells.len(), self.headings.len());
        if cells != columns {
            let message =
                format!("has {cells} cells, and the table has {columns} columns; put a cell with a comma in quotes");
            return Err(vec![Refusal::of(record.line, &Problem::new("", "cells", message), &[])]);
        }
        let mut reading = Reading { values: vec![None; self.columns.len()], ..Reading::default() };
        for ((number, heading), cell) in (1..).zip(&self.headings).zip(&record.cells) {
            if cell.text.is_empty() && !cell.is_quoted {
                continue;
            }
            if let Err(problem) = reading.take(*heading, &cell.text, &self.columns) {
                let refusal = Refusal::of(record.line, &problem, &[]);
                reading.refusals.push(Refusal { column: Some(number), ..refusal });
            }
        }
        let Reading { id, revision, values, rest, refusals } = reading;
        let content = Content::Columns { columns: self.columns.clone(), values, rest };
        if refusals.is_empty() { Ok(Said { id, revision, content }) } else { Err(refusals) }
    }
}

/// A row that is being read.
#[derive(Default)]
struct Reading {
    id: Option<String>,
    revision: Option<u64>,
    values: Vec<Option<Value>>,
    rest: Option<Value>,
    refusals: Vec<Refusal>,
}

impl Reading {
    fn take(&mut self, heading: Heading, text: &str, columns: &[Column]) -> Result<(), Problem> {
        match heading {
            Heading::Ignored => {}
            Heading::Id => {
                let id = cell::read(text, &["string".to_owned()].into(), "/id")?;
                self.id = id.as_str().filter(|id| !id.is_empty()).map(str::to_owned);
            }
            Heading::Revision => {
                let wrong = |_| Problem::new("/revision", "type", "must be a whole number, 1 or more");
                self.revision = Some(text.trim().parse().map_err(wrong)?);
            }
            Heading::Rest => {
                let wrong = |why: String| {
                    Problem::new("", "json", format!("must be a group of fields as JSON, such as {{\"a\": 1}}{why}"))
                };
                let rest = strict::parse(text).map_err(|error| wrong(format!(": {error}")))?;
                self.rest = Some(rest).filter(Value::is_object);
                self.rest.as_ref().ok_or_else(|| wrong(String::new()))?;
            }
            Heading::Field(n) => {
                let Some(column) = columns.get(n) else { return Ok(()) };
                let value = cell::read(text, &column.types, &column.pointer())?;
                if let Some(place) = self.values.get_mut(n) {
                    *place = Some(value);
                }
            }
        }
        Ok(())
    }
}

/// What the first row says.
#[derive(Default)]
struct Headings {
    headings: Vec<Heading>,
    columns: Vec<Column>,
    ignored: BTreeSet<String>,
}

fn headings(first: &Record<'_>, schema: &ObjectSchema) -> Result<Headings, Unreadable> {
    if first.cells.len() > MOST_COLUMNS {
        let message = format!("the table has {} columns, and {MOST_COLUMNS} is the most", first.cells.len());
        return Err(Unreadable::at(first.line, None, "too-many-columns", message));
    }
    let (mut read, mut problems, mut seen) = (Headings::default(), Vec::new(), BTreeSet::new());
    for (number, cell) in (1..).zip(&first.cells) {
        let name = cell.text.trim();
        let found =
            if seen.insert(name) { heading(name, schema, &mut read) } else { Err("stands there twice".to_owned()) };
        match found {
            Ok(heading) => read.headings.push(heading),
            Err(message) => problems.push(refused(first.line, number, name, &message)),
        }
    }
    if problems.is_empty() && read.columns.is_empty() && !read.headings.contains(&Heading::Rest) {
        return Err(Unreadable::at(
            first.line,
            None,
            "no-columns",
            "no column holds a field of the objects; name one in the first row",
        ));
    }
    if problems.is_empty() { Ok(read) } else { Err(Unreadable::of(problems)) }
}

fn heading(name: &str, schema: &ObjectSchema, read: &mut Headings) -> Result<Heading, String> {
    match name {
        "$id" => return Ok(Heading::Id),
        "$revision" => return Ok(Heading::Revision),
        REST => return Ok(Heading::Rest),
        "" => return Err("has no name; name every column, or take it out".to_owned()),
        name if AROUND.contains(&name) => return Ok(Heading::Ignored),
        name if is_ours(name) => {
            return Err(format!("is not known; what begins with $ is one of: {}", AROUND.join(", ")));
        }
        _ => {}
    }
    if name.contains([';', '\t']) {
        return Err("is separated by something else than commas; save the table with commas between cells".to_owned());
    }
    let column = named(schema, name)?;
    if column.path.first().is_some_and(|top| schema.keywords.made_here.contains(top)) {
        read.ignored.insert(name.to_owned());
    }
    let within = |other: &&Column| other.path.starts_with(&column.path) || column.path.starts_with(&other.path);
    if let Some(other) = read.columns.iter().find(within) {
        return Err(format!("is part of the same as \"{}\"; take one of them out", other.name()));
    }
    read.columns.push(column);
    Ok(Heading::Field(read.columns.len() - 1))
}

fn refused(line: u64, number: u64, name: &str, message: &str) -> Refusal {
    let shown: String = name.chars().take(100).collect();
    let message = format!("the column \"{shown}\" {message}");
    Refusal { line, column: Some(number), pointer: String::new(), code: "column".to_owned(), message }
}

fn unreadable(broken: &Broken) -> Unreadable {
    Unreadable::at(broken.line, Some(broken.column), "malformed-csv", broken.message)
}
