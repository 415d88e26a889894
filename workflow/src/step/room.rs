//! How much an instance may hold: variables, inputs, items and results, of all its branches together.

use super::run::{Failure, Run};
use crate::instance::{Activity, Branch, Lane};
use crate::limits::{HELD_BYTES, PAYLOAD_BYTES};
use crate::size::{length, length_of_fields};
use serde_json::{Map, Value};
use std::cell::Cell;

/// Counting takes as long as the instance is large, so it is done when so much was added in one step,
const MUCH_BYTES: usize = 64 * 1024;
/// and in one step of so many whatever was added. Between two counts an instance grows by the product of both at most.
const EVERY_VERSION: u64 = 16;

/// What one step may write into the history: a loop that hands on large values would write gigabytes.
const HISTORY_BYTES: usize = 64 * 1024 * 1024;

/// What a step has added since it was counted.
#[derive(Debug, Default)]
pub(super) struct Added {
    bytes: Cell<usize>,
    counted: Cell<bool>,
    history: Cell<usize>,
}

impl Added {
    /// Whether the step has written so much history that it must end.
    pub(super) fn is_long_history(&self) -> bool {
        self.history.get() > HISTORY_BYTES
    }
}

impl Run<'_> {
    /// Makes sure that there is room for so many bytes more.
    pub(super) fn room_for(&self, bytes: usize) -> Result<(), Failure> {
        let added = self.added.bytes.get().saturating_add(bytes);
        self.added.bytes.set(added);
        let its_turn = self.instance.version.is_multiple_of(EVERY_VERSION) && !self.added.counted.get();
        if added <= MUCH_BYTES && !its_turn {
            return Ok(());
        }
        self.added.bytes.set(0);
        self.added.counted.set(true);
        check_room(self.held().saturating_add(bytes))
    }

    /// Makes sure that there is room for a value more.
    pub(super) fn room_for_value(&self, value: &Value) -> Result<(), Failure> {
        let length = length(value, PAYLOAD_BYTES).unwrap_or(PAYLOAD_BYTES);
        // It is told twice: by the state that hands it on, and by the one that is given it.
        self.added.history.set(self.added.history.get().saturating_add(2 * length));
        self.room_for(length)
    }

    /// Makes sure that there is room for several values more.
    pub(super) fn room_for_values<'v>(&self, mut values: impl Iterator<Item = &'v Value>) -> Result<(), Failure> {
        let bytes = values.try_fold(0_usize, |sum, value| Some(sum + length(value, HELD_BYTES - sum)?));
        self.room_for(bytes.unwrap_or(HELD_BYTES))
    }

    /// Makes sure that there is room for these variables.
    pub(super) fn room_for_variables(&self, variables: &Map<String, Value>) -> Result<(), Failure> {
        match variables.is_empty() {
            true => Ok(()),
            false => self.room_for(length_of_fields(variables, PAYLOAD_BYTES).unwrap_or(PAYLOAD_BYTES)),
        }
    }

    fn held(&self) -> usize {
        let above = self.above.iter().map(|above| &above.branch);
        above.chain([&self.branch]).flat_map(Branch::all).map(own).fold(0, usize::saturating_add)
    }
}

/// Makes sure that so much could be held by an instance that holds nothing else.
pub(super) fn check_room(bytes: usize) -> Result<(), Failure> {
    if bytes <= HELD_BYTES { Ok(()) } else { Err(too_much()) }
}

pub(super) fn long_history() -> Failure {
    let cause = format!("a step would write more than {HISTORY_BYTES} bytes of history; the definition loops");
    Failure::new("States.DataLimitExceeded", cause)
}

fn too_much() -> Failure {
    let cause = format!("the workflow would hold more than {HELD_BYTES} bytes of variables, inputs, items and results");
    Failure::new("States.DataLimitExceeded", cause)
}

/// What a branch holds beside the branches below it. Whatever is too large for a number counts as too much.
fn own(branch: &Branch) -> usize {
    let most = HELD_BYTES + 1;
    let of = |value: &Value| length(value, most).unwrap_or(most);
    let lanes: usize = match &branch.activity {
        Activity::Branches { lanes } => lanes
            .iter()
            .map(|lane| match lane {
                Lane::Done { output } => of(output),
                Lane::Open(_) => 0,
            })
            .sum(),
        Activity::Items(items) => {
            items.items.iter().chain(items.outputs.iter().map(|output| &output.output)).map(of).sum()
        }
        _ => 0,
    };
    lanes + of(&branch.input) + length_of_fields(&branch.variables, most).unwrap_or(most)
}
