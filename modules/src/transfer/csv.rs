//! CSV as RFC 4180 has it: read strictly, so that a quote that somebody forgot is told and not guessed at, and written so
//! that nothing is lost.

use std::borrow::Cow;

/// A line of the table, which may stand in several lines of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record<'t> {
    /// The line of the file in which it begins, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Cell<'t>>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell<'t> {
    pub(super) text: Cow<'t, str>,
    /// Whether it stood in quotes: `""` is an empty text, nothing is nothing.
    pub(super) is_quoted: bool,
}

/// Where a file is no CSV any more. What comes behind it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) line: u64,
    /// In characters, from 1.
    pub(super) column: u64,
    pub(super) message: &'static str,
}

/// Reads a text record by record. Empty lines are none.
#[derive(Debug, Clone)]
pub(super) struct Records<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    line_begins: usize,
}

const UNCLOSED: &str = "a cell begins with a quote here and has no quote at its end; close it, or write a quote within a \
                        cell twice and the whole cell in quotes";
const BEHIND: &str = "behind the closing quote of a cell stands something else than a comma or the end of the line; write \
                      a quote within a cell twice";
const WITHIN: &str = "a quote stands in a cell that does not begin with one; put the whole cell in quotes, and write the \
                      quote twice";

impl<'t> Records<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1, line_begins: 0 }
    }

    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn part(&self, from: usize, to: usize) -> &'t str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn broken(&self, at: usize, message: &'static str) -> Broken {
        let before = self.part(self.line_begins, at);
        Broken { line: self.line, column: before.chars().count() as u64 + 1, message }
    }

    /// Goes over the end of a line, if there is one here: CR LF, LF, or CR.
    fn end_line(&mut self) -> bool {
        match self.byte() {
            Some(b'\r') => self.at += 1 + usize::from(self.text.as_bytes().get(self.at + 1) == Some(&b'\n')),
            Some(b'\n') => self.at += 1,
            _ => return false,
        }
        self.line += 1;
        self.line_begins = self.at;
        true
    }

    fn cell(&mut self) -> Result<Cell<'t>, Broken> {
        if self.byte() == Some(b'"') { self.quoted() } else { self.plain() }
    }

    fn plain(&mut self) -> Result<Cell<'t>, Broken> {
        let begin = self.at;
        while let Some(byte) = self.byte().filter(|byte| !matches!(byte, b',' | b'\r' | b'\n')) {
            if byte == b'"' {
                return Err(self.broken(self.at, WITHIN));
            }
            self.at += 1;
        }
        Ok(Cell { text: Cow::Borrowed(self.part(begin, self.at)), is_quoted: false })
    }

    fn quoted(&mut self) -> Result<Cell<'t>, Broken> {
        let unclosed = self.broken(self.at, UNCLOSED);
        self.at += 1;
        let begin = self.at;
        let mut is_doubled = false;
        loop {
            match self.byte().ok_or_else(|| unclosed.clone())? {
                b'"' if self.text.as_bytes().get(self.at + 1) == Some(&b'"') => {
                    is_doubled = true;
                    self.at += 2;
                }
                b'"' => break,
                b'\r' | b'\n' => _ = self.end_line(),
                _ => self.at += 1,
            }
        }
        let inner = self.part(begin, self.at);
        self.at += 1;
        if !matches!(self.byte(), None | Some(b',' | b'\r' | b'\n')) {
            return Err(self.broken(self.at, BEHIND));
        }
        let text = if is_doubled { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
        Ok(Cell { text, is_quoted: true })
    }

    fn record(&mut self) -> Result<Record<'t>, Broken> {
        let (line, mut cells) = (self.line, Vec::new());
        loop {
            cells.push(self.cell()?);
            if self.byte() != Some(b',') {
                self.end_line();
                return Ok(Record { line, cells });
            }
            self.at += 1;
        }
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Result<Record<'t>, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.end_line() {}
        self.byte()?;
        let record = self.record();
        if record.is_err() {
            self.at = self.text.len();
        }
        Some(record)
    }
}

/// Adds a record to a text. A cell that is there and empty is written as `""`.
pub(super) fn write<'c>(cells: impl IntoIterator<Item = Option<Cow<'c, str>>>, to: &mut String) {
    for (n, cell) in cells.into_iter().enumerate() {
        if n > 0 {
            to.push(',');
        }
        match cell {
            None => {}
            Some(text) if is_plain(&text) => to.push_str(&text),
            Some(text) => {
                to.push('"');
                to.push_str(&text.replace('"', "\"\""));
                to.push('"');
            }
        }
    }
    to.push_str("\r\n");
}

fn is_plain(text: &str) -> bool {
    !text.is_empty() && !text.contains([',', '"', '\r', '\n']) && text.trim() == text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let records = Records::of(text).map(|record| record.unwrap().cells);
        records.map(|cells| cells.into_iter().map(|cell| cell.text.into_owned()).collect()).collect()
    }

    #[test]
    fn cells_are_read_as_the_standard_says() {
        assert_eq!(read("a,b\r\n1,2\r\n"), [["a", "b"], ["1", "2"]]);
        assert_eq!(read("a,b\n\n1,\"x, \"\"y\"\"\nz\""), [["a", "b"], ["1", "x, \"y\"\nz"]]);
        assert_eq!(read("ä,,\r"), [["ä", "", ""]]);
        assert!(read("").is_empty() && read("\r\n\n").is_empty());
        let cells = Records::of(",\"\"").next().unwrap().unwrap().cells;
        assert_eq!(cells.iter().map(|cell| cell.is_quoted).collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn lines_are_those_of_the_file() {
        let lines: Vec<u64> = Records::of("a\n\"b\nc\r\nd\"\n\n\ne").map(|record| record.unwrap().line).collect();
        assert_eq!(lines, [1, 2, 7]);
    }

    #[test]
    fn what_is_broken_has_its_place_and_ends_the_reading() {
        let cases = [("a\nb,\"c\nd", 2, 3, UNCLOSED), ("ä,\"b\"x\nc", 1, 6, BEHIND), ("a,b\"c\"\n", 1, 4, WITHIN)];
        for (text, line, column, message) in cases {
            let read: Vec<_> = Records::of(text).collect();
            assert_eq!(read.last(), Some(&Err(Broken { line, column, message })), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(rows in prop::collection::vec(prop::collection::vec(prop::option::of("[a\",;\r\n' é\u{0}=]{0,6}"), 2..5), 0..6)) {
            let mut text = String::new();
            rows.iter().for_each(|row| write(row.iter().map(|cell| cell.as_deref().map(Cow::Borrowed)), &mut text));
            let read: Vec<_> = Records::of(&text).map(|record| record.unwrap().cells).collect();
            let read: Vec<Vec<Option<String>>> = read.into_iter().map(|cells| cells.into_iter().map(|cell| (cell.is_quoted || !cell.text.is_empty()).then(|| cell.text.into_owned())).collect()).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn anything_is_read_or_refused(text in "[a\",\r\né]{0,40}") {
            prop_assert!(Records::of(&text).count() <= 41);
        }
    }
}
