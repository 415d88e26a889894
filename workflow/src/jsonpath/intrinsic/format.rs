//! `States.Format`: a template and the values that are put into it.

use super::super::run::Run;
use super::{Answer, Arguments};
use serde_json::Value;

/// `States.Format(template, ...)`: each `{}` replaced by the next argument.
pub(super) fn format(run: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let template = args.text(0)?;
    let mut values = args.all().iter().skip(1);
    let (wanted, given) = (places(template), values.len());
    if wanted != given {
        return Err(args.wrong_value(0, &mismatch(wanted, given)));
    }
    run.take(template.len())?;
    let mut text = String::with_capacity(template.len());
    for piece in pieces(template) {
        match piece {
            Piece::Char(char) => text.push(char),
            Piece::Place => values.next().into_iter().for_each(|value| write(value, &mut text)),
        }
    }
    Ok(Value::String(text))
}

/// How many arguments a template takes.
pub(super) fn places(template: &str) -> usize {
    pieces(template).filter(|piece| *piece == Piece::Place).count()
}

/// That a template has another number of places than there are arguments for: what comes after its name.
pub(super) fn mismatch(places: usize, given: usize) -> String {
    format!("has {places} times {{}}, but the number of arguments for it is {given}")
}

#[derive(PartialEq)]
enum Piece {
    Char(char),
    Place,
}

/// `\{`, `\}` and `\\` stand for the character after the backslash; any other backslash is one.
fn pieces(template: &str) -> impl Iterator<Item = Piece> {
    let mut chars = template.chars().peekable();
    std::iter::from_fn(move || {
        Some(match chars.next()? {
            '\\' => Piece::Char(chars.next_if(|char| matches!(char, '{' | '}' | '\\')).unwrap_or('\\')),
            '{' if chars.next_if_eq(&'}').is_some() => Piece::Place,
            char => Piece::Char(char),
        })
    })
}

/// Writes a value as Step Functions does: an object as `{name=value, other=value}`, a text in it without quotes.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::String(part) => text.push_str(part),
        Value::Array(items) => {
            text.push('[');
            joined(items.iter(), text, write);
            text.push(']');
        }
        Value::Object(fields) => {
            text.push('{');
            joined(fields.iter(), text, |(name, field), text| {
                text.push_str(name);
                text.push('=');
                write(field, text);
            });
            text.push('}');
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn joined<T>(items: impl Iterator<Item = T>, text: &mut String, write: impl Fn(T, &mut String)) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push_str(", ");
        }
        write(item, text);
    }
}
