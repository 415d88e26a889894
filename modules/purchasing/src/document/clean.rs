//! Makes any text fit to be set: composed characters, no invisible ones.

use unicode_normalization::UnicodeNormalization as _;

/// The text as it is set: composed (NFC), line breaks as `\n`, every other control or invisible character gone.
///
/// Direction overrides go too: they can show an amount or an account number in another order than it is stored.
pub(super) fn clean(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    text.nfc().filter_map(visible).collect()
}

/// The character as it is set, `None` for one that has no mark and no width.
fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\r' | '\u{000B}' | '\u{000C}' | '\u{0085}' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        _ if c.is_control() || is_default_ignorable(c) => None,
        _ => Some(c),
    }
}

/// Unicode property `Default_Ignorable_Code_Point`, and the interlinear marks, which are invisible too.
fn is_default_ignorable(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_invisible_characters_vanish() {
        assert_eq!(clean("a\u{0}b\u{7}c\u{200B}d\u{FEFF}e\u{AD}f\u{202E}g"), "abcdefg");
    }

    #[test]
    fn every_kind_of_line_break_is_one_line_break() {
        assert_eq!(clean("a\r\nb\rc\u{2028}d\u{85}e\tf"), "a\nb\nc\nd\ne f");
    }

    #[test]
    fn a_letter_and_its_accent_become_one_character() {
        assert_eq!(clean("Cafe\u{301}"), "Caf\u{E9}");
    }
}
