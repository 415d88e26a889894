//! Deadlines: the earliest one of an instance, and what happens when it has come.

use super::run::{Failure, Flow, Run};
use crate::definition::{Approval, Definition, EscalationAct, StateKind};
use crate::instance::{Activity, Branch, Instance, OpenApproval};
use crate::rejected::Rejected;

/// When the instance must be looked at again, in milliseconds since 1970. `None`: it waits for people or code only.
///
/// This is the only place that says so; the stored column is a copy of it.
pub fn next_due(definition: &Definition, instance: &Instance) -> Option<i64> {
    let running = instance.running()?;
    earliest(definition, &running.branch).into_iter().chain(running.deadline).min()
}

/// The earliest deadline of a branch and those below it.
fn earliest(definition: &Definition, branch: &Branch) -> Option<i64> {
    branch.all().into_iter().filter_map(|branch| own_due(definition, branch)).min()
}

/// When what a branch waits for comes due by itself.
fn own_due(definition: &Definition, branch: &Branch) -> Option<i64> {
    match &branch.activity {
        Activity::Time { until } | Activity::Retry { until } => Some(*until),
        Activity::Task { deadline, heartbeat, .. } => {
            deadline.iter().copied().chain(heartbeat.map(|heartbeat| heartbeat.due)).min()
        }
        Activity::Signal { deadline, .. } => *deadline,
        Activity::Decision(open) => approval_of(definition, branch).and_then(|approval| approval_due(approval, open)),
        Activity::Moving | Activity::Approvers(_) | Activity::Branches { .. } | Activity::Items(_) => None,
    }
}

/// The definition of the approval that a branch stands in.
pub(super) fn approval_of<'d>(definition: &'d Definition, branch: &Branch) -> Option<&'d Approval> {
    match &definition.state(&branch.state)?.kind {
        StateKind::Approval(approval) => Some(approval),
        _ => None,
    }
}

fn approval_due(approval: &Approval, open: &OpenApproval) -> Option<i64> {
    let expiry = approval.expire_after_ms.map(|after| open.opened_at + after);
    let escalation = approval.escalations.get(open.escalated).map(|rule| open.opened_at + rule.after_ms);
    let reminders = approval.reminders.iter().enumerate();
    let reminder =
        reminders.filter_map(|(n, rule)| rule.due(open.opened_at, open.reminded.get(n).copied().unwrap_or(0))).min();
    expiry.into_iter().chain(escalation).chain(reminder).min()
}

impl crate::definition::Reminder {
    /// When the next reminder is due, after so many were sent.
    pub(super) fn due(&self, opened_at: i64, sent: u32) -> Option<i64> {
        let repeats = if sent == 0 { 0 } else { self.every_ms?.checked_mul(i64::from(sent))? };
        (sent < self.max).then(|| opened_at + self.after_ms + repeats)
    }
}

impl Run<'_> {
    /// Does what the earliest deadline that has come asks for. If others have come too, they are next.
    pub(super) fn deadline(&mut self, now: i64) -> Result<(), Rejected> {
        let definition = self.definition;
        // After a long pause several have come: the earliest counts, as if somebody had been there.
        let own = earliest(definition, &self.branch).unwrap_or(i64::MAX);
        if self.running.deadline.is_some_and(|deadline| deadline <= now && deadline <= own) {
            self.release_all("expired");
            self.fail(Failure::new("States.Timeout", "the workflow took longer than TimeoutSeconds"));
            return Ok(());
        }
        let way = self.branch.way_to(&mut |branch| own <= now && own_due(definition, branch) == Some(own));
        if !way.ok_or(Rejected::NotDue)?.into_iter().all(|lane| self.descend(lane)) {
            return Err(Rejected::NotDue);
        }
        match self.branch.activity.clone() {
            Activity::Time { .. } => self.wake(),
            Activity::Retry { .. } => self.try_again(),
            Activity::Task { deadline, .. } if deadline.is_none_or(|deadline| deadline > now) => {
                self.task_failed(
                    "TaskTimedOut",
                    "States.HeartbeatTimeout",
                    "the task was silent for longer than HeartbeatSeconds",
                );
            }
            Activity::Task { .. } | Activity::Signal { .. } => {
                self.task_failed("TaskTimedOut", "States.Timeout", "the task took longer than TimeoutSeconds");
            }
            Activity::Decision(open) => self.approval_deadline(open, now)?,
            _ => return Err(Rejected::NotDue),
        }
        Ok(())
    }

    fn wake(&mut self) {
        let definition = self.definition;
        if let Some(StateKind::Wait(wait)) = definition.state(&self.branch.state).map(|state| &state.kind) {
            let flow = self.waited(wait);
            self.go(flow);
        }
    }

    fn try_again(&mut self) {
        let definition = self.definition;
        if let Some(state) = definition.state(&self.branch.state) {
            self.branch.activity = Activity::Moving;
            let flow = self.begin(&state.kind);
            self.go(flow);
        }
    }

    fn approval_deadline(&mut self, mut open: OpenApproval, now: i64) -> Result<(), Rejected> {
        let definition = self.definition;
        let Some(approval) = approval_of(definition, &self.branch) else { return Err(Rejected::NotDue) };
        if approval.expire_after_ms.is_some_and(|after| open.opened_at + after <= now) {
            let flow = self.close(approval, open, "expired", false);
            self.go(flow);
            return Ok(());
        }
        let escalation = approval.escalations.get(open.escalated).filter(|rule| open.opened_at + rule.after_ms <= now);
        let due = count_reminders(approval, &mut open, now);
        let stay = escalation.is_none_or(|rule| matches!(rule.act, EscalationAct::AddApprovers(_)));
        let reminded = due && stay;
        if reminded {
            self.ask_again(&open, open.reminded.iter().sum());
        }
        match escalation {
            Some(rule) => self.escalate(approval, open, rule),
            None if reminded => self.branch.activity = Activity::Decision(open),
            None => return Err(Rejected::NotDue),
        }
        Ok(())
    }

    /// Enters the flow after a closed approval failed to route; used by every closing.
    pub(super) fn or_caught(&mut self, flow: Result<Flow, Failure>) -> Flow {
        flow.unwrap_or_else(|failure| self.caught(failure))
    }
}

/// Counts the reminders that have become due. At most one is sent for them, however long the service was away, and none
/// to people whose seats are about to go.
fn count_reminders(approval: &Approval, open: &mut OpenApproval, now: i64) -> bool {
    open.reminded.resize(approval.reminders.len(), 0);
    let mut due = false;
    for (rule, sent) in approval.reminders.iter().zip(&mut open.reminded) {
        while rule.due(open.opened_at, *sent).is_some_and(|at| at <= now) {
            *sent += 1;
            due = true;
        }
    }
    due
}
