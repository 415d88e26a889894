//! One decision per person and approval, by people who were asked and who may, and as many as the quorum needs.

use super::deep::{Case, Wrong};
use super::quorum::is_reached;
use super::{COMPARE, REPORT};
use std::collections::HashSet;
use workflow::definition::{Approval, StateKind};
use workflow::{ClosedApproval, Definition, EventKind, OpenApproval, Vote};

pub(super) fn wrong(case: &Case<'_>) -> Vec<Wrong> {
    let open = case.instance.open_approvals().map(|(branch, open)| (branch.state.as_str(), open));
    let closed = case.instance.closed.iter().map(|closed| (closed.state.as_str(), &closed.approval));
    let mut wrong: Vec<Wrong> = open.chain(closed).flat_map(|(state, asked)| in_votes(case, state, asked)).collect();
    wrong.extend(decided_twice(case));
    wrong.extend(case.instance.closed.iter().filter_map(|closed| without_quorum(case.definition, closed)));
    wrong
}

fn in_votes(case: &Case<'_>, state: &str, asked: &OpenApproval) -> Vec<Wrong> {
    let (mut wrong, mut known) = (Vec::new(), HashSet::new());
    for vote in &asked.votes {
        if !known.insert(&vote.who) {
            wrong.push((format!("{} has two votes in {state}, round {}", vote.who, asked.round), REPORT));
        }
        wrong.extend(may_not(case, state, asked, vote).map(|sentence| (sentence, COMPARE)));
    }
    wrong
}

/// Why this vote should not have been taken.
fn may_not(case: &Case<'_>, state: &str, asked: &OpenApproval, vote: &Vote) -> Option<String> {
    let who = &vote.who;
    if let Some(rule) = asked.excluded.iter().find(|rule| rule.person == *who) {
        return Some(format!("{who} decided in {state} and must not: {who} {}", rule.because));
    }
    let own = requester(case) == Some(who);
    if own && approval(case.definition, state).is_some_and(|approval| approval.exclude.is_none()) {
        return Some(format!("{who} decided in {state} on the own request"));
    }
    let asked = asked.seats_of(who).next().is_some();
    (!asked).then(|| format!("{who} decided in {state} without having been asked"))
}

/// On whose behalf the instance runs. Told by its first event, because an ended instance does not keep it.
fn requester<'a>(case: &'a Case<'_>) -> Option<&'a String> {
    match case.history.first().map(|(event, _)| &event.kind) {
        Some(EventKind::Started { requester, .. }) => requester.as_ref(),
        _ => None,
    }
}

/// The same person in the same approval, twice in the history.
fn decided_twice(case: &Case<'_>) -> Vec<Wrong> {
    let mut known = HashSet::new();
    let votes = (1..).zip(&case.history).filter_map(|(version, (event, _))| match &event.kind {
        EventKind::Voted { activity, person, .. } => Some((version, *activity, person)),
        _ => None,
    });
    let twice = votes.filter(|(_, activity, person)| !known.insert((*activity, *person)));
    let sentence = |(version, activity, person): (u64, u64, &String)| {
        (format!("event {version} is a second decision of {person} in approval {activity}"), REPORT)
    };
    twice.map(sentence).collect()
}

/// An approval that votes ended with an agreement that the votes do not make.
fn without_quorum(definition: &Definition, closed: &ClosedApproval) -> Option<Wrong> {
    let ClosedApproval { state, outcome, by_escalation, approval: asked, .. } = closed;
    let approval = approval(definition, state)?;
    let mut decisions = approval.decisions.iter().filter(|decision| !decision.is_negative());
    let is_agreement = decisions.any(|decision| decision.outcome == *outcome);
    if *by_escalation || !is_agreement || is_reached(approval, asked, outcome) {
        return None;
    }
    let votes = asked.votes.len();
    Some((
        format!(
            "{state} was left as {outcome} in round {}, and its {votes} votes do not reach the quorum",
            asked.round
        ),
        REPORT,
    ))
}

fn approval<'d>(definition: &'d Definition, state: &str) -> Option<&'d Approval> {
    match &definition.state(state)?.kind {
        StateKind::Approval(approval) => Some(approval),
        _ => None,
    }
}
