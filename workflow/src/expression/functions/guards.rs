//! The guards that the rewriting puts in.

use super::super::limits;
use super::arguments::Arguments;
use super::{Answer, Run, Stop};
use jsonata_core::value::JValue;

/// Charges a value and hands it on, flags and all.
pub(super) fn charge(run: &Run, args: &[JValue]) -> Answer {
    let value = Arguments::of("charge", args).get(0);
    run.charge(value)?;
    Ok(value.clone())
}

/// Charges for a pass of a loop, and hands on what the loop has computed.
pub(super) fn count(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("count", args);
    if let JValue::Number(nodes) = args.get(0) {
        run.pass(*nodes as usize)?;
    }
    Ok(args.get(1).clone())
}

/// Lets through what a Roman picture can write. Anything but a number is left to the built-in function to refuse.
pub(super) fn roman(_: &Run, args: &[JValue]) -> Answer {
    const MOST: f64 = limits::ROMAN_MAX as f64;
    match Arguments::of("formatInteger", args).get(0) {
        JValue::Number(number) if number.abs() > MOST => Err(Stop::failed(format!(
            "$formatInteger writes numbers above {} only in a literal picture without i or I",
            limits::ROMAN_MAX
        ))),
        other => Ok(other.clone()),
    }
}

/// `[first..last]`.
pub(super) fn range(run: &Run, args: &[JValue]) -> Answer {
    let [first, last] = [bound(args, 0, "T2003", "left")?, bound(args, 1, "T2004", "right")?];
    let (Some(first), Some(last)) = (first, last) else { return Ok(JValue::sequence(Vec::new())) };
    sequence(run, first, last, 1)
}

fn bound(args: &[JValue], index: usize, code: &str, side: &str) -> Result<Option<i64>, Stop> {
    let args = Arguments::of("range", args);
    if args.is_missing(index) {
        return Ok(None);
    }
    let wrong =
        |_| Stop::failed(format!("{code}: The {side} side of the range operator (..) must evaluate to an integer"));
    args.integer(index).map(Some).map_err(wrong)
}

/// The numbers from `first` to `last`, `last` included when a step meets it.
pub(super) fn sequence(run: &Run, first: i64, last: i64, step: i64) -> Answer {
    let count =
        last.checked_sub(first).and_then(|span| span.checked_div(step)).map_or(0, |steps| steps.saturating_add(1));
    let count = usize::try_from(count).unwrap_or(0);
    if count > limits::SEQUENCE_LENGTH {
        return Err(Stop::TooLarge(format!("a sequence is longer than {} items", limits::SEQUENCE_LENGTH)));
    }
    if count == 0 {
        // An empty sequence would be undefined; whoever asks for no numbers gets none.
        return Ok(JValue::array(Vec::new()));
    }
    run.charge_bytes(count * limits::NODE_BYTES)?;
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step)).take(count);
    Ok(JValue::sequence_flat(numbers.map(JValue::from_i64).collect(), true))
}
