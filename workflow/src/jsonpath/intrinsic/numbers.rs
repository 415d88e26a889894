//! Numbers.

use super::super::run::Run;
use super::{Answer, Arguments, PathError};
use crate::expression::random_bits;
use serde_json::Value;

/// `States.MathAdd(left, right)`: the sum of two whole numbers of 32 bits.
pub(super) fn add(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let [left, right] = [small(args, 0)?, small(args, 1)?];
    Ok(Value::from(i64::from(left) + i64::from(right)))
}

fn small(args: &Arguments<'_>, index: usize) -> Result<i32, PathError> {
    let expected = "a whole number from -2147483648 to 2147483647";
    i32::try_from(args.integer(index)?).map_err(|_| args.wrong(index, expected))
}

/// `States.MathRandom(start, end, seed?)`: from `start` up to, not including, `end`. The same seed gives the same number.
pub(super) fn random(run: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let (start, end) = (args.integer(0)?, args.integer(1)?);
    let bits = if args.all().len() > 2 { random_bits(args.integer(2)?.cast_unsigned()) } else { run.next_random() };
    let span = i128::from(end) - i128::from(start);
    if span <= 0 {
        return Err(args.wrong_value(1, "must be above the first"));
    }
    // The remainder of 64 bits is even enough for anything but a lottery.
    let number = i128::from(start) + i128::from(bits) % span;
    i64::try_from(number).map(Value::from).map_err(|_| args.wrong_value(1, "must be above the first"))
}
