//! The transition function: one event, one step.

mod again;
mod approval;
mod ballot;
mod cancel;
mod closing;
mod deadline;
mod escalation;
mod lanes;
mod map;
mod parallel;
mod room;
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
use crate::may::{may_decide, open_approval};
use crate::rejected::Rejected;
use crate::size;
use again::Stopped;
use run::Run;
use serde_json::Value;

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
    check(instance, &event.kind)?;
    taken(definition, instance.clone(), event, None)
}

/// The same for whoever needs the instance no more: nothing of it is copied. An instance that rejects the event is gone.
pub fn step_from(definition: &Definition, instance: Instance, event: &Event) -> Result<Transition, Rejected> {
    check(&instance, &event.kind)?;
    taken(definition, instance, event, None)
}

/// The same for a step that was taken before and wrote these entries: an evaluation that the clock stopped then is stopped
/// now, and no other is.
pub fn step_again(
    definition: &Definition,
    instance: Instance,
    event: &Event,
    entries: &[Entry],
) -> Result<Transition, Rejected> {
    check(&instance, &event.kind)?;
    taken(definition, instance, event, Some(&Stopped::among(entries)))
}

/// What an event makes of an instance that may take such events.
fn taken(
    definition: &Definition,
    instance: Instance,
    event: &Event,
    recorded: Option<&Stopped>,
) -> Result<Transition, Rejected> {
    let mut run = Run::new(definition, instance, event, recorded);
    match &event.kind {
        EventKind::Started { input, requester, secret, parent } => {
            run.running.secret.clone_from(secret);
            run.running.parent.clone_from(parent);
            run.start(input, requester.clone());
        }
        kind => take(&mut run, kind, event)?,
    }
    Ok(run.finish())
}

/// Whether an instance that stands so may take such an event at all.
fn check(instance: &Instance, kind: &EventKind) -> Result<(), Rejected> {
    match (&instance.status, kind) {
        (Status::New, EventKind::Started { input, .. }) => fits("the input", input),
        (_, EventKind::Started { .. }) => Err(Rejected::AlreadyStarted),
        (Status::Running(_), EventKind::Voted { activity, person, decision, form, .. }) => {
            may_decide(instance, *activity, person).map_err(|rejected| repeated(rejected, decision))?;
            form.iter().try_for_each(|form| fits("the form", form))
        }
        (Status::Running(_), EventKind::Reassigned { activity, from, .. }) => {
            may_decide(instance, *activity, from).map(|_| ())
        }
        (Status::Running(_), EventKind::Signalled { data, .. }) => fits("the data of the signal", data),
        (Status::Running(_), _) => Ok(()),
        (_, EventKind::Voted { activity, person, decision, .. }) => Err(again(instance, *activity, person, decision)),
        (_, EventKind::Reassigned { activity, .. }) => Err(closed(instance, *activity)),
        _ => Err(Rejected::NotRunning { status: instance.status_name() }),
    }
}

/// What somebody sends and an instance keeps is not larger than what its states may hand on.
fn fits(what: &'static str, value: &Value) -> Result<(), Rejected> {
    if size::is_payload(value) { Ok(()) } else { Err(Rejected::TooLarge { what }) }
}

/// Whoever decides the same once more is told so.
fn repeated(rejected: Rejected, decision: &str) -> Rejected {
    match rejected {
        Rejected::Decided { decision: first, at } if first == decision => Rejected::Repeated { decision: first, at },
        other => other,
    }
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
