//! Reading a filter: `?(@.price < 10 && @.category == 'fiction')`.

use super::path_reader;
use super::query::{Filter, Operand, Query, Relation};
use crate::jsonpath::limits;
use crate::jsonpath::reader::{Fault, Reader};
use regex::{Regex, RegexBuilder};
use serde_json::Value;

/// The filter that comes next. `depth` is the number of filters around it.
pub(super) fn filter(reader: &mut Reader<'_>, depth: usize) -> Result<Filter, Fault> {
    reader.expect("?")?;
    either(reader, depth + 1)
}

fn either(reader: &mut Reader<'_>, depth: usize) -> Result<Filter, Fault> {
    if depth > limits::FILTER_DEPTH {
        return Err(reader.fault(&format!("the filter is nested more than {} levels deep", limits::FILTER_DEPTH)));
    }
    let first = both(reader, depth)?;
    let mut parts = vec![first];
    while next_is(reader, "||") {
        parts.push(both(reader, depth)?);
    }
    Ok(single(parts, Filter::Any))
}

fn both(reader: &mut Reader<'_>, depth: usize) -> Result<Filter, Fault> {
    let mut parts = vec![condition(reader, depth)?];
    while next_is(reader, "&&") {
        parts.push(condition(reader, depth)?);
    }
    Ok(single(parts, Filter::All))
}

fn single(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        other => {
            parts.extend(other);
            join(parts)
        }
    }
}

fn next_is(reader: &mut Reader<'_>, token: &str) -> bool {
    reader.skip_space();
    reader.eat(token)
}

fn condition(reader: &mut Reader<'_>, depth: usize) -> Result<Filter, Fault> {
    reader.skip_space();
    let mut negated = false;
    while reader.eat("!") {
        negated = !negated;
        reader.skip_space();
    }
    let condition = if reader.eat("(") { group(reader, depth)? } else { comparison(reader, depth)? };
    Ok(if negated { Filter::Not(Box::new(condition)) } else { condition })
}

fn group(reader: &mut Reader<'_>, depth: usize) -> Result<Filter, Fault> {
    let inner = either(reader, depth + 1)?;
    reader.skip_space();
    reader.expect(")")?;
    Ok(inner)
}

fn comparison(reader: &mut Reader<'_>, depth: usize) -> Result<Filter, Fault> {
    let left = operand(reader, depth)?;
    reader.skip_space();
    if reader.eat("=~") {
        return Ok(Filter::Matches { text: left, pattern: pattern(reader)? });
    }
    if let Some(relation) = relation(reader) {
        let right = operand(reader, depth)?;
        return Ok(Filter::Compare { left, relation, right });
    }
    if reader.eat("in ") || reader.eat("in[") {
        return one_of(reader, left);
    }
    match left {
        Operand::Query(query) => Ok(Filter::Exists(query)),
        Operand::Literal(_) => Err(reader.fault("a comparison is missing (==, !=, <, <=, >, >=, =~ or in)")),
    }
}

fn relation(reader: &mut Reader<'_>) -> Option<Relation> {
    const RELATIONS: [(&str, Relation); 6] = [
        ("==", Relation::Equal),
        ("!=", Relation::NotEqual),
        ("<=", Relation::LessOrEqual),
        (">=", Relation::GreaterOrEqual),
        ("<", Relation::Less),
        (">", Relation::Greater),
    ];
    RELATIONS.into_iter().find(|(sign, _)| reader.eat(sign)).map(|(_, relation)| relation)
}

fn operand(reader: &mut Reader<'_>, depth: usize) -> Result<Operand, Fault> {
    reader.skip_space();
    match reader.peek() {
        Some('@' | '$') => query(reader, depth).map(Operand::Query),
        _ => literal(reader).map(Operand::Literal),
    }
}

fn query(reader: &mut Reader<'_>, depth: usize) -> Result<Query, Fault> {
    path_reader::query(reader, depth)
}

fn literal(reader: &mut Reader<'_>) -> Result<Value, Fault> {
    match reader.peek() {
        Some('\'' | '"') => reader.quoted(|char| char == '\\').map(Value::String),
        Some('-' | '0'..='9') => reader.number().map(Value::Number),
        _ => reader
            .word()
            .ok_or_else(|| reader.fault("a path (@...), a text in quotes, a number, true, false or null is expected")),
    }
}

/// The rest of `in [...]`; the bracket may be read.
fn one_of(reader: &mut Reader<'_>, item: Operand) -> Result<Filter, Fault> {
    reader.skip_space();
    // `in[` was read with its bracket, because a word that starts with `in` is no operator.
    reader.eat("[");
    let mut values = Vec::new();
    loop {
        reader.skip_space();
        if values.is_empty() && reader.eat("]") {
            return Ok(Filter::OneOf { item, values });
        }
        values.push(literal(reader)?);
        reader.skip_space();
        if reader.eat("]") {
            return Ok(Filter::OneOf { item, values });
        }
        reader.expect(",")?;
    }
}

/// `/expression/` and an optional `i`. It must match the whole text, as in Jayway's library.
fn pattern(reader: &mut Reader<'_>) -> Result<Regex, Fault> {
    reader.skip_space();
    let start = reader.at();
    reader.expect("/")?;
    let mut escaped = false;
    let mut source = String::new();
    loop {
        match reader.next() {
            None => return Err(reader.fault("the regular expression is never closed; '/' is missing")),
            Some('/') if !escaped => break,
            Some(char) => {
                escaped = char == '\\' && !escaped;
                source.push(char);
            }
        }
    }
    let mut builder = RegexBuilder::new(&format!(r"\A(?:{})\z", source.replace(r"\/", "/")));
    builder.case_insensitive(reader.eat("i")).size_limit(limits::REGEX_BYTES).dfa_size_limit(limits::REGEX_BYTES);
    builder.build().map_err(|_| format!("{} is not a regular expression, or too large", reader.since(start)))
}
