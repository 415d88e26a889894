//! Paths: queries as Amazon States Language writes them.
//!
//! The language is JSONPath as Step Functions follows it, which is that of Jayway's library and not RFC 9535: a path that
//! can only lead to one place gives what is there and fails where nothing is, any other gives a list, if need be an empty
//! one; `$['a', 'b']` at the end gives an object with these fields.

mod filter;
mod filter_reader;
mod path_reader;
mod query;
mod select;

pub(super) use query::{Query, Root, Selector};
pub(super) use select::Found;

use super::error::{shown, shown_value};
use super::reader::{Fault, Reader};
use super::run::{Run, bounded};
use super::{PathError, PathProblem, View, limits};
use serde_json::Value;

/// A query into the document, the context object or a variable.
#[derive(Debug, Clone)]
pub struct Path {
    source: String,
    query: Query,
}

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// A sentence that names the place and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, PathProblem> {
        let query = read_whole(text).map_err(|what| PathProblem::unreadable("path", text, &what))?;
        Ok(Self { source: text.to_owned(), query })
    }

    /// Reads the path that comes next in a longer text.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let start = reader.at();
        let query = path_reader::query(reader, 0)?;
        Ok(Self { source: reader.since(start).to_owned(), query })
    }

    /// What the path finds.
    ///
    /// # Errors
    /// `States.Runtime` when the path leads to one place and nothing is there; `States.DataLimitExceeded` when the search
    /// takes too long or the list is too large.
    pub fn evaluate(&self, view: &View<'_>) -> Result<Value, PathError> {
        let run = Run::new(view);
        let found = self.copy(&run)?.ok_or_else(|| self.missing(&run, "JSONPath", ""))?;
        // A part of a document is not larger than the document.
        if self.query.is_definite() { Ok(found) } else { bounded(found) }
    }

    /// The text that was read.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The names of the variables that the path reads, filters included, in the order of the text.
    pub fn variables(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.query.collect_variables(&mut names);
        names
    }

    pub(super) fn query(&self) -> &Query {
        &self.query
    }

    /// What the path finds, without copying it.
    pub(super) fn find<'a>(&self, run: &Run<'a>) -> Result<Found<'a>, PathError> {
        self.query.find(run, None)
    }

    /// What the path finds, copied; `None` where it leads nowhere.
    pub(super) fn copy(&self, run: &Run<'_>) -> Result<Option<Value>, PathError> {
        self.find(run)?.into_value(run)
    }

    /// That the path leads nowhere. `what` says what the path is, `place` where it stands.
    pub(super) fn missing(&self, run: &Run<'_>, what: &str, place: &str) -> PathError {
        let subject = format!("The {what} '{}'{place} could not be found", shown(&self.source));
        PathError::runtime(match &self.query.root {
            Root::Variable(name) if run.view.variables.get(name).is_none() => {
                format!("{subject}: the variable ${name} is not assigned before this state.")
            }
            Root::Variable(name) => format!("{subject} in the variable ${name}."),
            Root::Context => format!("{subject} in the context object."),
            _ => format!("{subject} in the input '{}'.", shown_value(run.view.document)),
        })
    }
}

fn read_whole(text: &str) -> Result<Query, Fault> {
    if text.len() > limits::SOURCE_BYTES {
        return Err(format!("it is longer than {} bytes", limits::SOURCE_BYTES));
    }
    let mut reader = Reader::new(text);
    let query = path_reader::query(&mut reader, 0)?;
    if reader.is_at_end() {
        return Ok(query);
    }
    Err(match reader.peek() {
        Some('(') => reader
            .fault("functions of a path are not available; call an intrinsic function, such as States.ArrayLength,"),
        _ => reader.fault("'.', '[' or the end is expected; write names with other signs as ['name'];"),
    })
}
