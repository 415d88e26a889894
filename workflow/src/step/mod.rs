//! The transition function: one event, one step.

mod approval;
mod ballot;
mod closing;
mod deadline;
mod escalation;
mod run;
mod scope;
mod states;
mod task;

use crate::definition::Definition;
use crate::effect::Effect;
use crate::event::{Event, EventKind};
use crate::history::Entry;
use crate::instance::{Activity, Instance, Running, Status};
use crate::may::open_approval;
use crate::rejected::Rejected;
use run::Run;

pub use deadline::next_due;

/// What an event makes of an instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The instance afterwards; its version is one higher.
    pub instance: Instance,
    /// What goes into the history.
    pub entries: Vec<Entry>,
    /// What must be done. The n-th has the id `instance/version/n`.
    pub effects: Vec<Effect>,
}

/// What `event` makes of `instance`, or why it is not taken.
///
/// Consecutive states that need nothing from outside are passed through within one step.
pub fn step(definition: &Definition, instance: &Instance, event: &Event) -> Result<Transition, Rejected> {
    let mut run = Run::new(definition, instance, event);
    match (&instance.status, &event.kind) {
        (Status::New, EventKind::Started { input, requester }) => run.start(input, requester.clone()),
        (_, EventKind::Started { .. }) => return Err(Rejected::AlreadyStarted),
        (Status::Running(running), kind) => take(&mut run, running, kind, event)?,
        (_, EventKind::Voted { activity, person, decision, .. }) => {
            return Err(again(instance, *activity, person, decision));
        }
        (_, EventKind::Reassigned { activity, .. }) => return Err(closed(instance, *activity)),
        _ => return Err(Rejected::NotRunning { status: instance.status_name() }),
    }
    Ok(run.finish())
}

/// An event of an instance that is under way.
fn take(run: &mut Run<'_>, running: &Running, kind: &EventKind, event: &Event) -> Result<(), Rejected> {
    match (&running.branch.activity, kind) {
        (Activity::Task { activity: open, .. }, EventKind::TaskSucceeded { activity, output }) if open == activity => {
            run.task_succeeded(output.clone());
        }
        (Activity::Task { activity: open, .. }, EventKind::TaskFailed { activity, error, cause })
            if open == activity =>
        {
            run.task_failed("TaskFailed", error, cause);
        }
        (Activity::Approvers(open), EventKind::ApproversFound { activity, groups }) if open.activity == *activity => {
            run.open(open.clone(), groups);
        }
        (Activity::Decision(open), EventKind::ApproversFound { activity, groups })
            if open.activity == *activity && open.escalated > 0 =>
        {
            run.escalate_to(open.clone(), groups);
        }
        (_, EventKind::Voted { activity, person, decision, form, comment }) => {
            let vote = run.ballot(*activity, person, decision, form, comment)?;
            run.vote(vote);
        }
        (_, EventKind::Reassigned { activity, from, to, reason }) => run.reassign(*activity, from, to, reason)?,
        (_, EventKind::DeadlineReached) => run.deadline(event.at)?,
        (_, EventKind::Cancelled { reason }) => run.cancel(reason),
        (
            _,
            EventKind::TaskSucceeded { activity, .. }
            | EventKind::TaskFailed { activity, .. }
            | EventKind::ApproversFound { activity, .. },
        ) => {
            return Err(Rejected::Late { activity: *activity });
        }
        (_, EventKind::Started { .. }) => return Err(Rejected::AlreadyStarted),
    }
    Ok(())
}

fn closed(instance: &Instance, activity: u64) -> Rejected {
    open_approval(instance, activity).err().unwrap_or(Rejected::Late { activity })
}

/// A vote on something that is over.
fn again(instance: &Instance, activity: u64, person: &str, decision: &str) -> Rejected {
    let vote = instance.closed_approval(activity).and_then(|closed| closed.approval.vote_of(person));
    match vote {
        Some(vote) if vote.decision == decision => Rejected::Repeated { decision: decision.to_owned(), at: vote.at },
        Some(vote) => Rejected::Decided { decision: vote.decision.clone(), at: vote.at },
        None => closed(instance, activity),
    }
}
