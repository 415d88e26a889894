//! Reading a path.

use super::filter_reader;
use super::query::{Query, Root, Segment, Selector, Slice};
use crate::jsonpath::reader::{Fault, Reader};

/// Reads a query up to the first character that does not continue it. `depth` is the number of filters around it.
pub(super) fn query(reader: &mut Reader<'_>, depth: usize) -> Result<Query, Fault> {
    let root = root(reader, depth)?;
    let mut segments = Vec::new();
    while let Some(segment) = segment(reader, depth)? {
        segments.push(segment);
    }
    let fields = match segments.pop() {
        Some(Segment { descends: false, selector: Selector::Names(names) }) => Some(names),
        other => {
            segments.extend(other);
            None
        }
    };
    Ok(Query { root, segments, fields })
}

fn root(reader: &mut Reader<'_>, depth: usize) -> Result<Root, Fault> {
    if depth > 0 && reader.eat("@") {
        return Ok(Root::Item);
    }
    if reader.eat("$$") {
        return Ok(Root::Context);
    }
    if !reader.eat("$") {
        return Err(reader.fault("a path starts with $, $$ or $variable, which is missing"));
    }
    if !reader.peek().is_some_and(starts_variable) {
        return Ok(Root::Document);
    }
    Ok(Root::Variable(reader.take_while(continues_variable).to_owned()))
}

/// Whether the name of a variable may start so (Unicode `ID_Start`, near enough).
fn starts_variable(char: char) -> bool {
    char.is_alphabetic() || char == '_'
}

fn continues_variable(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

fn segment(reader: &mut Reader<'_>, depth: usize) -> Result<Option<Segment>, Fault> {
    if reader.eat("..") {
        let selector = if reader.eat("[") { bracket(reader, depth)? } else { dotted(reader)? };
        return Ok(Some(Segment { descends: true, selector }));
    }
    let selector = if reader.eat("[") || reader.eat(".[") {
        bracket(reader, depth)?
    } else if reader.eat(".") {
        dotted(reader)?
    } else {
        return Ok(None);
    };
    Ok(Some(Segment { descends: false, selector }))
}

fn dotted(reader: &mut Reader<'_>) -> Result<Selector, Fault> {
    if reader.eat("*") {
        return Ok(Selector::All);
    }
    match reader.take_while(continues_name) {
        "" => Err(reader.fault("a name is missing; write one, or ['name'] if it has other signs than letters,")),
        name => Ok(Selector::Name(name.to_owned())),
    }
}

/// What may stand in a name without quotes. More than RFC 9535 allows, because Step Functions takes `$.delivery-partner`.
fn continues_name(char: char) -> bool {
    !char.is_whitespace() && !char.is_control() && !".[](),'\"*?=!<>&|~\\{}^".contains(char)
}

/// What stands between brackets, the first of which is read.
fn bracket(reader: &mut Reader<'_>, depth: usize) -> Result<Selector, Fault> {
    reader.skip_space();
    let selector = match reader.peek() {
        Some('\'' | '"') => names(reader)?,
        Some('*') => {
            reader.next();
            Selector::All
        }
        Some('?') => Selector::Filter(filter_reader::filter(reader, depth)?),
        _ => positions(reader)?,
    };
    reader.skip_space();
    reader.expect("]")?;
    Ok(selector)
}

fn names(reader: &mut Reader<'_>) -> Result<Selector, Fault> {
    let first = name(reader)?;
    if !more(reader) {
        return Ok(Selector::Name(first));
    }
    let mut names = vec![first, name(reader)?];
    while more(reader) {
        names.push(name(reader)?);
    }
    Ok(Selector::Names(names))
}

fn name(reader: &mut Reader<'_>) -> Result<String, Fault> {
    if !matches!(reader.peek(), Some('\'' | '"')) {
        return Err(reader.fault("a name in quotes is missing"));
    }
    reader.quoted(|char| char == '\\')
}

/// Reads a comma and the spaces around it, if it comes next.
fn more(reader: &mut Reader<'_>) -> bool {
    reader.skip_space();
    let comma = reader.eat(",");
    reader.skip_space();
    comma
}

fn positions(reader: &mut Reader<'_>) -> Result<Selector, Fault> {
    let first = if reader.peek() == Some(':') { None } else { Some(reader.integer()?) };
    reader.skip_space();
    if reader.eat(":") {
        return slice(reader, first).map(Selector::Slice);
    }
    let Some(first) = first else { return Err(reader.fault("a whole number is missing")) };
    let mut indices = vec![first];
    while more(reader) {
        indices.push(reader.integer()?);
    }
    Ok(if indices.len() == 1 { Selector::Index(first) } else { Selector::Indices(indices) })
}

/// The rest of a slice, after its first colon.
fn slice(reader: &mut Reader<'_>, start: Option<i64>) -> Result<Slice, Fault> {
    let end = bound(reader)?;
    if !reader.eat(":") {
        return Ok(Slice { start, end, step: 1 });
    }
    let step = bound(reader)?.unwrap_or(1);
    let step = usize::try_from(step).ok().filter(|step| *step > 0);
    Ok(Slice { start, end, step: step.ok_or_else(|| reader.fault("the step of a slice must be above 0"))? })
}

fn bound(reader: &mut Reader<'_>) -> Result<Option<i64>, Fault> {
    reader.skip_space();
    let ends = matches!(reader.peek(), None | Some(':' | ']'));
    let bound = if ends { None } else { Some(reader.integer()?) };
    reader.skip_space();
    Ok(bound)
}
