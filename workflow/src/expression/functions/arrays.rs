//! Array functions that take long.

use super::arguments::Arguments;
use super::{Answer, Run};
use jsonata_core::functions::array;
use jsonata_core::value::JValue;

/// `$distinct(array)`: the engine compares each item with each other one, so that is counted.
pub(super) fn distinct(run: &Run, args: &[JValue]) -> Answer {
    let value = Arguments::of("distinct", args).get(0);
    let JValue::Array(items) = value else { return Ok(value.clone()) };
    if items.len() <= 1 {
        return Ok(value.clone());
    }
    let mut kept: Vec<JValue> = Vec::new();
    for item in items {
        run.check_time()?;
        run.pass(kept.len() / 4)?;
        if !kept.iter().any(|known| array::values_equal(known, item)) {
            kept.push(item.clone());
        }
    }
    // What was a sequence stays one, so that a single remaining item is unwrapped.
    Ok(JValue::Array(items.with_items(kept)))
}
