//! Rust source, split into code and comments, so that a rule about code is not broken by a sentence about it.

/// The two halves of a file. Both have as many lines as the file; what belongs to the other half is missing.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    /// With its string literals: a name in a string is a name.
    pub(crate) code: String,
    pub(crate) comments: String,
}

impl Source {
    /// Splits a file. It need not compile; an unclosed string or comment reaches to the end.
    pub(crate) fn read(text: &str) -> Source {
        let mut source = Source::default();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (is_comment, length) = token(rest, first);
            let (piece, tail) = rest.split_at(length);
            source.push(is_comment, piece);
            rest = tail;
        }
        source
    }

    fn push(&mut self, is_comment: bool, piece: &str) {
        let (own, other) = match is_comment {
            true => (&mut self.comments, &mut self.code),
            false => (&mut self.code, &mut self.comments),
        };
        own.push_str(piece);
        other.extend(piece.chars().filter(|character| *character == '\n'));
        other.push(' ');
    }

    /// The code without the tests at its end.
    pub(crate) fn without_tests(&self) -> &str {
        self.code.split("#[cfg(test)]").next().unwrap_or_default()
    }
}

/// Whether the next token is a comment, and its length in bytes.
fn token(rest: &str, first: char) -> (bool, usize) {
    if rest.starts_with("//") {
        (true, rest.find('\n').unwrap_or(rest.len()))
    } else if rest.starts_with("/*") {
        (true, block_comment(rest))
    } else if first == '"' {
        (false, string(rest))
    } else if first == '\'' {
        (false, character(rest))
    } else if first.is_alphanumeric() || first == '_' {
        (false, word(rest))
    } else {
        (false, first.len_utf8())
    }
}

/// Comments nest.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut position = 0;
    while position < rest.len() {
        if rest[position..].starts_with("/*") {
            depth += 1;
            position += 2;
        } else if rest[position..].starts_with("*/") {
            depth -= 1;
            position += 2;
        } else {
            position += rest[position..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return position;
        }
    }
    rest.len()
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (position, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return position + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal, or only the quote of a lifetime.
fn character(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    let Some((_, first)) = characters.next() else { return 1 };
    if first == '\\' {
        let end = characters.skip(1).find(|(_, character)| *character == '\'');
        return end.map_or(rest.len(), |(position, _)| position + 1);
    }
    match characters.next() {
        Some((position, '\'')) => position + 1,
        _ => 1,
    }
}

/// An identifier or number, or a raw string, which begins like an identifier.
fn word(rest: &str) -> usize {
    let is_inside = |character: char| character.is_alphanumeric() || character == '_';
    let end = rest.find(|character| !is_inside(character)).unwrap_or(rest.len());
    if !matches!(&rest[..end], "r" | "br" | "cr") {
        return end;
    }
    let hashes = rest[end..].chars().take_while(|character| *character == '#').count();
    let body = end + hashes;
    if !rest[body..].starts_with('"') {
        return end;
    }
    let close = format!("\"{}", "#".repeat(hashes));
    rest[body + 1..].find(&close).map_or(rest.len(), |position| body + 1 + position + close.len())
}

/// The lines, counted from 1, on which a name stands that begins with `prefix`.
pub(crate) fn lines_with_prefix<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = usize> + 'a {
    lines(text, move |line| starts(line, prefix).next().is_some())
}

/// The lines, counted from 1, on which the name stands.
pub(crate) fn lines_with_name<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let ends = move |line: &str, start: usize| !line[start + name.len()..].starts_with(is_part_of_name);
    lines(text, move |line| starts(line, name).any(|start| ends(line, start)))
}

fn lines<'a>(text: &'a str, matches: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = usize> + 'a {
    text.lines().enumerate().filter(move |(_, line)| matches(line)).map(|(index, _)| index + 1)
}

fn starts<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    line.match_indices(name).map(|(start, _)| start).filter(|start| !line[..*start].ends_with(is_part_of_name))
}

fn is_part_of_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        Source::read(text).code.split_whitespace().collect()
    }

    #[test]
    fn comments_leave_the_code() {
        assert_eq!(code("a // b\nc /* d /* e */ f */ g"), "acg");
        assert_eq!(Source::read("a // b\nc").comments.trim(), "// b");
    }

    #[test]
    fn strings_stay_in_the_code_whatever_is_in_them() {
        assert_eq!(code(r#"a("//b\"//c") // d"#), r#"a("//b\"//c")"#);
        assert_eq!(code("a(r#\"//\"b\"#) // c"), "a(r#\"//\"b\"#)");
        assert_eq!(code("r#type // c"), "r#type");
    }

    #[test]
    fn quotes_are_characters_or_lifetimes() {
        assert_eq!(code("'\"' // a"), "'\"'");
        assert_eq!(code(r"'\'' // a"), r"'\''");
        assert_eq!(code("&'a str // \"b"), "&'astr");
        assert_eq!(code("'é' // a"), "'é'");
    }

    #[test]
    fn lines_are_counted_alike_in_both_halves() {
        let source = Source::read("a\n/* b\n c */ d\n// e\nf");
        assert_eq!(lines_with_name(&source.code, "d").collect::<Vec<_>>(), [3]);
        assert_eq!(lines_with_name(&source.code, "f").collect::<Vec<_>>(), [5]);
        assert_eq!(lines_with_name(&source.comments, "e").collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn names_are_whole_and_prefixes_begin_a_name() {
        assert_eq!(lines_with_name("xab ab_c\nab\nabc.ab", "ab").collect::<Vec<_>>(), [2, 3]);
        assert_eq!(lines_with_prefix("xab\nab_c", "ab").collect::<Vec<_>>(), [2]);
    }
}
