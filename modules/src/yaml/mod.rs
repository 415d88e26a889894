//! YAML 1.2 as people write it by hand: one document that could as well be JSON, and where each place of it stands.
//!
//! What JSON has not is refused with a remedy: anchors and aliases (a short text can expand to gigabytes), tags, several
//! documents. All flaws of a text that can be parsed are found, not the first.

mod reader;
mod scalar;
#[cfg(test)]
mod tests;

use serde_json::Value;
use std::collections::HashMap;
use workflow::definition::Position;

/// The longest text, in bytes.
pub const MAX_BYTES: usize = 262_144;
/// How deep values may be nested.
pub const MAX_DEPTH: usize = 32;

/// A document.
#[derive(Debug, Default)]
pub struct Document {
    /// What it says.
    pub value: Value,
    places: HashMap<String, Position>,
}

/// Something in a text that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub position: Position,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// Reads a text. The document holds what could be read; it is to be used only if there is no flaw.
pub fn read(text: &str) -> (Document, Vec<Flaw>) {
    if text.len() > MAX_BYTES {
        let message = format!("the file is larger than {MAX_BYTES} bytes");
        let remedy = "keep long texts in files of their own".to_owned();
        return (Document::default(), vec![Flaw { position: Position { line: 1, column: 1 }, message, remedy }]);
    }
    reader::read(text)
}

impl Document {
    /// Where the place of a JSON pointer stands: a field's name, the beginning of an item. Of a place that is not there,
    /// such as a missing field, the one around it.
    pub fn find(&self, pointer: &str) -> Position {
        let mut pointer = pointer;
        loop {
            match (self.places.get(pointer), pointer.rsplit_once('/')) {
                (Some(position), _) => return *position,
                (None, Some((around, _))) => pointer = around,
                (None, None) => return Position { line: 1, column: 1 },
            }
        }
    }
}
