//! Why an instance does not move: everything that it waits for, each with a way on.

use super::moment::rfc3339;
use serde_json::{Value, json};
use store::{DeadEffect, EffectKey};
use workflow::definition::{Approval, CommentRule, StateKind};
use workflow::{Activity, Definition, Instance, OpenApproval, Running, Seat};

/// Everything that an instance waits for; empty once it is over.
///
/// `kind` tells which: `person`, `time`, `task`, `retry`, and `failed-effect` for what gave up and needs a hand.
pub(crate) fn waiting_for(definition: &Definition, instance: &Instance, dead: &[DeadEffect]) -> Vec<Value> {
    let mut found = instance.running().map(|running| of(definition, running)).unwrap_or_default();
    found.extend(dead.iter().map(gave_up));
    found
}

fn of(definition: &Definition, running: &Running) -> Vec<Value> {
    let since = rfc3339(running.branch.entered_at);
    match &running.branch.activity {
        Activity::Moving | Activity::Approvers(_) => Vec::new(),
        Activity::Time { until } => vec![json!({ "kind": "time", "since": since, "until": rfc3339(*until) })],
        Activity::Retry { until } => vec![json!({
            "kind": "retry", "resource": resource(definition, running), "since": since,
            "attempts": running.branch.retries.iter().sum::<u64>(), "next_attempt_at": rfc3339(*until),
        })],
        Activity::Task { activity, deadline } => vec![json!({
            "kind": "task", "activity": activity, "resource": resource(definition, running), "since": since,
            "deadline": deadline.map(rfc3339),
        })],
        Activity::Decision(open) => people(open),
    }
}

fn resource<'a>(definition: &'a Definition, running: &Running) -> Option<&'a str> {
    match &definition.state(&running.branch.state)?.kind {
        StateKind::Task(task) => Some(&task.resource),
        _ => None,
    }
}

fn people(open: &OpenApproval) -> Vec<Value> {
    let seats = open.groups.iter().flat_map(|group| group.seats.iter().map(move |seat| (group.name.as_str(), seat)));
    seats.map(|(group, seat)| person(open, group, seat)).collect()
}

fn person(open: &OpenApproval, group: &str, seat: &Seat) -> Value {
    json!({
        "kind": "person",
        "activity": open.activity,
        "person": seat.person,
        "name": seat.name,
        "group": group,
        "since": rfc3339(seat.since),
        "why": seat.why.to_string(),
        "decided": open.vote_of(&seat.person).is_some(),
    })
}

/// An effect that gave up, and the request that has it tried again.
fn gave_up(dead: &DeadEffect) -> Value {
    json!({
        "kind": "failed-effect",
        "effect": dead.key.to_string(),
        "error": dead.error,
        "attempts": dead.attempts,
        "since": rfc3339(dead.ended_at),
        "retry": { "method": "POST", "href": retry_path(&dead.key), "needs": "the role \"admin\"" },
    })
}

/// The path that has an effect tried again.
pub(crate) fn retry_path(key: &EffectKey) -> String {
    format!("/api/v1/{}/effects/{key}/retry", key.company)
}

/// The open question: what is asked, which answers it takes, and who has answered.
pub(crate) fn open(definition: &Definition, instance: &Instance) -> Option<Value> {
    let (running, open) = (instance.running()?, instance.open_approval()?);
    let StateKind::Approval(approval) = &definition.state(&running.branch.state)?.kind else { return None };
    let groups = open
        .groups
        .iter()
        .map(|group| json!({ "name": group.name, "quorum": group.quorum, "asked": group.seats.len() }));
    Some(json!({
        "activity": open.activity,
        "round": open.round,
        "title": open.title,
        "details": open.details,
        "opened_at": rfc3339(open.opened_at),
        "subject": open.subject,
        "decisions": decisions(approval),
        "groups": groups.collect::<Vec<_>>(),
        "votes": votes(open),
        "excluded": open.excluded,
    }))
}

fn decisions(approval: &Approval) -> Vec<Value> {
    let decision = |decision: &workflow::definition::Decision| {
        json!({
            "name": decision.name,
            "label": decision.label,
            "outcome": decision.outcome,
            "form": decision.form,
            "comment_required": decision.comment == CommentRule::Required,
        })
    };
    approval.decisions.iter().map(decision).collect()
}

/// The votes of an approval.
pub(crate) fn votes(approval: &OpenApproval) -> Vec<Value> {
    let vote = |vote: &workflow::Vote| {
        json!({
            "person": vote.who,
            "name": vote.name,
            "groups": vote.groups,
            "decision": vote.decision,
            "at": rfc3339(vote.at),
            "comment": vote.comment,
            "form": vote.form,
            "why": vote.why.to_string(),
        })
    };
    approval.votes.iter().map(vote).collect()
}
