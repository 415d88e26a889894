//! Time and chance, both taken from the moment of the evaluation.

use super::super::budget::mixed;
use super::arguments::Arguments;
use super::{Answer, Run, Stop};
use jsonata_core::value::JValue;
use time::OffsetDateTime;
use time::macros::format_description;

/// `$millis()`.
pub(super) fn millis(run: &Run, _: &[JValue]) -> Answer {
    Ok(JValue::from_i64(run.at_ms))
}

/// `$now()`, in ISO 8601. With a picture it is rewritten to `$fromMillis($millis(), ...)`.
pub(super) fn now(run: &Run, _: &[JValue]) -> Answer {
    let layout = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    calendar(run)?.format(layout).map(JValue::string).map_err(|_| outside())
}

/// The moment of the evaluation, in UTC.
pub(super) fn calendar(run: &Run) -> Result<OffsetDateTime, Stop> {
    let nanos = i128::from(run.at_ms).checked_mul(1_000_000).ok_or_else(outside)?;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(|_| outside())
}

fn outside() -> Stop {
    Stop::failed("the moment of the evaluation is outside the calendar")
}

/// `$random(seed?)`: from 0 up to, not including, 1. The same seed gives the same number.
pub(super) fn random(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("random", args);
    let bits = if args.is_missing(0) { run.next_random() } else { mixed(args.integer(0)?.cast_unsigned()) };
    Ok(JValue::Number(unit(bits)))
}

/// The upper 53 bits as a number from 0 up to, not including, 1.
#[expect(clippy::float_arithmetic, reason = "a random number is a float by definition; it is never an amount")]
fn unit(bits: u64) -> f64 {
    const STEPS: f64 = 9_007_199_254_740_992.0;
    (bits >> 11) as f64 / STEPS
}

/// `$shuffle(array)` (Fisher and Yates).
pub(super) fn shuffle(run: &Run, args: &[JValue]) -> Answer {
    let args = Arguments::of("shuffle", args);
    if args.is_missing(0) {
        return Ok(JValue::Undefined);
    }
    let mut items = args.items(0).to_vec();
    for last in (1..items.len()).rev() {
        // The remainder of 64 bits by at most 100,000 is even enough for anything but a lottery.
        let other = usize::try_from(run.next_random() % (last as u64 + 1)).unwrap_or(last);
        items.swap(last, other);
    }
    Ok(JValue::array(items))
}

/// `$uuid()`: shaped like version 4 (RFC 9562).
pub(super) fn uuid(run: &Run, _: &[JValue]) -> Answer {
    Ok(JValue::string(uuid_of(run.next_random(), run.next_random())))
}

/// The UUID of version 4 (RFC 9562) that 128 random bits make.
pub(crate) fn uuid_of(high: u64, low: u64) -> String {
    let bits = (u128::from(high) << 64) | u128::from(low);
    uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid().to_string()
}

/// The random bits that belong to a state of a sequence or to a seed.
pub(crate) fn random_bits(state: u64) -> u64 {
    mixed(state)
}
