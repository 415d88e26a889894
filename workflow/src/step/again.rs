//! A step taken once more.
//!
//! Everything in a step is counted and computed from its arguments, with one exception: an evaluation that the clock has
//! stopped. Where that happened is in the history, so a replay on a machine of another speed goes the same way.

use crate::history::Entry;
use serde_json::Value;
use std::collections::BTreeMap;

/// The evaluations of a step that the clock stopped: by their place among all of the step, what each failed with.
#[derive(Debug, Default)]
pub(super) struct Stopped(BTreeMap<u64, String>);

impl Stopped {
    /// The kind of entry that tells of it.
    pub(super) const ENTRY: &str = "EvaluationFailed";
    /// The field of its details that holds the place.
    pub(super) const FIELD: &str = "stopped";

    /// Those of which the history of a step tells.
    pub(super) fn among(entries: &[Entry]) -> Self {
        let failed = entries.iter().filter(|entry| entry.kind == Self::ENTRY);
        let stopped = failed.filter_map(|entry| {
            let place = entry.details.as_ref()?.get(Self::FIELD).and_then(Value::as_u64)?;
            Some((place, entry.cause.clone().unwrap_or_default()))
        });
        Self(stopped.collect())
    }

    /// What the evaluation at a place failed with, if it was stopped.
    pub(super) fn cause(&self, place: u64) -> Option<&String> {
        self.0.get(&place)
    }
}
