//! One step under way: the instance as it changes, and what the step leaves behind.

use super::Transition;
use super::again::Stopped;
use super::room::{Added, long_history};
use super::scope::Data;
use crate::definition::{Catcher, Definition, MapState, Next, Retrier, Shape, StateKind};
use crate::effect::Effect;
use crate::event::{Actor, Event};
use crate::history::Entry;
use crate::instance::{Branch, Instance, Running, Status};
use serde_json::{Map, Value};
use std::cell::RefCell;

/// The most states that one branch passes through in a step: a loop of states that never wait would never end. As many as an
/// execution of Step Functions has room for in its history of 25,000 events.
const MAX_MOVES: u32 = 12_000;
/// The most states that all branches together pass through in a step.
const MAX_MOVES_IN_ALL: u32 = 100_000;

/// An error inside a state, before `Retry` and `Catch` have seen it.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) error: String,
    pub(super) cause: String,
}

impl Failure {
    pub(super) fn new(error: impl Into<String>, cause: impl Into<String>) -> Self {
        Self { error: error.into(), cause: cause.into() }
    }
}

/// Where a step goes on.
pub(super) enum Flow {
    /// Into a state.
    To(String, Value),
    /// Nowhere: it waits for something outside.
    Rest,
    /// To a good end.
    Succeed(Value),
    /// To an end with an error.
    Fail(Failure),
}

impl Flow {
    pub(super) fn next(next: &Next, output: Value) -> Self {
        match next {
            Next::State(name) => Self::To(name.clone(), output),
            Next::End => Self::Succeed(output),
        }
    }
}

/// One step under way.
pub(super) struct Run<'a> {
    pub(super) definition: &'a Definition,
    pub(super) at: i64,
    pub(super) by: &'a Actor,
    /// The instance without what is under way.
    pub(super) instance: Instance,
    /// What is under way, but for its branches.
    pub(super) running: Running,
    /// The branch that is being moved, taken out of the tree.
    pub(super) branch: Branch,
    /// Those above it, from the root.
    pub(super) above: Vec<Above>,
    /// The states that this branch has passed through.
    pub(super) moves: u32,
    pub(super) data: Data<'a>,
    pub(super) added: Added,
    moves_in_all: u32,
    /// In a cell, because what evaluates borrows the branch and may have to tell of a failure.
    entries: RefCell<Vec<Entry>>,
    effects: Vec<Effect>,
    end: Option<Status>,
}

/// A branch above the one that is being moved, with a hole where that one belongs.
pub(super) struct Above {
    pub(super) branch: Branch,
    /// The hole's place.
    pub(super) lane: usize,
    pub(super) moves: u32,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        mut instance: Instance,
        event: &'a Event,
        recorded: Option<&'a Stopped>,
    ) -> Self {
        let mut running = match std::mem::replace(&mut instance.status, Status::New) {
            Status::Running(running) => running,
            _ => nowhere(definition, event.at),
        };
        let branch = std::mem::replace(&mut running.branch, Branch::nowhere());
        instance.version += 1;
        let data = Data::new(&instance, event.at, recorded);
        Self {
            definition,
            at: event.at,
            by: &event.by,
            instance,
            running,
            branch,
            above: Vec::new(),
            moves: 0,
            data,
            added: Added::default(),
            moves_in_all: 0,
            entries: RefCell::default(),
            effects: Vec::new(),
            end: None,
        }
    }

    pub(super) fn finish(mut self) -> Transition {
        while self.ascend() {}
        self.running.branch = self.branch;
        self.instance.status = self.end.unwrap_or(Status::Running(self.running));
        Transition { instance: self.instance, entries: self.entries.into_inner(), effects: self.effects }
    }

    pub(super) fn start(&mut self, input: &Value, requester: Option<String>) {
        self.running.input = input.clone();
        self.running.requester = requester;
        self.log(Entry::new("ExecutionStarted").input(input.clone()));
        self.go(Flow::To(self.definition.start_at.clone(), input.clone()));
    }

    pub(super) fn log(&self, entry: Entry) {
        let child = self.above.iter().any(|above| self.is_distributed(&above.branch.state));
        self.entries.borrow_mut().push(Entry { child: child || entry.child, ..entry });
    }

    pub(super) fn is_distributed(&self, state: &str) -> bool {
        self.definition.state(state).and_then(|state| state.kind.map()).is_some_and(|map| map.distributed)
    }

    pub(super) fn cause(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// A number that no activity of this instance has had.
    pub(super) fn new_activity(&mut self) -> u64 {
        self.running.next_activity += 1;
        self.running.next_activity
    }

    /// Goes on until every branch waits for something outside.
    pub(super) fn go(&mut self, mut flow: Flow) {
        loop {
            flow = match flow {
                Flow::To(..) if self.moves >= MAX_MOVES || self.moves_in_all >= MAX_MOVES_IN_ALL => {
                    Flow::Fail(endless())
                }
                Flow::To(..) if self.added.is_long_history() => Flow::Fail(long_history()),
                Flow::To(state, input) => self.enter(state, input),
                Flow::Rest => match self.elsewhere() {
                    Some(flow) => flow,
                    None => return,
                },
                Flow::Succeed(output) if self.above.is_empty() => return self.succeed(output),
                Flow::Succeed(output) => self.lane_succeeded(output),
                Flow::Fail(failure) if self.above.is_empty() => return self.fail(failure),
                Flow::Fail(failure) => self.lane_failed(failure),
            };
        }
    }

    fn enter(&mut self, state: String, input: Value) -> Flow {
        self.moves += 1;
        self.moves_in_all += 1;
        let definition = self.definition;
        let Some(found) = definition.state(&state) else {
            return Flow::Fail(Failure::new("States.Runtime", format!("there is no state \"{state}\"")));
        };
        let variables = std::mem::take(&mut self.branch.variables);
        self.branch = Branch { variables, ..Branch::at(state, self.at, input.clone()) };
        let kind = found.kind.name();
        self.log(Entry::of(format!("{kind}StateEntered"), &found.name).input(input));
        self.begin(&found.kind)
    }

    /// Does what the current state is there for, from its beginning.
    pub(super) fn begin(&mut self, kind: &StateKind) -> Flow {
        match kind {
            StateKind::Pass(pass) => self.pass(pass),
            StateKind::Choice(choice) => self.choose(choice),
            StateKind::Wait(wait) => self.wait(wait),
            StateKind::Succeed(succeed) => self.end_well(succeed),
            StateKind::Fail(fail) => self.end_badly(fail),
            StateKind::Task(task) => self.schedule(task),
            StateKind::Approval(approval) => self.ask(approval),
            StateKind::Parallel(parallel) => self.fork(parallel),
            StateKind::Map(map) => self.iterate(map),
        }
    }

    /// Leaves the current state: sets variables, writes the history.
    pub(super) fn leave(&mut self, output: &Value, assign: Map<String, Value>) -> Result<(), Failure> {
        self.room_for_variables(&assign)?;
        self.room_for_value(output)?;
        self.branch.variables.extend(assign);
        let name = self.branch.state.clone();
        let kind = self.definition.state(&name).map_or("", |state| state.kind.name());
        self.log(Entry::of(format!("{kind}StateExited"), &name).output(output.clone()));
        Ok(())
    }

    fn succeed(&mut self, output: Value) {
        // What was done is undone now: the end is the one that was asked for.
        if let Some(reason) = self.running.cancelling.take() {
            return self.cancelled(&reason);
        }
        self.log(Entry::new("ExecutionSucceeded").output(output.clone()));
        self.end = Some(Status::Succeeded { at: self.at, output });
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        let kind =
            if failure.error == "States.Timeout" && self.expired() { "ExecutionTimedOut" } else { "ExecutionFailed" };
        self.log(Entry::new(kind).failure(&failure.error, &failure.cause));
        let state = self.branch.state.clone();
        self.end = Some(Status::Failed { at: self.at, state, error: failure.error, cause: failure.cause });
    }

    fn expired(&self) -> bool {
        self.running.deadline.is_some_and(|deadline| deadline <= self.at)
    }

    pub(super) fn cancelled(&mut self, reason: &str) {
        self.log(Entry::new("ExecutionAborted").failure("Cancelled", reason));
        self.end = Some(Status::Cancelled { at: self.at, reason: reason.to_owned() });
    }
}

fn endless() -> Failure {
    let cause = format!("passed through {MAX_MOVES} states without waiting for anything; the definition loops");
    Failure::new("States.Runtime", cause)
}

fn nowhere(definition: &Definition, at: i64) -> Running {
    let seconds = definition.timeout_seconds.and_then(|seconds| i64::try_from(seconds).ok());
    Running {
        started_at: at,
        input: Value::Null,
        requester: None,
        next_activity: 0,
        deadline: seconds.map(|seconds| at + seconds * 1_000),
        branch: Branch::at("", at, Value::Null),
        secret: String::new(),
        signals: Vec::new(),
        cancelling: None,
        parent: None,
    }
}

impl StateKind {
    /// The name of the state type.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Pass(_) => "Pass",
            Self::Task(_) => "Task",
            Self::Choice(_) => "Choice",
            Self::Wait(_) => "Wait",
            Self::Succeed(_) => "Succeed",
            Self::Fail(_) => "Fail",
            Self::Approval(_) => "Approval",
            Self::Parallel(_) => "Parallel",
            Self::Map(_) => "Map",
        }
    }

    /// The `Map`, if it is one.
    pub fn map(&self) -> Option<&MapState> {
        match self {
            Self::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The data flow and the way on of a state that gathers what its lanes yield.
    pub(super) fn gathers(&self) -> Option<(&Shape, &Next)> {
        match self {
            Self::Parallel(parallel) => Some((&parallel.shape, &parallel.next)),
            Self::Map(map) => Some((&map.shape, &map.next)),
            _ => None,
        }
    }

    /// Whether it may have rules of `Retry`.
    pub(super) fn can_retry(&self) -> bool {
        matches!(self, Self::Task(_) | Self::Parallel(_) | Self::Map(_))
    }

    /// The rules of `Retry`.
    pub(super) fn retry(&self) -> &[Retrier] {
        match self {
            Self::Task(task) => &task.retry,
            Self::Parallel(parallel) => &parallel.retry,
            Self::Map(map) => &map.retry,
            _ => &[],
        }
    }

    /// The rules of `Catch`.
    pub(super) fn catch(&self) -> &[Catcher] {
        match self {
            Self::Task(task) => &task.catch,
            Self::Approval(approval) => &approval.catch,
            Self::Parallel(parallel) => &parallel.catch,
            Self::Map(map) => &map.catch,
            _ => &[],
        }
    }
}
