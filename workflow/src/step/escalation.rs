//! Other people for an open approval: escalations and reassignment.

use super::approval::asked;
use super::ballot::can_agree;
use super::deadline::approval_of;
use super::run::{Flow, Run};
use crate::definition::{Approval, Escalation, EscalationAct};
use crate::effect::{Asking, Effect, Occasion};
use crate::event::{Candidate, FoundGroup, WantedGroup, Why};
use crate::history::Entry;
use crate::instance::{Activity, OpenApproval, Seat};
use crate::rejected::Rejected;
use serde_json::json;

impl Run<'_> {
    /// Carries out an escalation. More people are looked up first.
    pub(super) fn escalate(&mut self, approval: &Approval, mut open: OpenApproval, rule: &Escalation) {
        open.escalated += 1;
        let flow = match &rule.act {
            EscalationAct::Decide(outcome) => self.close(approval, open, outcome, true),
            EscalationAct::AddApprovers(from) | EscalationAct::Replace(from) => {
                let pending: Vec<String> = open.pending().into_iter().map(|seat| seat.person.clone()).collect();
                match self.sources(from, &pending) {
                    Ok(from) => {
                        let groups = vec![WantedGroup { name: "escalation".to_owned(), from }];
                        self.cause(Effect::FindApprovers { activity: open.activity, groups });
                        self.branch.activity = Activity::Decision(open);
                        Flow::Rest
                    }
                    Err(failure) => self.break_off(open, "failed", failure),
                }
            }
        };
        self.go(flow);
    }

    /// The people of an escalation are known: they get seats in every group that has not agreed.
    pub(super) fn escalate_to(&mut self, mut open: OpenApproval, found: &[FoundGroup]) {
        let definition = self.definition;
        let Some(approval) = approval_of(definition, &self.branch) else { return };
        let rule = open.escalated.checked_sub(1).and_then(|n| approval.escalations.get(n));
        let new = self.newcomers(&open, found);
        let replaces = matches!(rule.map(|rule| &rule.act), Some(EscalationAct::Replace(_)));
        let replaced = Some(&new).filter(|_| replaces).and_then(|new| replaced(approval, &open, new));
        let replaces = replaced.is_some();
        let state = self.branch.state.clone();
        self.log(Entry::of("ApprovalEscalated", &state).details(json!({ "activity": open.activity, "replaces": replaces, "asked": new.iter().map(asked).collect::<Vec<_>>() })));
        if let Some(replaced) = replaced {
            self.release_pending(&open, "reassigned", None);
            open = replaced;
        } else {
            open.groups.iter_mut().for_each(|group| group.seats.extend(new.iter().cloned()));
        }
        for seat in new {
            let (activity, person) = (open.activity, seat.person);
            self.cause(Effect::Ask(Asking { activity, person, occasion: Occasion::Escalation }));
        }
        self.branch.activity = Activity::Decision(open);
    }

    fn newcomers(&self, open: &OpenApproval, found: &[FoundGroup]) -> Vec<Seat> {
        let mut new: Vec<Seat> = Vec::new();
        for person in found.iter().flat_map(|group| &group.people) {
            let barred = open.excluded.iter().any(|rule| rule.person == person.person);
            let known =
                open.seats_of(&person.person).next().is_some() || new.iter().any(|seat| seat.person == person.person);
            if !barred && !known {
                new.push(self.seat(person));
            }
        }
        new
    }

    /// Gives the seat of one person to another.
    pub(super) fn reassign(&mut self, activity: u64, from: &str, to: &Candidate, reason: &str) -> Result<(), Rejected> {
        self.seek(activity)?;
        let Activity::Decision(mut open) = self.branch.activity.clone() else {
            return Err(Rejected::Late { activity });
        };
        if let Some(rule) = open.excluded.iter().find(|rule| rule.person == to.person) {
            return Err(Rejected::Excluded { name: to.name.clone(), because: rule.because.clone() });
        }
        if open.seats_of(&to.person).next().is_some() {
            return Err(Rejected::AlreadyAsked { name: to.name.clone() });
        }
        for seat in open.groups.iter_mut().flat_map(|group| &mut group.seats).filter(|seat| seat.person == from) {
            let mut gave = std::mem::take(&mut seat.gave);
            gave.push(seat.person.clone());
            *seat = Seat {
                why: Why::InsteadOf(seat.name.clone()),
                gave,
                since: self.at,
                person: to.person.clone(),
                name: to.name.clone(),
            };
        }
        let state = self.branch.state.clone();
        self.log(
            Entry::of("ApprovalReassigned", &state).details(
                json!({ "activity": activity, "from": from, "to": to.person, "reason": reason, "by": self.by }),
            ),
        );
        self.cause(Effect::Release {
            activity,
            person: from.to_owned(),
            because: "reassigned".to_owned(),
            by: Some(to.name.clone()),
        });
        self.cause(Effect::Ask(Asking { activity, person: to.person.clone(), occasion: Occasion::Opened }));
        self.branch.activity = Activity::Decision(open);
        Ok(())
    }
}

/// The approval with the new people in the seats of those who have not answered.
///
/// `None` if the quorums could not be reached then: an approval that nobody can grant would wait for ever, or count a
/// yes as a no. Quorums that depend on the number of people are counted anew.
fn replaced(approval: &Approval, open: &OpenApproval, new: &[Seat]) -> Option<OpenApproval> {
    let mut after = open.clone();
    for (group, rule) in after.groups.iter_mut().zip(&approval.groups) {
        group.seats.retain(|seat| open.vote_of(&seat.person).is_some());
        group.seats.extend(new.iter().cloned());
        group.quorum = rule.quorum.of(group.seats.len());
    }
    (!new.is_empty() && can_agree(approval, &after)).then_some(after)
}
