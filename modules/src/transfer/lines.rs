//! JSON Lines: an object a line, as the API shows it. Only its data is read, and what says which object it is.

use super::row::{Content, Refusal, Row, Said};
use crate::objects::schema::ObjectSchema;
use crate::strict;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use workflow::Problem;
use workflow::definition::below;

/// What an object has besides its data, and what is not read of it.
const AROUND: [&str; 9] =
    ["kind", "status", "number", "instance", "created_at", "created_by", "updated_at", "approval", "updated_by"];

/// The lines of a file.
#[derive(Debug, Clone)]
pub(super) struct Lines<'t> {
    rest: &'t str,
    line: u64,
    /// The fields that are made here.
    made_here: Vec<String>,
    /// Those that were met and not read.
    pub(super) ignored: BTreeSet<String>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str, schema: &ObjectSchema) -> Self {
        Self { rest: text, line: 0, made_here: schema.keywords.made_here.clone(), ignored: BTreeSet::new() }
    }

    pub(super) fn count(&self) -> u64 {
        self.rest.lines().filter(|line| !line.trim().is_empty()).count() as u64
    }

    pub(super) fn next(&mut self) -> Option<Row> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let (text, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            self.rest = rest;
            self.line += 1;
            if !text.trim().is_empty() {
                return Some(Row::of(self.line, text.len(), || self.said(text.trim_end_matches('\r'))));
            }
        }
    }

    fn said(&mut self, text: &str) -> Result<Said, Vec<Refusal>> {
        let value = strict::parse(text).map_err(|error| vec![malformed(self.line, &error)])?;
        let refused = |problems: Vec<Problem>| {
            problems.iter().map(|problem| Refusal::of(self.line, problem, &[])).collect::<Vec<_>>()
        };
        let Value::Object(fields) = value else {
            return Err(refused(vec![Problem::new(
                "",
                "type",
                "a line is an object, such as {\"data\": {\"name\": \"x\"}}",
            )]));
        };
        let said = said(fields).map_err(refused)?;
        if let Content::Whole(Value::Object(data)) = &said.content {
            let met = self.made_here.iter().filter(|name| data.contains_key(*name)).cloned();
            self.ignored.extend(met);
        }
        Ok(said)
    }
}

fn malformed(line: u64, error: &serde_json::Error) -> Refusal {
    let message = format!("the line is not JSON: {error}");
    // The text that is told counts lines from 1 within this one.
    let message = message.replace(" at line 1 column ", " at column ");
    Refusal {
        line,
        column: Some(error.column() as u64),
        pointer: String::new(),
        code: "malformed-json".to_owned(),
        message,
    }
}

fn said(mut fields: Map<String, Value>) -> Result<Said, Vec<Problem>> {
    let mut problems = Vec::new();
    let mut wrong = |pointer: &str, message: &str| problems.push(Problem::new(pointer, "type", message));
    let id = match fields.shift_remove("id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => Some(id),
        Some(_) => {
            wrong("/id", "must be a text");
            None
        }
    };
    let revision = match fields.shift_remove("revision") {
        None | Some(Value::Null) => None,
        Some(revision) => {
            if revision.as_u64().is_none() {
                wrong("/revision", "must be a whole number, 1 or more");
            }
            revision.as_u64()
        }
    };
    let data = fields.shift_remove("data");
    let unknown = fields.keys().filter(|name| !AROUND.contains(&name.as_str())).take(20);
    let message = "is not known; the fields of an object stand in \"data\": {\"data\": {\"name\": \"x\"}}";
    problems.extend(unknown.map(|name| Problem::new(below("", name), "unknown-field", message)));
    match data {
        Some(data) if problems.is_empty() => Ok(Said { id, revision, content: Content::Whole(data) }),
        Some(_) => Err(problems),
        None => {
            problems.insert(0, Problem::new("/data", "missing", "is missing; the fields of the object stand in it"));
            Err(problems)
        }
    }
}
