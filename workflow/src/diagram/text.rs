//! Texts in a diagram: how wide they are, how they are shortened, and how they are escaped.

/// An expression without its braces.
pub(super) fn bare(text: &str) -> &str {
    let inner = text.trim().strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}"));
    inner.map_or(text, str::trim)
}

/// The first letters of a text, at most so many.
pub(super) fn shortened(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let begin: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", begin.trim_end())
}

/// About how wide a text is, in pixels, in the fonts that people have. Rather too wide than too narrow.
pub(super) fn width(text: &str, size: i64) -> i64 {
    let hundredths: i64 = text.chars().map(letter).sum();
    hundredths * size / 100
}

/// The width of a letter in hundredths of the font size.
fn letter(letter: char) -> i64 {
    match letter {
        'i' | 'l' | 'j' | '.' | ',' | ';' | ':' | '\'' | '|' | '!' => 32,
        ' ' | 't' | 'f' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | '-' | '"' => 40,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '…' => 96,
        'A'..='Z' | '&' | '_' => 72,
        // Letters of other scripts are as wide as they are high.
        letter if letter > '\u{2e7f}' => 100,
        _ => 60,
    }
}

/// For the content and the attributes of XML. Characters that XML 1.0 does not have are left out.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(' '),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => {}
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_shortened_at_letters() {
        assert_eq!(shortened("a  b\n c", 9), "a b c");
        assert_eq!(shortened("Überseetor überall", 11), "Überseetor…");
        assert_eq!(shortened("", 3), "");
    }

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(escaped("<a href=\"x\">'&\u{0}\u{1b}\n"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp; ");
    }

    #[test]
    fn longer_texts_are_wider() {
        assert!(width("WWW", 13) > width("iii", 13));
        assert_eq!(width("", 13), 0);
    }
}
