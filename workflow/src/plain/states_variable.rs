//! `$states.result` in the expressions of an outcome: in the plain form the answer of the people is the input of a `Choice`.

use serde_json::{Map, Value};

const STATES: &str = "$states";

/// Whether an expression in a value reads this field of `$states`.
pub(super) fn refers_to(value: &Value, field: &str) -> bool {
    match value {
        Value::String(text) if is_expression(text) => pieces(text).iter().any(|piece| piece.field() == Some(field)),
        Value::Array(items) => items.iter().any(|item| refers_to(item, field)),
        Value::Object(fields) => fields.values().any(|value| refers_to(value, field)),
        _ => false,
    }
}

/// The value with `$states.result` as `$states.input`, and `$states.input` as the variable that keeps it.
pub(super) fn renamed(value: Value, input: Option<&str>) -> Value {
    match value {
        Value::String(text) if is_expression(&text) => {
            Value::String(pieces(&text).into_iter().map(|piece| piece.renamed(input)).collect())
        }
        Value::Array(items) => items.into_iter().map(|item| renamed(item, input)).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| (name, renamed(value, input)));
            Value::Object(fields.collect::<Map<_, _>>())
        }
        other => other,
    }
}

fn is_expression(text: &str) -> bool {
    text.trim().starts_with("{%") && text.trim().ends_with("%}")
}

/// A part of an expression: `$states.name`, or anything else.
enum Piece<'a> {
    States { field: &'a str, whole: &'a str },
    Other(&'a str),
}

impl<'a> Piece<'a> {
    fn field(&self) -> Option<&'a str> {
        match self {
            Self::States { field, .. } => Some(field),
            Self::Other(_) => None,
        }
    }

    fn renamed(&self, input: Option<&str>) -> String {
        match (self, input) {
            (Self::States { field: "result", .. }, _) => "$states.input".to_owned(),
            (Self::States { field: "input", .. }, Some(variable)) => format!("${variable}"),
            (Self::States { whole, .. } | Self::Other(whole), _) => (*whole).to_owned(),
        }
    }
}

/// Cuts an expression where it reads `$states`; what stands in quotes or in a comment is left alone.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (piece, tail) = match states_field(rest) {
            Some((field, length)) => {
                let (whole, tail) = rest.split_at(length);
                (Piece::States { field, whole }, tail)
            }
            None => {
                let (piece, tail) = rest.split_at(passed_over(rest, first));
                (Piece::Other(piece), tail)
            }
        };
        found.push(piece);
        rest = tail;
    }
    found
}

/// The field that stands at the beginning, and the length of `$states.field`.
fn states_field(rest: &str) -> Option<(&str, usize)> {
    let after = rest.strip_prefix(STATES)?;
    let dotted = after.trim_start().strip_prefix('.')?.trim_start();
    let field = &dotted[..word(dotted)];
    (!field.is_empty()).then(|| (field, rest.len() - dotted.len() + field.len()))
}

fn word(text: &str) -> usize {
    text.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(text.len())
}

/// How many bytes belong together at the beginning: a name, a text in quotes, a comment, or one character.
fn passed_over(rest: &str, first: char) -> usize {
    match first {
        '\'' | '"' | '`' => quoted(rest, first),
        '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
        '$' => 1 + word(&rest[1..]),
        _ if first.is_alphanumeric() || first == '_' => word(rest),
        _ => first.len_utf8(),
    }
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (place, letter) in rest.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return place + 1,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_answer_becomes_the_input_and_the_input_a_variable() {
        for (written, expected) in [
            ("{% $states.result.form %}", "{% $states.input.form %}"),
            ("{% $states . result %}", "{% $states.input %}"),
            ("{% $states.input.a & $states.result.b %}", "{% $kept.a & $states.input.b %}"),
            ("{% $states.context.Execution.Id %}", "{% $states.context.Execution.Id %}"),
            ("{% '$states.result' & \"\\\"$states.result\" %}", "{% '$states.result' & \"\\\"$states.result\" %}"),
            ("{% /* $states.result */ $states.results %}", "{% /* $states.result */ $states.results %}"),
            ("{% $mystates.result + états$states.result %}", "{% $mystates.result + états$states.input %}"),
            ("$states.result", "$states.result"),
        ] {
            assert_eq!(renamed(json!([{ "a": written }]), Some("kept")), json!([{ "a": expected }]), "{written}");
        }
    }

    #[test]
    fn the_use_of_the_input_is_seen_wherever_it_stands() {
        assert!(refers_to(&json!({ "Assign": { "a": ["{% 1 + $states.input.n %}"] } }), "input"));
        assert!(!refers_to(&json!({ "Assign": { "a": "{% '$states.input' %}", "b": "$states.input" } }), "input"));
    }
}
