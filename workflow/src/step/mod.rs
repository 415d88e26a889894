//! The transition function: one event, one step.

mod approval;
mod ballot;
mod cancel;
mod closing;
mod deadline;
mod escalation;
mod lanes;
mod map;
mod parallel;
mod run;
mod scope;
mod shape;
mod signal;
mod states;
mod task;

use crate::definition::Definition;
use crate::effect::Effect;
use crate::event::{Event, EventKind};
use crate::history::Entry;
use crate::instance::{Activity, Instance, Status};
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
        (Status::New, EventKind::Started { input, requester, secret, parent }) => {
            run.running.secret.clone_from(secret);
            run.running.parent.clone_from(parent);
            run.start(input, requester.clone());
        }
        (_, EventKind::Started { .. }) => return Err(Rejected::AlreadyStarted),
        (Status::Running(_), kind) => take(&mut run, kind, event)?,
        (_, EventKind::Voted { activity, person, decision, .. }) => {
            return Err(again(instance, *activity, person, decision));
        }
        (_, EventKind::Reassigned { activity, .. }) => return Err(closed(instance, *activity)),
        _ => return Err(Rejected::NotRunning { status: instance.status_name() }),
    }
    Ok(run.finish())
}

/// An event of an instance that is under way. It goes to the branch that waits for it.
fn take(run: &mut Run<'_>, kind: &EventKind, event: &Event) -> Result<(), Rejected> {
    match kind {
        EventKind::TaskSucceeded { activity, output } => {
            run.seek_task(*activity)?;
            run.task_succeeded(output.clone());
        }
        EventKind::TaskFailed { activity, error, cause } => {
            run.seek_task(*activity)?;
            run.task_failed("TaskFailed", error, cause);
        }
        EventKind::TaskHeartbeat { activity } => {
            run.seek_task(*activity)?;
            run.heartbeat();
        }
        EventKind::ApproversFound { activity, groups } => {
            run.seek(*activity)?;
            match run.branch.activity.clone() {
                Activity::Approvers(open) => run.open(open, groups),
                Activity::Decision(open) if open.escalated > 0 => run.escalate_to(open, groups),
                _ => return Err(Rejected::Late { activity: *activity }),
            }
        }
        EventKind::Voted { activity, person, decision, form, comment } => {
            let vote = run.ballot(*activity, person, decision, form, comment)?;
            run.vote(vote);
        }
        EventKind::Reassigned { activity, from, to, reason } => run.reassign(*activity, from, to, reason)?,
        EventKind::Signalled { name, data } => run.signalled(name, data)?,
        EventKind::DeadlineReached => run.deadline(event.at)?,
        EventKind::Cancelled { reason } => run.cancel(reason),
        EventKind::Started { .. } => return Err(Rejected::AlreadyStarted),
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
