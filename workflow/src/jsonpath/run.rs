//! One evaluation under way: what it sees, what it has drawn and how much work is left.

use super::{PathError, View, limits};
use crate::expression::random_bits;
use crate::size;
use serde_json::Value;
use std::cell::Cell;

/// One evaluation of a path, a payload or a rule.
#[derive(Debug)]
pub(super) struct Run<'a> {
    pub(super) view: View<'a>,
    random: Cell<u64>,
    left: Cell<usize>,
}

impl<'a> Run<'a> {
    pub(super) fn new(view: &View<'a>) -> Self {
        Self { view: *view, random: Cell::new(view.moment.seed), left: Cell::new(limits::WORK_BYTES) }
    }

    /// The next number of the evaluation's own sequence (splitmix64, Steele et al. 2014).
    pub(super) fn next_random(&self) -> u64 {
        let state = self.random.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(state);
        random_bits(state)
    }

    /// Counts work: a node that is looked at is [`limits::NODE_BYTES`], new text its length. A query can visit a node as
    /// often as it has steps, so it is the visits that must be bounded and not only the result.
    pub(super) fn take(&self, bytes: usize) -> Result<(), PathError> {
        let left = self.left.get().checked_sub(bytes).ok_or_else(|| {
            PathError::limit(format!("The evaluation takes more work than {} bytes of values.", limits::WORK_BYTES))
        })?;
        self.left.set(left);
        Ok(())
    }

    /// Counts one node.
    pub(super) fn visit(&self) -> Result<(), PathError> {
        self.take(limits::NODE_BYTES)
    }

    /// Counts a value that is about to be copied, and refuses one that is nested too deeply. Whoever holds a charged value
    /// may recurse over it.
    pub(super) fn charge(&self, value: &Value) -> Result<(), PathError> {
        self.charge_below(value, limits::VALUE_DEPTH)
    }

    fn charge_below(&self, value: &Value, depth: usize) -> Result<(), PathError> {
        let text = value.as_str().map_or(0, str::len);
        self.take(limits::NODE_BYTES + text)?;
        match value {
            Value::Array(items) => {
                let below = depth.checked_sub(1).ok_or_else(PathError::too_deep)?;
                items.iter().try_for_each(|item| self.charge_below(item, below))
            }
            Value::Object(fields) => {
                let below = depth.checked_sub(1).ok_or_else(PathError::too_deep)?;
                fields.iter().try_for_each(|(name, field)| {
                    self.take(name.len())?;
                    self.charge_below(field, below)
                })
            }
            _ => Ok(()),
        }
    }
}

/// Hands on a result that is not larger or deeper than a result may be.
pub(super) fn bounded(value: Value) -> Result<Value, PathError> {
    if depth(&value, limits::VALUE_DEPTH).is_none() {
        return Err(PathError::too_deep());
    }
    if size::is_payload(&value) { Ok(value) } else { Err(PathError::too_large()) }
}

/// How deep a value is, if it is not deeper than `most`. A scalar is 0 deep.
pub(super) fn depth(value: &Value, most: usize) -> Option<usize> {
    match value {
        Value::Array(items) => depth_around(items.iter(), most),
        Value::Object(fields) => depth_around(fields.values(), most),
        _ => Some(0),
    }
}

fn depth_around<'v>(mut items: impl Iterator<Item = &'v Value>, most: usize) -> Option<usize> {
    let most = most.checked_sub(1)?;
    let deepest = items.try_fold(0, |deepest, item| depth(item, most).map(|depth| depth.max(deepest)));
    deepest.map(|depth| depth + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn depth_is_counted_in_containers() {
        for (value, expected) in
            [(json!(1), 0), (json!([]), 1), (json!({"a": [1], "b": 2}), 2), (json!([[], [[1]]]), 3)]
        {
            assert_eq!(depth(&value, 100), Some(expected), "{value}");
        }
        assert_eq!(depth(&json!([[1]]), 1), None);
        assert_eq!(depth(&json!([[1]]), 2), Some(2));
    }

    #[test]
    fn a_result_that_could_not_be_stored_is_refused() {
        assert!(bounded(json!("x".repeat(262_142))).is_ok());
        assert_eq!(bounded(json!("x".repeat(262_143))).unwrap_err().error, "States.DataLimitExceeded");
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(bounded(nested(100)).is_ok());
        assert_eq!(bounded(nested(101)), Err(PathError::too_deep()));
    }
}
