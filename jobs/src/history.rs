//! What was decided so far, as mails tell it.

use crate::words::{decided, moment};
use serde_json::{Value, json};
use workflow::definition::StateKind;
use workflow::{Definition, Instance, OpenApproval, Vote};

/// Every decision of an instance, oldest first: `[{who, decision, at, comment, step}]`.
pub(crate) fn decided_before(definition: &Definition, instance: &Instance) -> Vec<Value> {
    let closed = instance.closed.iter().map(|closed| (closed.state.as_str(), &closed.approval));
    let open = instance.open_approvals().map(|(branch, open)| (branch.state.as_str(), open));
    closed.chain(open).flat_map(|(state, approval)| votes(definition, state, approval)).collect()
}

fn votes(definition: &Definition, state: &str, approval: &OpenApproval) -> Vec<Value> {
    let told = |vote: &Vote| {
        json!({
            "who": vote.name,
            "decision": decided(&vote.decision, outcome(definition, state, &vote.decision)),
            "at": moment(vote.at),
            "comment": vote.comment,
            "step": approval.title,
        })
    };
    approval.votes.iter().map(told).collect()
}

/// What a decision leads to in its state.
fn outcome<'d>(definition: &'d Definition, state: &str, decision: &str) -> Option<&'d str> {
    match &definition.state(state)?.kind {
        StateKind::Approval(approval) => Some(approval.decision(decision)?.outcome.as_str()),
        _ => None,
    }
}
