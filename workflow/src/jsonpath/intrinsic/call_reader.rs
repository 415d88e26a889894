//! Reading a call: `States.Format('{} of {}', $.done, States.ArrayLength($.all))`.

use super::super::limits;
use super::super::path::Path;
use super::super::reader::{Fault, Reader};
use super::{ANY_NUMBER, Argument, Call, FUNCTIONS, Function, format};
use crate::near::suggestion;
use serde_json::Value;

/// Reads the call that comes next. `depth` is the number of calls around it, itself included.
pub(super) fn call(reader: &mut Reader<'_>, depth: usize) -> Result<Call, Fault> {
    if depth > limits::CALL_DEPTH {
        return Err(reader.fault(&format!("calls are nested more than {} levels deep", limits::CALL_DEPTH)));
    }
    let start = reader.at();
    let function = function(reader)?;
    reader.skip_space();
    reader.expect("(")?;
    let arguments = arguments(reader, function, depth)?;
    check_number(reader, function, &arguments)?;
    let call = Call { source: reader.since(start).to_owned(), function, arguments };
    check_template(reader, &call)?;
    Ok(call)
}

fn function(reader: &mut Reader<'_>) -> Result<&'static Function, Fault> {
    reader.expect("States.")?;
    let name = reader.take_while(char::is_alphanumeric);
    FUNCTIONS.iter().find(|function| function.name == name).ok_or_else(|| {
        let names = FUNCTIONS.iter().map(|function| function.name);
        format!("States.{name} is not an intrinsic function: {}", suggestion(name, names))
    })
}

fn arguments(reader: &mut Reader<'_>, function: &Function, depth: usize) -> Result<Vec<Argument>, Fault> {
    let mut arguments = Vec::new();
    reader.skip_space();
    if reader.eat(")") {
        return Ok(arguments);
    }
    loop {
        let is_template = function.name == "Format" && arguments.is_empty();
        arguments.push(argument(reader, is_template, depth)?);
        reader.skip_space();
        if reader.eat(")") {
            return Ok(arguments);
        }
        if !reader.eat(",") {
            return Err(reader.fault("',' or ')' is expected"));
        }
    }
}

/// A template keeps its escapes: `\{` is read again when the template is filled.
fn argument(reader: &mut Reader<'_>, is_template: bool, depth: usize) -> Result<Argument, Fault> {
    reader.skip_space();
    match reader.peek() {
        Some('$') => Path::read(reader).map(Argument::Path),
        Some('\'') => {
            let text = reader.quoted(|char| !is_template && matches!(char, '\\' | '{' | '}'))?;
            Ok(Argument::Literal(Value::String(text)))
        }
        Some('-' | '0'..='9') => reader.number().map(|number| Argument::Literal(Value::Number(number))),
        Some('S') => call(reader, depth + 1).map(Argument::Call),
        _ => reader.word().map(Argument::Literal).ok_or_else(|| {
            reader.fault("a path, a text in single quotes, a number, true, false, null or a call is expected")
        }),
    }
}

fn check_number(reader: &Reader<'_>, function: &Function, arguments: &[Argument]) -> Result<(), Fault> {
    let Function { name, least, most, .. } = *function;
    if (least..=most).contains(&arguments.len()) {
        return Ok(());
    }
    let wanted = match most {
        ANY_NUMBER => format!("{least} or more"),
        most if most == least => least.to_string(),
        most => format!("{least} to {most}"),
    };
    let given = arguments.len();
    Err(reader.fault(&format!("the number of arguments of States.{name} must be {wanted}, but it is {given},")))
}

/// A template that is written out must have a place for every argument: anything else fails whenever it is called.
fn check_template(reader: &Reader<'_>, call: &Call) -> Result<(), Fault> {
    match call.arguments.split_first() {
        Some((Argument::Literal(Value::String(template)), values)) if call.function.name == "Format" => {
            let places = format::places(template);
            if places == values.len() {
                return Ok(());
            }
            Err(reader.fault(&format!("the template {},", format::mismatch(places, values.len()))))
        }
        _ => Ok(()),
    }
}
