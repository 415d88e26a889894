//! Where in a JSON text the place is that a JSON pointer names. A parsed document does not know that any more, so the text
//! is read once more, along the pointer only.

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// A place in a text, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A JSON text in which places are looked up.
#[derive(Debug)]
pub struct Places<'t> {
    text: &'t str,
    /// Where it stops being JSON, if it is none.
    broken: Option<Position>,
}

impl<'t> Places<'t> {
    /// The places of a text.
    pub fn of(text: &'t str) -> Self {
        let error = serde_json::from_str::<IgnoredAny>(text).err();
        let broken = error.map(|error| Position { line: error.line().max(1), column: error.column().max(1) });
        Self { text, broken }
    }

    /// The place of a JSON pointer (RFC 6901): a field's name, or the beginning of an item. Of a place that is not there, such
    /// as a missing field, the one around it. Of a text that is not JSON, where it stops being JSON.
    pub fn find(&self, pointer: &str) -> Position {
        self.broken.unwrap_or_else(|| self.at(offset(pointer, self.text)))
    }

    fn at(&self, offset: usize) -> Position {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        Position { line: before.matches('\n').count() + 1, column: line.chars().count() + 1 }
    }
}

/// The byte at which the place begins, in a text that is JSON.
fn offset(pointer: &str, text: &str) -> usize {
    let mut scan = Scan { text, at: 0 };
    scan.skip_space();
    let mut found = scan.at;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        match scan.enter(&token) {
            Some((place, value)) => (found, scan.at) = (place, value),
            None => break,
        }
    }
    found
}

/// A position in a text that is JSON.
struct Scan<'t> {
    text: &'t str,
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Reads a byte if it comes next, and the space behind it.
    fn eat(&mut self, byte: u8) -> bool {
        let comes = self.peek() == Some(byte);
        if comes {
            self.at += 1;
            self.skip_space();
        }
        comes
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.at += 1;
        }
    }

    /// Where a part of the value that comes next stands, and where its own value begins.
    fn enter(&mut self, token: &str) -> Option<(usize, usize)> {
        if self.eat(b'{') { self.field(token) } else { self.eat(b'[').then(|| self.item(token))? }
    }

    /// The field of that name. Of several the last, which is the one that counts.
    fn field(&mut self, name: &str) -> Option<(usize, usize)> {
        let mut found = None;
        while self.peek() == Some(b'"') {
            let place = self.at;
            self.skip_text();
            let written = self.text.get(place..self.at).unwrap_or_default();
            self.skip_space();
            self.eat(b':');
            if serde_json::from_str::<String>(written).is_ok_and(|written| written == name) {
                found = Some((place, self.at));
            }
            self.skip_value();
            self.eat(b',');
        }
        found
    }

    fn item(&mut self, index: &str) -> Option<(usize, usize)> {
        for _ in 0..index.parse::<usize>().ok()? {
            self.skip_value();
            if !self.eat(b',') {
                return None;
            }
        }
        (self.peek() != Some(b']')).then_some((self.at, self.at))
    }

    /// Skips a text, both quotes included.
    fn skip_text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }

    /// Skips a value and the space behind it. Brackets are counted, so a deep value takes no stack.
    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_text(),
                b'{' | b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                b',' | b'}' | b']' if depth == 0 => break,
                b'}' | b']' => (depth, self.at) = (depth - 1, self.at + 1),
                _ => self.at += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
{
  "StartAt": "A",
  "States": {
    "A": { "Type": "Pass", "Comment": "ä {[\"", "End": true },
    "B/C~": {"Type":"Choice", "Choices": [ {"Next": "A"},
      [1, [2, 3]],  7 ] }
  },
  "A": 1, "A": 2
}"#;

    fn of(pointer: &str) -> (usize, usize) {
        let Position { line, column } = Places::of(TEXT).find(pointer);
        (line, column)
    }

    #[test]
    fn a_pointer_leads_to_the_name_of_a_field_or_to_an_item() {
        for (pointer, expected) in [
            ("", (2, 1)),
            ("/StartAt", (3, 3)),
            ("/States", (4, 3)),
            ("/States/A", (5, 5)),
            ("/States/A/Type", (5, 12)),
            ("/States/A/End", (5, 49)),
            ("/States/B~1C~0", (6, 5)),
            ("/States/B~1C~0/Choices/0", (6, 44)),
            ("/States/B~1C~0/Choices/0/Next", (6, 45)),
            ("/States/B~1C~0/Choices/1/1/1", (7, 15)),
            ("/States/B~1C~0/Choices/2", (7, 21)),
            ("/A", (9, 11)),
        ] {
            assert_eq!(of(pointer), expected, "{pointer}");
        }
    }

    #[test]
    fn what_is_not_there_is_told_at_what_is_around_it() {
        for (pointer, around) in [
            ("/TimeoutSeconds", ""),
            ("/States/A/Next", "/States/A"),
            ("/States/A/Type/0", "/States/A/Type"),
            ("/States/B~1C~0/Choices/3", "/States/B~1C~0/Choices"),
            ("/States/B~1C~0/Choices/x", "/States/B~1C~0/Choices"),
            ("/States/B~1C~0/Choices/2/Next", "/States/B~1C~0/Choices/2"),
        ] {
            assert_eq!(of(pointer), of(around), "{pointer}");
        }
    }

    #[test]
    fn what_is_not_json_is_told_where_it_stops_being_json() {
        assert_eq!(Places::of("{\n  \"a\": tru }").find(""), Position { line: 2, column: 11 });
        assert_eq!(Places::of("").find(""), Position { line: 1, column: 1 });
        assert_eq!(Places::of("[]").find("/a"), Position { line: 1, column: 1 });
    }
}
