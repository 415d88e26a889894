//! Walking in the tree of branches: into a lane, back out of it, and what happens when one ends.
//!
//! The branch that is being moved is taken out of the tree and stands in [`Run::branch`]; those above it wait in
//! [`Run::above`]. So every state is written as if there were one branch only.

use super::run::{Above, Failure, Flow, Run};
use crate::closed::ClosedApproval;
use crate::effect::Effect;
use crate::history::Entry;
use crate::instance::{Activity, Branch, Lane};
use crate::rejected::Rejected;
use serde_json::{Value, json};

impl Run<'_> {
    /// Goes into a lane of the current branch.
    pub(super) fn descend(&mut self, lane: usize) -> bool {
        let Some(child) = self.branch.activity.take(lane) else { return false };
        let branch = std::mem::replace(&mut self.branch, child);
        self.above.push(Above { branch, lane, moves: std::mem::take(&mut self.moves) });
        true
    }

    /// Goes back to the branch above; false at the root.
    pub(super) fn ascend(&mut self) -> bool {
        let Some(Above { branch, lane, moves }) = self.above.pop() else { return false };
        let child = std::mem::replace(&mut self.branch, branch);
        self.branch.activity.put(lane, child);
        self.moves = moves;
        true
    }

    /// Goes to the branch that waits for the answer of that number.
    pub(super) fn seek(&mut self, activity: u64) -> Result<(), Rejected> {
        let way = self.branch.way_to(&mut |branch| branch.activity.number() == Some(activity));
        let way = way.ok_or(Rejected::Late { activity })?;
        way.into_iter().all(|lane| self.descend(lane)).then_some(()).ok_or(Rejected::Late { activity })
    }

    /// Goes to the branch that waits for a task.
    pub(super) fn seek_task(&mut self, activity: u64) -> Result<(), Rejected> {
        self.seek(activity)?;
        match self.branch.activity {
            Activity::Task { .. } => Ok(()),
            _ => Err(Rejected::Late { activity }),
        }
    }

    /// Where the step goes on after the current branch has come to rest: in a lane that has not begun, here or above.
    pub(super) fn elsewhere(&mut self) -> Option<Flow> {
        loop {
            if let Some(flow) = self.begin_lane() {
                return Some(flow);
            }
            if !self.ascend() {
                return None;
            }
        }
    }

    /// Begins the next lane of the current branch, if there is one and its turn has come.
    fn begin_lane(&mut self) -> Option<Flow> {
        match &self.branch.activity {
            Activity::Branches { lanes } => {
                let lane = lanes
                    .iter()
                    .position(|lane| matches!(lane, Lane::Open(branch) if branch.activity == Activity::Moving))?;
                self.descend(lane);
                Some(Flow::To(self.branch.state.clone(), std::mem::take(&mut self.branch.input)))
            }
            Activity::Items(items) => {
                let item = items.turn()?;
                Some(self.begin_item(item))
            }
            _ => None,
        }
    }

    /// A lane has ended well: the branch above goes on with the next, or has what it was waiting for.
    pub(super) fn lane_succeeded(&mut self, output: Value) -> Flow {
        let Some(lane) = self.rise() else { return Flow::Succeed(output) };
        match &mut self.branch.activity {
            Activity::Branches { lanes } => {
                if let Some(ended) = lanes.get_mut(lane) {
                    *ended = Lane::Done { output };
                }
                self.branches_done()
            }
            Activity::Items(_) => self.item_succeeded(lane, output),
            _ => Flow::Rest,
        }
    }

    /// A lane has failed and nothing in it has caught that.
    pub(super) fn lane_failed(&mut self, failure: Failure) -> Flow {
        let Some(lane) = self.rise() else { return Flow::Fail(failure) };
        match &self.branch.activity {
            Activity::Branches { .. } => self.lanes_failed("ParallelStateFailed", failure),
            Activity::Items(_) => self.item_failed(lane, failure),
            _ => Flow::Fail(failure),
        }
    }

    /// Leaves a lane that has ended for the branch above; its place. `None` at the root.
    fn rise(&mut self) -> Option<usize> {
        let Above { branch, lane, moves } = self.above.pop()?;
        self.branch = branch;
        self.moves = moves;
        Some(lane)
    }

    /// The whole state fails because a lane did: the others are stopped first.
    pub(super) fn lanes_failed(&mut self, entry: &str, failure: Failure) -> Flow {
        self.stop_lanes("stopped");
        self.state_failed(entry, failure)
    }

    /// Ends everything below the current branch. Approvals are kept as closed ones: who has voted has decided, and a
    /// link must be able to say how it ended.
    pub(super) fn stop_lanes(&mut self, outcome: &str) {
        let activity = std::mem::replace(&mut self.branch.activity, Activity::Moving);
        for (_, child) in activity.below() {
            for branch in child.all() {
                self.stop_branch(branch, outcome);
            }
        }
    }

    /// Ends what a branch waits for.
    pub(super) fn stop_branch(&mut self, branch: &Branch, outcome: &str) {
        match &branch.activity {
            Activity::Decision(open) => {
                for seat in open.pending() {
                    let (activity, person, because) = (open.activity, seat.person.clone(), outcome.to_owned());
                    self.cause(Effect::Release { activity, person, because, by: None });
                }
                let details = json!({ "activity": open.activity, "outcome": outcome, "round": open.round });
                self.log(Entry::of("ApprovalClosed", &branch.state).details(details));
                self.instance.close(ClosedApproval {
                    state: branch.state.clone(),
                    closed_at: self.at,
                    outcome: outcome.to_owned(),
                    by_escalation: true,
                    approval: open.clone(),
                });
            }
            Activity::Task { child: Some(child), .. } => {
                let reason = "the workflow that started this one does not wait for it any more".to_owned();
                self.cause(Effect::CancelChild { instance: child.clone(), reason });
            }
            _ => {}
        }
    }
}
