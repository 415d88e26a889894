//! Cancelling: at once, or through the states that undo what was done.

use super::run::{Failure, Run};
use crate::definition::CANCELLED;
use crate::effect::Effect;
use crate::instance::{Activity, Branch};

impl Run<'_> {
    /// Ends the instance from outside. A `Catch` of the current state that names `Workflow.Cancelled` leads to what
    /// undoes it first; whoever cancels once more does not want to wait for that.
    pub(super) fn cancel(&mut self, reason: &str) {
        let definition = self.definition;
        let state = definition.state(&self.branch.state);
        let undone = state.is_some_and(|state| {
            let mut rules = state.kind.catch().iter();
            rules.any(|rule| rule.errors.iter().any(|error| error == CANCELLED))
        });
        if !undone || self.running.cancelling.is_some() {
            self.release_all("cancelled");
            return self.cancelled(reason);
        }
        self.running.cancelling = Some(reason.to_owned());
        let root = std::mem::replace(&mut self.branch, Branch::nowhere());
        for branch in root.all() {
            self.stop_branch(branch, "cancelled");
        }
        self.branch = Branch { activity: Activity::Moving, ..root };
        let flow = self.caught(Failure::new(CANCELLED, reason));
        self.go(flow);
    }

    /// Tells everybody who was asked that nothing is left to do, and ends what was started: the instance is over.
    pub(super) fn release_all(&mut self, because: &str) {
        let root = std::mem::replace(&mut self.branch, Branch::nowhere());
        for branch in root.all() {
            match &branch.activity {
                Activity::Decision(open) => {
                    for seat in open.pending() {
                        let (activity, person, because) = (open.activity, seat.person.clone(), because.to_owned());
                        self.cause(Effect::Release { activity, person, because, by: None });
                    }
                }
                Activity::Task { child: Some(_), .. } => self.stop_branch(branch, because),
                _ => {}
            }
        }
        self.branch = root;
    }
}
