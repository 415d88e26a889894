//! Signals: what others tell a running instance, and the task `signal.wait` that waits for one.

use super::run::{Failure, Flow, Run};
use crate::definition::Task;
use crate::history::Entry;
use crate::instance::{Activity, Signal};
use crate::rejected::Rejected;
use serde_json::{Value, json};

/// The task that waits for a signal: `{"Name": "goods-received"}`. Its result is what the signal carries.
pub(super) const WAIT_FOR_SIGNAL: &str = "signal.wait";

impl Run<'_> {
    /// Waits for a signal, or takes the one that has arrived before.
    pub(super) fn wait_for_signal(&mut self, task: &Task, arguments: &Value) -> Result<Flow, Failure> {
        let Some(name) = arguments.get("Name").and_then(Value::as_str) else {
            return Err(Failure::new("Signal.Invalid", "signal.wait needs the text Name"));
        };
        let deadline = self.deadline_after(task.timeout.as_ref(), task, "TimeoutSeconds")?;
        let activity = self.new_activity();
        self.branch.activity = Activity::Signal { activity, name: name.to_owned(), deadline };
        self.log(
            Entry::new("TaskScheduled")
                .details(json!({ "resource": WAIT_FOR_SIGNAL, "activity": activity, "signal": name })),
        );
        match self.running.signals.iter().position(|signal| signal.name == name) {
            Some(place) => {
                let Signal { data, .. } = self.running.signals.remove(place);
                Ok(self.succeeded(data))
            }
            None => Ok(Flow::Rest),
        }
    }

    /// Gives a signal to the first branch that waits for it, or keeps it until one does.
    pub(super) fn signalled(&mut self, name: &str, data: &Value) -> Result<(), Rejected> {
        self.log(Entry::of("SignalReceived", name).input(data.clone()));
        let waits = |activity: &Activity| matches!(activity, Activity::Signal { name: wanted, .. } if wanted == name);
        let Some(way) = self.branch.way_to(&mut |branch| waits(&branch.activity)) else {
            return self.keep(name, data);
        };
        if way.into_iter().all(|lane| self.descend(lane)) {
            let flow = self.succeeded(data.clone());
            self.go(flow);
        }
        Ok(())
    }

    fn keep(&mut self, name: &str, data: &Value) -> Result<(), Rejected> {
        if self.running.signals.len() >= crate::MAX_SIGNALS {
            return Err(Rejected::TooManySignals);
        }
        self.running.signals.push(Signal { name: name.to_owned(), data: data.clone() });
        Ok(())
    }
}
