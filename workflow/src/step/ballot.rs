//! Counting votes: does a group have its quorum, can it still get it?

use crate::definition::{Approval, RejectWhen, Require};
use crate::instance::{OpenApproval, OpenGroup};
use std::collections::HashSet;

/// What the votes come to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Count {
    /// Not decided yet.
    Open,
    /// Decided.
    Outcome(String),
    /// Nobody is left to decide and nothing is agreed.
    NoAgreement,
}

/// Counts the votes of an approval.
pub(super) fn count(approval: &Approval, open: &OpenApproval) -> Count {
    let negative =
        approval.decisions.iter().find(|decision| decision.is_negative()).map(|decision| decision.outcome.clone());
    let against =
        open.votes.iter().any(|vote| approval.decision(&vote.decision).is_some_and(|decision| decision.is_negative()));
    if let (RejectWhen::First, true, Some(outcome)) = (approval.reject_when, against, &negative) {
        return Count::Outcome(outcome.clone());
    }
    if let Some(outcome) = positive(approval).find(|outcome| reached(approval, open, &voters(approval, open, outcome)))
    {
        return Count::Outcome(outcome.to_owned());
    }
    match (can_agree(approval, open), negative) {
        (true, _) => Count::Open,
        (false, Some(outcome)) => Count::Outcome(outcome),
        (false, None) => Count::NoAgreement,
    }
}

fn positive(approval: &Approval) -> impl Iterator<Item = &str> {
    approval.decisions.iter().filter(|decision| !decision.is_negative()).map(|decision| decision.outcome.as_str())
}

/// Whether a decision that is not a no can still reach its quorum.
pub(super) fn can_agree(approval: &Approval, open: &OpenApproval) -> bool {
    let pending: Vec<&str> = open.pending().into_iter().map(|seat| seat.person.as_str()).collect();
    positive(approval).any(|outcome| {
        let mut hoped = voters(approval, open, outcome);
        hoped.extend(pending.iter().copied());
        reached(approval, open, &hoped)
    })
}

fn voters<'a>(approval: &Approval, open: &'a OpenApproval, outcome: &str) -> HashSet<&'a str> {
    let leads = |decision: &str| approval.decision(decision).is_some_and(|decision| decision.outcome == outcome);
    open.votes.iter().filter(|vote| leads(&vote.decision)).map(|vote| vote.who.as_str()).collect()
}

/// Whether the quorums are reached if exactly these people agree.
pub(super) fn reached(approval: &Approval, open: &OpenApproval, people: &HashSet<&str>) -> bool {
    let agreed = |group: &OpenGroup| members(group).intersection(people).count() >= group.quorum;
    match (approval.require, approval.one_person_one_group) {
        (Require::AnyGroup, _) => open.groups.iter().any(agreed),
        (Require::AllGroups, false) => open.groups.iter().all(agreed),
        (Require::AllGroups, true) => one_group_each(&open.groups, people),
    }
}

fn members(group: &OpenGroup) -> HashSet<&str> {
    group.seats.iter().map(|seat| seat.person.as_str()).collect()
}

/// Whether the people can be shared out so that every group gets its quorum and nobody counts twice.
///
/// A bipartite matching by augmenting paths: the order of the votes must not matter.
fn one_group_each(groups: &[OpenGroup], people: &HashSet<&str>) -> bool {
    if groups.iter().map(|group| group.quorum).sum::<usize>() > people.len() {
        return false;
    }
    let slots = groups.iter().enumerate().flat_map(|(n, group)| std::iter::repeat_n((n, None), group.quorum));
    let mut slots: Vec<(usize, Option<&str>)> = slots.collect();
    let members: Vec<HashSet<&str>> = groups.iter().map(members).collect();
    people.iter().for_each(|person| {
        place(person, &members, &mut slots, &mut HashSet::new());
    });
    slots.iter().all(|(_, person)| person.is_some())
}

fn place<'a>(
    person: &'a str,
    members: &[HashSet<&str>],
    slots: &mut [(usize, Option<&'a str>)],
    tried: &mut HashSet<usize>,
) -> bool {
    for slot in 0..slots.len() {
        let Some((group, holder)) = slots.get(slot).copied() else { continue };
        let fits = members.get(group).is_some_and(|members| members.contains(person));
        if !fits || !tried.insert(slot) {
            continue;
        }
        let free = match holder {
            None => true,
            Some(holder) => place(holder, members, slots, tried),
        };
        if free && let Some(taken) = slots.get_mut(slot) {
            taken.1 = Some(person);
            return true;
        }
    }
    false
}

impl crate::definition::Decision {
    /// Whether this decision is a no.
    pub fn is_negative(&self) -> bool {
        self.outcome == "rejected"
    }
}
