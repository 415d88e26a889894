//! A row of a file, and why one is refused.

use super::columns::{Column, lay, put};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;
use workflow::Problem;

/// Something that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The line of the file in which the row begins, from 1.
    pub line: u64,
    /// In CSV the column of the table, from 1; in JSON Lines where the line cannot be read, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
    /// The field, as a JSON pointer; empty if it is about the whole row.
    pub pointer: String,
    /// What, for programs.
    pub code: String,
    /// What, for people, and what to do.
    pub message: String,
}

/// A row.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line of the file in which it begins, from 1.
    pub line: u64,
    /// About how long it is.
    pub bytes: usize,
    /// What it says; or why it says nothing.
    pub(super) said: Result<Said, Vec<Refusal>>,
}

/// What a row says.
#[derive(Debug, Clone)]
pub(super) struct Said {
    /// The id of the object that it is about.
    pub(super) id: Option<String>,
    /// The revision that it was made of.
    pub(super) revision: Option<u64>,
    pub(super) content: Content,
}

/// What a row says of an object.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// All of it.
    Whole(Value),
    /// What stands in the columns of the file. It tells nothing of fields that have none.
    Columns { columns: Arc<Vec<Column>>, values: Vec<Option<Value>>, rest: Option<Value> },
}

impl Content {
    /// What it makes of an object.
    pub(super) fn over(&self, object: &Value) -> Value {
        match self {
            Self::Whole(data) => data.clone(),
            Self::Columns { columns, values, rest } => {
                let mut made = object.clone();
                for (column, value) in columns.iter().zip(values) {
                    put(&mut made, &column.path, value.clone());
                }
                rest.iter().for_each(|rest| lay(rest, &mut made));
                made
            }
        }
    }

    /// What it makes of nothing.
    pub(super) fn alone(&self) -> Value {
        self.over(&Value::Object(Map::new()))
    }
}

/// The largest row, in bytes: as large as an object that is sent alone.
const MOST_BYTES: usize = 1_048_576;

impl Row {
    pub(super) fn of(line: u64, bytes: usize, said: impl FnOnce() -> Result<Said, Vec<Refusal>>) -> Self {
        if bytes <= MOST_BYTES {
            return Self { line, bytes, said: said() };
        }
        let message = format!("has {bytes} bytes, and {MOST_BYTES} is the most of a row");
        Self { line, bytes: 0, said: Err(vec![Refusal::of(line, &Problem::new("", "too-large", message), &[])]) }
    }
}

impl Refusal {
    /// A problem of a row, with the column in which its field stands.
    pub(super) fn of(line: u64, problem: &Problem, columns: &[(u64, Column)]) -> Self {
        let Problem { pointer, message, code } = problem;
        let holds = |column: &Column| {
            let place = column.pointer();
            *pointer == place || pointer.strip_prefix(&place).is_some_and(|rest| rest.starts_with('/'))
        };
        let column = columns.iter().find(|(_, column)| holds(column)).map(|(number, _)| *number);
        Self { line, column, pointer: pointer.clone(), code: code.clone(), message: message.clone() }
    }
}
