//! Why an instance does not move: everything that it waits for, each with a way on.

use super::moment::rfc3339;
use serde_json::{Value, json};
use store::{DeadEffect, EffectKey};
use workflow::definition::{Approval, CommentRule, StateKind};
use workflow::{Activity, Branch, Definition, Instance, OpenApproval, Seat};

/// Everything that an instance waits for; empty once it is over.
///
/// `kind` tells which: `person`, `time`, `task`, `retry`, and `failed-effect` for what gave up and needs a hand.
pub(crate) fn waiting_for(definition: &Definition, instance: &Instance, dead: &[DeadEffect]) -> Vec<Value> {
    let branches = instance.running().map(|running| running.branch.all()).unwrap_or_default();
    let mut found: Vec<Value> = branches.into_iter().flat_map(|branch| of(definition, branch)).collect();
    found.extend(dead.iter().map(gave_up));
    found
}

fn of(definition: &Definition, branch: &Branch) -> Vec<Value> {
    let (state, since) = (&branch.state, rfc3339(branch.entered_at));
    match &branch.activity {
        // What a state with branches waits for is told by them.
        Activity::Moving | Activity::Approvers(_) | Activity::Branches { .. } | Activity::Items(_) => Vec::new(),
        Activity::Time { until } => {
            vec![json!({ "kind": "time", "state": state, "since": since, "until": rfc3339(*until) })]
        }
        Activity::Retry { until } => vec![json!({
            "kind": "retry", "state": state, "resource": resource(definition, branch), "since": since,
            "attempts": branch.retries.iter().sum::<u64>(), "next_attempt_at": rfc3339(*until),
        })],
        Activity::Task { activity, deadline, heartbeat, child } => vec![json!({
            "kind": "task", "state": state, "activity": activity, "resource": resource(definition, branch),
            "since": since, "deadline": deadline.map(rfc3339),
            "heartbeat_due": heartbeat.map(|heartbeat| rfc3339(heartbeat.due)), "instance": child,
        })],
        Activity::Signal { activity, name, deadline } => vec![json!({
            "kind": "signal", "state": state, "activity": activity, "signal": name, "since": since,
            "deadline": deadline.map(rfc3339),
        })],
        Activity::Decision(open) => people(branch, open),
    }
}

fn resource<'a>(definition: &'a Definition, branch: &Branch) -> Option<&'a str> {
    match &definition.state(&branch.state)?.kind {
        StateKind::Task(task) => Some(&task.resource),
        _ => None,
    }
}

fn people(branch: &Branch, open: &OpenApproval) -> Vec<Value> {
    let seats = open.groups.iter().flat_map(|group| group.seats.iter().map(move |seat| (group.name.as_str(), seat)));
    seats.map(|(group, seat)| person(branch, open, group, seat)).collect()
}

fn person(branch: &Branch, open: &OpenApproval, group: &str, seat: &Seat) -> Value {
    json!({
        "kind": "person",
        "state": branch.state,
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

/// The open questions: what is asked, which answers each takes, and who has answered.
pub(crate) fn open(definition: &Definition, instance: &Instance) -> Vec<Value> {
    instance.open_approvals().filter_map(|(branch, open)| question(definition, branch, open)).collect()
}

fn question(definition: &Definition, branch: &Branch, open: &OpenApproval) -> Option<Value> {
    let StateKind::Approval(approval) = &definition.state(&branch.state)?.kind else { return None };
    let groups = open
        .groups
        .iter()
        .map(|group| json!({ "name": group.name, "quorum": group.quorum, "asked": group.seats.len() }));
    Some(json!({
        "state": branch.state,
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
