//! What happens next in a rehearsal, and when.

use super::cast::{Decided, Ending, Sent};
use super::{Rehearsal, START_MS};
use crate::event::{Actor, Channel, EventKind};
use crate::step::next_due;

/// Something that is about to happen.
#[derive(Debug, Clone)]
pub(super) enum Coming {
    /// A decision of the cast, by its place, and the approval that it answers.
    Decision { place: usize, activity: u64 },
    /// The next signal.
    Signal,
    /// The end from outside.
    Cancel,
    /// A deadline of the instance.
    Deadline,
}

impl Rehearsal<'_> {
    /// The earliest thing that can happen and its time. Of several at one time people come first, deadlines last: whoever
    /// decides on the last day is in time. What has no time of its own happens when nothing else is left to be done now.
    pub(super) fn coming(&self) -> Option<(i64, Coming)> {
        let decisions = self.cast.decisions.iter().enumerate().filter_map(|(place, decided)| self.due(place, decided));
        let signal = self.cast.signals.front().map(|sent| (self.outside(sent.after), Coming::Signal));
        let cancel = self.cast.cancel.as_ref().map(|ending| (self.outside(ending.after), Coming::Cancel));
        let deadline = self.deadline().map(|at| (at, Coming::Deadline));
        decisions.chain(signal).chain(cancel).chain(deadline).min_by_key(|(at, _)| *at)
    }

    /// When a decision is made, if its person is asked in its state.
    fn due(&self, place: usize, decided: &Decided) -> Option<(i64, Coming)> {
        let mut open = self.instance.asked_of(&decided.by).filter(|(branch, _)| branch.state == decided.state);
        let (_, open) = open.find(|(_, open)| open.vote_of(&decided.by).is_none())?;
        let since = open.seats_of(&decided.by).map(|(_, seat)| seat.since).min().unwrap_or(open.opened_at);
        let at = decided.after.map_or(self.now, |delay| since.saturating_add(delay.0));
        Some((at.max(self.now), Coming::Decision { place, activity: open.activity }))
    }

    fn outside(&self, after: Option<super::Delay>) -> i64 {
        after.map_or(self.now, |delay| START_MS.saturating_add(delay.0)).max(self.now)
    }

    /// Nobody knows how long a task takes that has no answer, so no time passes while one is waited for.
    fn deadline(&self) -> Option<i64> {
        let numbers = self.branches().into_iter().filter_map(|branch| branch.activity.number());
        let waits = numbers.into_iter().any(|number| self.unanswered.contains(&number));
        if waits { None } else { next_due(self.definition, &self.instance) }
    }

    /// The event that comes of it. What is taken from the cast is used up.
    pub(super) fn event_of(&mut self, coming: Coming) -> (Actor, EventKind) {
        match coming {
            Coming::Decision { place, activity } => {
                let Decided { by: person, decision, comment, form, .. } = self.cast.decisions.remove(place);
                let by = Actor::Person { id: person.clone(), through: Channel::Token };
                (by, EventKind::Voted { activity, person, decision, form, comment })
            }
            Coming::Signal => (Actor::System, signalled(self.cast.signals.pop_front())),
            Coming::Cancel => (Actor::System, cancelled(self.cast.cancel.take())),
            Coming::Deadline => (Actor::System, EventKind::DeadlineReached),
        }
    }
}

fn signalled(sent: Option<Sent>) -> EventKind {
    sent.map_or(EventKind::DeadlineReached, |Sent { name, data, .. }| EventKind::Signalled { name, data })
}

fn cancelled(ending: Option<Ending>) -> EventKind {
    ending.map_or(EventKind::DeadlineReached, |Ending { reason, .. }| EventKind::Cancelled { reason })
}
