//! `Approval`, second half: votes, and how it closes.

use super::ballot::{Count, count};
use super::deadline::approval_of;
use super::run::{Failure, Flow, Run};
use super::scope::{Seen, rfc3339};
use crate::closed::ClosedApproval;
use crate::definition::{Approval, CommentRule};
use crate::effect::Effect;
use crate::history::Entry;
use crate::instance::{Activity, OpenApproval, Vote};
use crate::rejected::Rejected;
use serde_json::{Value, json};

impl Run<'_> {
    /// The vote of a person who may decide. Goes to the branch that it is for.
    pub(super) fn ballot(
        &mut self,
        activity: u64,
        person: &str,
        decision: &str,
        form: &Option<Value>,
        comment: &Option<String>,
    ) -> Result<Vote, Rejected> {
        self.seek(activity)?;
        let Activity::Decision(open) = &self.branch.activity else { return Err(Rejected::Late { activity }) };
        let known = approval_of(self.definition, &self.branch)
            .map(|approval| approval.decisions.as_slice())
            .unwrap_or_default();
        let Some(rule) = known.iter().find(|rule| rule.name == decision) else {
            let known = known.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(Rejected::UnknownDecision { decision: decision.to_owned(), known });
        };
        let comment = comment.as_deref().map(str::trim).filter(|comment| !comment.is_empty());
        check_comment(rule.comment, decision, comment)?;
        // JSON cannot tell a form that is null from none, so the stored vote would be another than the one that was cast.
        let form = form.clone().filter(|form| !form.is_null());
        if rule.form.is_some() && form.is_none() {
            return Err(Rejected::FormRequired { decision: decision.to_owned() });
        }
        let Some((_, seat)) = open.seats_of(person).next() else { return Err(Rejected::NotAsked) };
        Ok(Vote {
            who: person.to_owned(),
            name: seat.name.clone(),
            groups: open.seats_of(person).map(|(group, _)| group.name.clone()).collect(),
            decision: decision.to_owned(),
            at: self.at,
            comment: comment.map(str::to_owned),
            form,
            why: seat.why.clone(),
        })
    }

    pub(super) fn vote(&mut self, vote: Vote) {
        let definition = self.definition;
        let Some(approval) = approval_of(definition, &self.branch) else { return };
        let Activity::Decision(mut open) = std::mem::replace(&mut self.branch.activity, Activity::Moving) else {
            return;
        };
        let state = self.branch.state.clone();
        let details = json!({ "activity": open.activity, "who": vote.who, "name": vote.name, "decision": vote.decision, "comment": vote.comment, "groups": vote.groups, "by": self.by });
        self.log(Entry::of("ApprovalVoted", &state).details(details));
        open.votes.push(vote);
        let flow = match count(approval, &open) {
            Count::Open => {
                self.branch.activity = Activity::Decision(open);
                Flow::Rest
            }
            Count::Outcome(outcome) => self.close(approval, open, &outcome, false),
            Count::NoAgreement => {
                let cause = "no decision can reach its quorum any more";
                self.break_off(open, "no_agreement", Failure::new("Approval.NoAgreement", cause))
            }
        };
        self.go(flow);
    }

    /// Closes the approval with an outcome and goes where it leads.
    pub(super) fn close(
        &mut self,
        approval: &Approval,
        open: OpenApproval,
        outcome: &str,
        by_escalation: bool,
    ) -> Flow {
        let closed = self.closed(open, outcome, by_escalation);
        self.release_pending(&closed.approval, outcome, closed.deciding_vote().map(|vote| vote.name.as_str()));
        self.route_closed(approval, closed)
    }

    /// Closes an approval for which nobody was asked, so nobody has to be told.
    pub(super) fn close_unasked(&mut self, approval: &Approval, open: OpenApproval, outcome: &str) -> Flow {
        let closed = self.closed(open, outcome, true);
        self.route_closed(approval, closed)
    }

    /// Closes an open approval because of an error. It is kept like any other: who has voted has decided, and a link
    /// must be able to say how it ended.
    pub(super) fn break_off(&mut self, open: OpenApproval, outcome: &str, failure: Failure) -> Flow {
        let closed = self.closed(open, outcome, true);
        self.release_pending(&closed.approval, outcome, None);
        self.instance.close(closed);
        self.branch.activity = Activity::Moving;
        self.caught(failure)
    }

    fn closed(&mut self, open: OpenApproval, outcome: &str, by_escalation: bool) -> ClosedApproval {
        let details = json!({ "activity": open.activity, "outcome": outcome, "round": open.round });
        let state = self.branch.state.clone();
        self.log(Entry::of("ApprovalClosed", &state).details(details));
        ClosedApproval { state, closed_at: self.at, outcome: outcome.to_owned(), by_escalation, approval: open }
    }

    fn route_closed(&mut self, approval: &Approval, closed: ClosedApproval) -> Flow {
        let (outcome, result) = (closed.outcome.clone(), result(&closed));
        self.instance.close(closed);
        let flow = self.route(approval, &outcome, result);
        self.or_caught(flow)
    }

    fn route(&mut self, approval: &Approval, outcome: &str, result: Value) -> Result<Flow, Failure> {
        let Some(route) = approval.route(outcome) else {
            return Err(Failure::new("States.Runtime", format!("the outcome {outcome} leads nowhere")));
        };
        self.branch.activity = Activity::Moving;
        let seen = Seen::work("result", &result);
        let first = self.assigned(approval.assign.as_ref(), seen)?;
        self.branch.variables.extend(first);
        let second = self.assigned(route.assign.as_ref(), seen)?;
        self.leave(&result, second)?;
        Ok(Flow::To(route.next.clone(), result))
    }

    /// Tells those who were asked and have not decided that nothing is left to do.
    pub(super) fn release_pending(&mut self, open: &OpenApproval, because: &str, by: Option<&str>) {
        for seat in open.pending() {
            let (person, because, by) = (seat.person.clone(), because.to_owned(), by.map(str::to_owned));
            self.cause(Effect::Release { activity: open.activity, person, because, by });
        }
    }
}

fn check_comment(rule: CommentRule, decision: &str, comment: Option<&str>) -> Result<(), Rejected> {
    let length = comment.map_or(0, |comment| comment.chars().count());
    if length > crate::MAX_COMMENT_CHARS {
        return Err(Rejected::CommentTooLong { length });
    }
    match (rule, comment) {
        (CommentRule::Required, None) => Err(Rejected::CommentRequired { decision: decision.to_owned() }),
        _ => Ok(()),
    }
}

/// `{outcome, by, at, form, comment, votes, round, summary}`.
fn result(closed: &ClosedApproval) -> Value {
    let votes: Value = closed.approval.votes.iter().map(told).collect();
    let last = closed.deciding_vote();
    let text = |of: fn(&Vote) -> Option<&str>| Value::from(last.and_then(of));
    let [by, name] = [text(|vote| Some(&vote.who)), text(|vote| Some(&vote.name))];
    let comment = text(|vote| vote.comment.as_deref());
    let form = last.and_then(|vote| vote.form.clone()).unwrap_or_default();
    let [outcome, at] = [Value::from(closed.outcome.as_str()), Value::from(rfc3339(closed.closed_at))];
    let round = Value::from(closed.approval.round);
    let summary = object([
        ("state", closed.state.as_str().into()),
        ("outcome", outcome.clone()),
        ("by", by.clone()),
        ("name", name),
        ("at", at.clone()),
        ("comment", comment.clone()),
        ("round", round.clone()),
        ("votes", votes.clone()),
    ]);
    object([
        ("outcome", outcome),
        ("by", by),
        ("at", at),
        ("form", form),
        ("comment", comment),
        ("votes", votes),
        ("round", round),
        ("summary", summary),
    ])
}

fn told(vote: &Vote) -> Value {
    object([
        ("who", vote.who.as_str().into()),
        ("name", vote.name.as_str().into()),
        ("via", vote.why.to_string().into()),
        ("groups", vote.groups.iter().map(String::as_str).collect()),
        ("decision", vote.decision.as_str().into()),
        ("at", rfc3339(vote.at).into()),
        ("comment", vote.comment.as_deref().into()),
    ])
}

/// An object of values that are moved into it, where `json!` would copy them.
fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Object(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
