//! A position in a text that is being read.

/// What a reader found wrong: a clause with its place.
pub(super) type Fault = String;

/// A text and how far it is read.
#[derive(Debug)]
pub(super) struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// What was read since `start`, a position that [`Reader::at`] gave.
    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The position, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Reads one character.
    pub(super) fn next(&mut self) -> Option<char> {
        let char = self.peek()?;
        self.at += char.len_utf8();
        Some(char)
    }

    /// Reads `token` if it comes next.
    pub(super) fn eat(&mut self, token: &str) -> bool {
        let comes = self.rest().starts_with(token);
        if comes {
            self.at += token.len();
        }
        comes
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), Fault> {
        if self.eat(token) { Ok(()) } else { Err(self.fault(&format!("'{token}' is missing"))) }
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let taken = rest.find(|char| !wanted(char)).and_then(|end| rest.get(..end)).unwrap_or(rest);
        self.at += taken.len();
        taken
    }

    /// A text between quotes, the first of which comes next. `\'` and `\\` stand for the character after the backslash
    /// where `unescapes`; before any other character a backslash is a backslash, as the record of Step Functions shows.
    pub(super) fn quoted(&mut self, unescapes: impl Fn(char) -> bool) -> Result<String, Fault> {
        let start = self.at;
        let quote = self.next().unwrap_or('\'');
        let mut text = String::new();
        while let Some(char) = self.next() {
            match char {
                '\\' => self.escaped(quote, &unescapes, &mut text),
                end if end == quote => return Ok(text),
                other => text.push(other),
            }
        }
        self.at = start;
        Err(self.fault("the text that opens is never closed"))
    }

    fn escaped(&mut self, quote: char, unescapes: &impl Fn(char) -> bool, text: &mut String) {
        let after = self.peek();
        // The quote must be read here in any case, or it would end the text.
        if !after.is_some_and(|char| char == quote || unescapes(char)) {
            text.push('\\');
        }
        // A backslash that stays, stays together with the backslash after it: the next one does not start an escape.
        if let Some(char) = after.filter(|char| *char == quote || *char == '\\' || unescapes(*char)) {
            self.next();
            text.push(char);
        }
    }

    /// A number as JSON writes it.
    pub(super) fn number(&mut self) -> Result<serde_json::Number, Fault> {
        let start = self.at;
        let text = self.take_while(|char| char.is_ascii_digit() || matches!(char, '+' | '-' | '.' | 'e' | 'E'));
        serde_json::from_str(text).map_err(|_| {
            self.at = start;
            self.fault("a number cannot be read")
        })
    }

    /// A whole number with an optional minus.
    pub(super) fn integer(&mut self) -> Result<i64, Fault> {
        let start = self.at;
        let text = self.take_while(|char| char.is_ascii_digit() || char == '-');
        text.parse().map_err(|_| {
            self.at = start;
            self.fault("a whole number is missing or too large")
        })
    }

    /// `true`, `false` or `null`, if one of them comes next as a whole word.
    pub(super) fn word(&mut self) -> Option<serde_json::Value> {
        let rest = self.rest();
        let end = rest.find(|char: char| !char.is_alphanumeric() && char != '_').unwrap_or(rest.len());
        let value = match rest.get(..end)? {
            "true" => serde_json::Value::Bool(true),
            "false" => serde_json::Value::Bool(false),
            "null" => serde_json::Value::Null,
            _ => return None,
        };
        self.at += end;
        Some(value)
    }

    /// The clause `what`, with the place.
    pub(super) fn fault(&self, what: &str) -> Fault {
        if self.is_at_end() {
            return format!("{what} at the end");
        }
        let before = self.text.get(..self.at).unwrap_or_default();
        format!("{what} at character {}", before.chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_text_keeps_what_it_does_not_escape() {
        let read = |text: &str| Reader::new(text).quoted(|char| char == '\\');
        for (text, expected) in [
            ("'a'b", "a"),
            (r"'it\'s'", "it's"),
            (r#"'Test\""Name"'"#, r#"Test\""Name""#),
            (r"'a\\'", r"a\"),
            (r"'\n'", r"\n"),
            (r#""say \"x\"""#, r#"say "x""#),
            ("'ä\n'", "ä\n"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(expected), "{text}");
        }
        for text in ["'", "'a", r"'a\'", r"'a\", "\"a'"] {
            assert_eq!(read(text), Err("the text that opens is never closed at character 1".to_owned()), "{text}");
        }
        assert_eq!(Reader::new(r"'a\\'").quoted(|_| false).as_deref(), Ok(r"a\\"));
    }

    #[test]
    fn words_are_whole_words() {
        assert_eq!(Reader::new("true)").word(), Some(serde_json::json!(true)));
        assert_eq!(Reader::new("null").word(), Some(serde_json::json!(null)));
        assert_eq!(Reader::new("nullable").word(), None);
        assert_eq!(Reader::new("").word(), None);
    }
}
