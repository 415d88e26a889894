//! The one answer to "may this person decide this?". Pages, links and API ask here, and so does `step`.

use crate::closed::ClosedApproval;
use crate::instance::{Instance, OpenApproval, Status, Vote};
use crate::rejected::Rejected;

/// The open approval in which this person may decide now, or why not.
pub fn may_decide<'a>(instance: &'a Instance, activity: u64, person: &str) -> Result<&'a OpenApproval, Rejected> {
    let open = open_approval(instance, activity).map_err(|rejected| repeated(instance, activity, person, rejected))?;
    if let Some(vote) = open.vote_of(person) {
        return Err(Rejected::Decided { decision: vote.decision.clone(), at: vote.at });
    }
    if let Some(rule) = open.excluded.iter().find(|rule| rule.person == person) {
        return Err(Rejected::Excluded { name: "You".to_owned(), because: rule.because.clone() });
    }
    if open.seats_of(person).next().is_none() {
        return Err(not_asked(open, person));
    }
    Ok(open)
}

/// The open approval of that number, or how it ended.
pub fn open_approval(instance: &Instance, activity: u64) -> Result<&OpenApproval, Rejected> {
    match instance.open_approval(activity) {
        Some((_, open)) => Ok(open),
        None => Err(ended(instance, activity)),
    }
}

fn ended(instance: &Instance, activity: u64) -> Rejected {
    if let Some(closed) = instance.closed_approval(activity) {
        let by = closed.deciding_vote().map(|vote| vote.name.clone());
        return Rejected::AlreadyDecided { outcome: closed.outcome.clone(), by, at: closed.closed_at };
    }
    match instance.status {
        Status::Running(_) => Rejected::Late { activity },
        _ => Rejected::NotRunning { status: instance.status_name() },
    }
}

/// A person who asks again after the approval is closed hears of the own decision first.
fn repeated(instance: &Instance, activity: u64, person: &str, otherwise: Rejected) -> Rejected {
    let vote = instance.closed_approval(activity).and_then(|closed| closed.approval.vote_of(person));
    vote.map_or(otherwise, |vote| Rejected::Decided { decision: vote.decision.clone(), at: vote.at })
}

fn not_asked(open: &OpenApproval, person: &str) -> Rejected {
    let mut seats = open.groups.iter().flat_map(|group| &group.seats);
    let taken = seats.rfind(|seat| seat.gave.iter().any(|giver| giver == person));
    taken.map_or(Rejected::NotAsked, |seat| Rejected::GivenAway { to: seat.name.clone() })
}

impl ClosedApproval {
    /// The vote that ended it, if a vote did.
    pub fn deciding_vote(&self) -> Option<&Vote> {
        self.approval.votes.last().filter(|_| self.outcome != "expired" && !self.by_escalation)
    }
}
