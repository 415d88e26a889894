//! `Parallel`: every branch begins at once, all must end well, and the first that fails stops the others.

use super::run::{Failure, Flow, Run};
use super::scope::Seen;
use crate::definition::Parallel;
use crate::history::Entry;
use crate::instance::{Activity, Branch, Lane};
use crate::limits::PAYLOAD_BYTES;
use crate::size;
use serde_json::Value;

impl Run<'_> {
    /// Begins the branches; they are entered one after the other, each until it waits for something.
    pub(super) fn fork(&mut self, parallel: &Parallel) -> Flow {
        match self.branch_input(parallel) {
            Ok(input) => self.forked(parallel, &input),
            Err(failure) => self.state_failed("ParallelStateFailed", failure),
        }
    }

    /// What each branch is given.
    fn branch_input(&self, parallel: &Parallel) -> Result<Value, Failure> {
        let input = self.arguments(&parallel.shape, Seen::NOTHING)?;
        let length = size::length(&input, PAYLOAD_BYTES).unwrap_or(PAYLOAD_BYTES);
        self.room_for(length.saturating_mul(parallel.branches.len()))?;
        Ok(input)
    }

    fn forked(&mut self, parallel: &Parallel, input: &Value) -> Flow {
        self.log(Entry::new("ParallelStateStarted"));
        let lane = |start: &String| Lane::Open(Box::new(Branch::at(start, self.at, input.clone())));
        self.branch.activity = Activity::Branches { lanes: parallel.branches.iter().map(lane).collect() };
        Flow::Rest
    }

    /// Goes on once every branch has ended.
    pub(super) fn branches_done(&mut self) -> Flow {
        let Activity::Branches { lanes } = &mut self.branch.activity else { return Flow::Rest };
        if lanes.iter().any(|lane| matches!(lane, Lane::Open(_))) {
            return Flow::Rest;
        }
        let output = |lane| match lane {
            Lane::Done { output } => Some(output),
            Lane::Open(_) => None,
        };
        let outputs = std::mem::take(lanes).into_iter().filter_map(output).collect();
        self.log(Entry::new("ParallelStateSucceeded"));
        self.lanes_succeeded(Value::Array(outputs))
    }

    /// The result of all lanes is there: output, variables, and on.
    pub(super) fn lanes_succeeded(&mut self, result: Value) -> Flow {
        self.branch.activity = Activity::Moving;
        self.try_conclude(&result).unwrap_or_else(|failure| self.caught(failure))
    }

    fn try_conclude(&mut self, result: &Value) -> Result<Flow, Failure> {
        let definition = self.definition;
        let (shape, next) = match definition.state(&self.branch.state).and_then(|state| state.kind.gathers()) {
            Some(found) => found,
            None => return Err(Failure::new("States.Runtime", "the state has no branches")),
        };
        let output = self.conclude(shape, "result", result)?;
        Ok(Flow::next(next, output))
    }
}
