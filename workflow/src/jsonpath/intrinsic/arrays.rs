//! The functions on arrays.

use super::super::limits;
use super::super::run::Run;
use super::super::values::{any, canonical, same};
use super::{Answer, Arguments};
use serde_json::Value;
use std::collections::HashSet;

/// `States.Array(...)`: the arguments as an array.
pub(super) fn array(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    Ok(Value::Array(args.all().to_vec()))
}

/// `States.ArrayPartition(array, size)`: the array in pieces of `size`, the last of which may be shorter.
pub(super) fn partition(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let items = args.items(0)?;
    let size = usize::try_from(args.integer(1)?).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| args.wrong(1, "a whole number above 0"))?;
    Ok(Value::Array(items.chunks(size).map(|piece| Value::Array(piece.to_vec())).collect()))
}

/// `States.ArrayContains(array, value)`.
pub(super) fn contains(run: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let wanted = args.get(1);
    any(args.items(0)?.iter(), |item| same(item, wanted, run)).map(Value::Bool)
}

/// `States.ArrayRange(first, last, step)`: `last` is included when a step meets it.
pub(super) fn range(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let (first, last, step) = (args.integer(0)?, args.integer(1)?, args.integer(2)?);
    if step == 0 {
        return Err(args.wrong(2, "a whole number other than 0"));
    }
    let steps = (i128::from(last) - i128::from(first)) / i128::from(step);
    let forward = (last >= first) == (step > 0) || first == last;
    let count = if forward { usize::try_from(steps + 1).unwrap_or(usize::MAX) } else { 0 };
    if count > limits::RANGE_ITEMS {
        let most = limits::RANGE_ITEMS;
        return Err(args.wrong_value(1, &format!("must not be more than {most} items away from the first")));
    }
    let numbers = std::iter::successors(Some(first), |number| number.checked_add(step)).take(count);
    Ok(numbers.map(Value::from).collect())
}

/// `States.ArrayGetItem(array, index)`.
pub(super) fn get_item(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let (items, index) = (args.items(0)?, args.integer(1)?);
    let item = usize::try_from(index).ok().and_then(|index| items.get(index)).cloned();
    item.ok_or_else(|| args.wrong_value(1, &format!("is {index}, but the array has {} items", items.len())))
}

/// `States.ArrayLength(array)`.
pub(super) fn length(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    Ok(Value::from(args.items(0)?.len()))
}

/// `States.ArrayUnique(array)`: of equal items the first.
pub(super) fn unique(_: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let mut seen = HashSet::new();
    Ok(args.items(0)?.iter().filter(|item| seen.insert(canonical(item))).cloned().collect())
}
