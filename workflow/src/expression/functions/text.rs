//! Text functions that can make something larger than their arguments.

use super::arguments::Arguments;
use super::{Answer, Run, Stop};
use jsonata_core::functions::{FunctionError, string as engine};
use jsonata_core::value::JValue;
use std::borrow::Cow;

/// `$string(value, prettify?)`.
pub(super) fn string(run: &Run, args: &[JValue]) -> Answer {
    let (count, args) = (args.len(), Arguments::of("string", args));
    // `$map` and its like pass an index and the whole array as well, neither of which asks for prettiness.
    if count == 2 && !matches!(args.get(1), JValue::Bool(_) | JValue::Undefined) {
        return Err(args.wrong(1, "true or false"));
    }
    match args.get(0) {
        JValue::Undefined => Ok(JValue::Undefined),
        JValue::String(_) => Ok(args.get(0).clone()),
        value => {
            run.charge(value)?;
            let pretty = matches!(args.get(1), JValue::Bool(true)).then_some(true);
            let text = engine::string(value, pretty).map_err(failure)?;
            run.charge_text(text.as_str().map_or(0, str::len))?;
            Ok(text)
        }
    }
}

/// `left & right`. Undefined is the empty text.
pub(super) fn concat(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("concat", args);
    let [left, right] = [as_text(run, args.get(0))?, as_text(run, args.get(1))?];
    run.charge_text(left.len() + right.len())?;
    let mut text = String::with_capacity(left.len() + right.len());
    text.push_str(&left);
    text.push_str(&right);
    Ok(JValue::string(text))
}

fn as_text<'a>(run: &Run, value: &'a JValue) -> Result<Cow<'a, str>, Stop> {
    match value {
        JValue::Undefined => Ok(Cow::Borrowed("")),
        JValue::String(text) => Ok(Cow::Borrowed(text)),
        other => {
            run.charge(other)?;
            let text = engine::string(other, None).map_err(failure)?;
            Ok(Cow::Owned(text.as_str().unwrap_or_default().to_owned()))
        }
    }
}

/// `$join(array, separator?)`.
pub(super) fn join(run: &Run, args: &[JValue]) -> Answer {
    if args.is_empty() {
        return Err(Stop::failed("T0410: $join needs an array of strings"));
    }
    let args = Arguments::of("join", args);
    let separator = if args.is_missing(1) { "" } else { args.text(1)? };
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let no_text = || args.coded("T0412", 0, "must be an array of strings, and it holds something else");
    let texts = args.items(0).iter().map(|item| item.as_str().ok_or_else(no_text));
    let texts = texts.collect::<Result<Vec<&str>, Stop>>()?;
    let separators = separator.len().saturating_mul(texts.len().saturating_sub(1));
    run.charge_text(texts.iter().map(|text| text.len()).sum::<usize>().saturating_add(separators))?;
    Ok(JValue::string(texts.join(separator)))
}

/// `$pad(text, width, character?)`: to the right when `width` is positive, to the left when it is negative.
pub(super) fn pad(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("pad", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let text = args.text(0)?;
    let JValue::Number(width) = args.get(1) else {
        return if args.is_missing(1) { Ok(args.get(0).clone()) } else { Err(args.wrong(1, "a number")) };
    };
    let filler = if args.is_missing(2) { " " } else { args.text(2)? };
    let filler = if filler.is_empty() { " " } else { filler };
    let missing = (width.abs() as usize).saturating_sub(text.chars().count());
    run.charge_text(text.len().saturating_add(missing.saturating_mul(4)))?;
    let filling: String = filler.chars().cycle().take(missing).collect();
    let padded = if *width > 0.0 { format!("{text}{filling}") } else { format!("{filling}{text}") };
    Ok(JValue::string(padded))
}

/// What a function of the engine says, as a failure.
pub(super) fn failure(problem: FunctionError) -> Stop {
    let (FunctionError::ArgumentError(message)
    | FunctionError::TypeError(message)
    | FunctionError::RuntimeError(message)) = problem;
    Stop::Failed(message)
}
