//! What is wrong with a module, where, and what its author can do about it.

use serde::Serialize;
use std::fmt;
use workflow::definition::Position;

/// Something that is wrong in a file of a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The file's path in the package.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// The place as a JSON pointer; empty for the whole file.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl Finding {
    /// Something at a place of a file.
    pub fn at(
        file: impl Into<String>,
        position: Position,
        pointer: impl Into<String>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let Position { line, column } = position;
        Self {
            file: file.into(),
            line,
            column,
            pointer: pointer.into(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }
}

/// `module.yaml:12:7: what is wrong; what to do`, which terminals and editors lead to.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, remedy, .. } = self;
        write!(f, "{file}:{line}:{column}: {message}; {remedy}")
    }
}
