//! One step under way: the instance as it changes, and what the step leaves behind.

use super::Transition;
use super::scope::Data;
use crate::definition::{Definition, Next, StateKind};
use crate::effect::Effect;
use crate::event::{Actor, Event};
use crate::history::Entry;
use crate::instance::{Activity, Branch, Instance, Running, Status};
use serde_json::{Map, Value};

/// The most states that one step passes through: a loop of states that never wait would never end.
const MAX_MOVES: u32 = 2_000;

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
    pub(super) instance: Instance,
    pub(super) running: Running,
    pub(super) data: Data,
    entries: Vec<Entry>,
    effects: Vec<Effect>,
    end: Option<Status>,
}

impl<'a> Run<'a> {
    pub(super) fn new(definition: &'a Definition, before: &Instance, event: &'a Event) -> Self {
        let running = before.running().cloned().unwrap_or_else(|| nowhere(definition, event.at));
        let mut instance = before.clone();
        instance.version += 1;
        instance.status = Status::New;
        let data = Data::new(&instance, event.at);
        let (entries, effects) = (Vec::new(), Vec::new());
        Self { definition, at: event.at, by: &event.by, instance, running, data, entries, effects, end: None }
    }

    pub(super) fn finish(mut self) -> Transition {
        self.instance.status = self.end.unwrap_or(Status::Running(self.running));
        Transition { instance: self.instance, entries: self.entries, effects: self.effects }
    }

    pub(super) fn start(&mut self, input: &Value, requester: Option<String>) {
        self.running.input = input.clone();
        self.running.requester = requester;
        self.log(Entry::new("ExecutionStarted").input(input.clone()));
        self.go(Flow::To(self.definition.start_at.clone(), input.clone()));
    }

    pub(super) fn log(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    pub(super) fn cause(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// A number that no activity of this instance has had.
    pub(super) fn new_activity(&mut self) -> u64 {
        self.running.next_activity += 1;
        self.running.next_activity
    }

    /// Goes on until something outside must happen.
    pub(super) fn go(&mut self, mut flow: Flow) {
        let mut moves = 0;
        loop {
            flow = match flow {
                Flow::To(..) if moves == MAX_MOVES => return self.fail(endless()),
                Flow::To(state, input) => self.enter(state, input),
                Flow::Rest => return,
                Flow::Succeed(output) => return self.succeed(output),
                Flow::Fail(failure) => return self.fail(failure),
            };
            moves += 1;
        }
    }

    fn enter(&mut self, state: String, input: Value) -> Flow {
        let Some(found) = self.definition.state(&state) else {
            return Flow::Fail(Failure::new("States.Runtime", format!("there is no state \"{state}\"")));
        };
        let branch = &mut self.running.branch;
        *branch = Branch {
            state,
            entered_at: self.at,
            input: input.clone(),
            variables: std::mem::take(&mut branch.variables),
            retries: Vec::new(),
            activity: Activity::Moving,
        };
        let kind = found.kind.name();
        self.log(Entry::of(format!("{kind}StateEntered"), &found.name).input(input));
        match &found.kind {
            StateKind::Pass(pass) => self.pass(pass),
            StateKind::Choice(choice) => self.choose(choice),
            StateKind::Wait(wait) => self.wait(wait),
            StateKind::Succeed(succeed) => self.end_well(succeed),
            StateKind::Fail(fail) => self.end_badly(fail),
            StateKind::Task(task) => self.schedule(task),
            StateKind::Approval(approval) => self.ask(approval),
        }
    }

    /// Leaves the current state: sets variables, writes the history.
    pub(super) fn leave(&mut self, output: &Value, assign: Map<String, Value>) {
        self.running.branch.variables.extend(assign);
        let name = self.running.branch.state.clone();
        let kind = self.definition.state(&name).map_or("", |state| state.kind.name());
        self.log(Entry::of(format!("{kind}StateExited"), &name).output(output.clone()));
    }

    fn succeed(&mut self, output: Value) {
        self.log(Entry::new("ExecutionSucceeded").output(output.clone()));
        self.end = Some(Status::Succeeded { at: self.at, output });
    }

    pub(super) fn fail(&mut self, failure: Failure) {
        let kind =
            if failure.error == "States.Timeout" && self.expired() { "ExecutionTimedOut" } else { "ExecutionFailed" };
        self.log(Entry::new(kind).failure(&failure.error, &failure.cause));
        let state = self.running.branch.state.clone();
        self.end = Some(Status::Failed { at: self.at, state, error: failure.error, cause: failure.cause });
    }

    fn expired(&self) -> bool {
        self.running.deadline.is_some_and(|deadline| deadline <= self.at)
    }

    pub(super) fn cancel(&mut self, reason: &str) {
        self.release_pending("cancelled", None);
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
        branch: Branch {
            state: String::new(),
            entered_at: at,
            input: Value::Null,
            variables: Map::new(),
            retries: Vec::new(),
            activity: Activity::Moving,
        },
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
        }
    }
}
