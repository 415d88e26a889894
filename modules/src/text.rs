//! Texts that people write, and the signs in them that nobody sees but that change what others read.
//!
//! Unicode has signs that set the direction of writing (UAX 9): embeddings, overrides, isolates and marks. With them "pay
//! 100 to A" is shown in another order than it is stored and approved. They are refused where texts are read, and not
//! taken out where they are shown: a text is shown in many places (pages, mails, documents, other people's programs), and
//! what was approved must be what is stored. Arabic and Hebrew need none of them; the letters themselves have a direction.

use crate::objects::MOST_PROBLEMS;
use serde_json::Value;
use workflow::Problem;
use workflow::definition::below;

/// The code of the problem, the same for every text.
pub const CODE: &str = "direction-override";

/// The first sign that sets the direction.
#[must_use]
pub fn direction_sign(text: &str) -> Option<char> {
    text.chars().find(|letter| sets_direction(*letter))
}

/// Whether this is one of those signs.
#[must_use]
pub fn sets_direction(letter: char) -> bool {
    matches!(letter, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
}

/// What is said of a text that holds it.
#[must_use]
pub fn sentence(sign: char) -> String {
    let code = u32::from(sign);
    format!("has the invisible sign U+{code:04X}, which shows the text in another order than it is stored; remove it")
}

/// Every text in a document that holds such a sign, with its place; of very many the first.
#[must_use]
pub fn direction_problems(document: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    walk("", document, &mut problems);
    problems
}

fn walk(pointer: &str, value: &Value, problems: &mut Vec<Problem>) {
    if problems.len() >= MOST_PROBLEMS {
        return;
    }
    match value {
        Value::String(text) => {
            problems.extend(direction_sign(text).map(|sign| Problem::new(pointer, CODE, sentence(sign))));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| walk(&below(pointer, n), item, problems));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, field)| walk(&below(pointer, name), field, problems));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn signs_are_found_with_their_places() {
        let document = json!({ "a": "fine", "b": ["x", "pay\u{202E}001"], "c": { "d/e": "\u{200F}", "f": 1 } });
        let found = direction_problems(&document);
        let places: Vec<&str> = found.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/b/1", "/c/d~1e"]);
        assert!(found[0].message.contains("U+202E"), "{}", found[0].message);
    }

    #[test]
    fn writing_from_right_to_left_needs_none_of_them() {
        for text in ["مرحبا 100 EUR", "שלום, עולם", "naïve – “quoted”", "👩\u{200D}💻", "soft\u{AD}hyphen"]
        {
            assert_eq!(direction_sign(text), None, "{text}");
        }
        for sign in
            "\u{202A}\u{202B}\u{202C}\u{202D}\u{202E}\u{2066}\u{2067}\u{2068}\u{2069}\u{200E}\u{200F}\u{061C}".chars()
        {
            assert_eq!(direction_sign(&format!("a{sign}b")), Some(sign));
        }
    }
}
