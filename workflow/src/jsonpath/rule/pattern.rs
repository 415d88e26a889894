//! `StringMatches`: a text with `*` for any characters.

/// A pattern, cut at its wildcards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<String>);

impl Pattern {
    /// Reads a pattern. `\*` is a star and `\\` a backslash; any other backslash is one.
    pub(super) fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut part = String::new();
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '*' => parts.push(std::mem::take(&mut part)),
                '\\' => part.push(chars.next_if(|char| matches!(char, '*' | '\\')).unwrap_or('\\')),
                other => part.push(other),
            }
        }
        parts.push(part);
        Self(parts)
    }

    /// Whether the whole text matches: its beginning the first part, its end the last, and the others follow each other
    /// in between. Taking each at its first place is enough, so the search does not go back.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((first, rest)) = self.0.split_first() else { return false };
        let Some((last, middle)) = rest.split_last() else { return text == first };
        let inside = text.strip_prefix(first.as_str()).and_then(|text| text.strip_suffix(last.as_str()));
        let found = middle.iter().try_fold(inside, |text, part| {
            let text = text?;
            Some(text.find(part.as_str()).and_then(|at| text.get(at + part.len()..)))
        });
        found.flatten().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn a_star_stands_for_any_characters() {
        for (pattern, text, expected) in [
            ("log-*.txt", "log-2024.txt", true),
            ("log-*.txt", "log-.txt", true),
            ("log-*.txt", "a log-1.txt", false),
            ("log-*.txt", "log-1.txt2", false),
            ("*", "", true),
            ("*", "anything\nat all", true),
            ("", "", true),
            ("", "a", false),
            ("a", "a", true),
            ("a", "ab", false),
            ("ab*ba", "aba", false),
            ("ab*ba", "abba", true),
            ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false),
            ("a**c", "abc", true),
            ("*.*", "ä.ö", true),
            (r"100\*", "100*", true),
            (r"100\*", "1000", false),
            (r"a\\*", r"a\xyz", true),
            (r"a\b", r"a\b", true),
            ("?", "a", false),
            ("[ab]", "a", false),
        ] {
            assert_eq!(Pattern::read(pattern).matches(text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn a_pattern_of_many_stars_does_not_take_long() {
        let pattern = Pattern::read(&"*a".repeat(5_000));
        assert!(!pattern.matches(&format!("{}b", "a".repeat(200_000))));
    }
}
