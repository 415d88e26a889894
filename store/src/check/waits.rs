//! Nothing is stuck: everything under way waits for something that can come.

use super::REPORT;
use super::deep::{Case, Wrong};
use workflow::definition::{FOR_TOKEN, StateKind};
use workflow::{Activity, Branch, Lane};

pub(super) fn wrong(case: &Case<'_>) -> Vec<Wrong> {
    let branches = case.instance.running().map(|running| running.branch.all()).unwrap_or_default();
    let stuck = branches.into_iter().filter_map(|branch| Some((branch, why_stuck(case, branch)?)));
    stuck.map(|(branch, why)| (format!("it stands in {} for ever: {why}", branch.state), REPORT)).collect()
}

/// Why a branch can never go on, if it cannot. Times come by themselves; that the column of the next one is right, the
/// instance's own check says.
fn why_stuck(case: &Case<'_>, branch: &Branch) -> Option<String> {
    match &branch.activity {
        Activity::Moving => Some("it was left in the middle of a step".to_owned()),
        Activity::Approvers(_) => Some("the search for approvers was not answered".to_owned()),
        Activity::Time { .. } | Activity::Retry { .. } | Activity::Signal { .. } => None,
        Activity::Decision(open) => open.pending().is_empty().then(|| "nobody is left who could decide".to_owned()),
        Activity::Task { deadline: Some(_), .. } | Activity::Task { heartbeat: Some(_), .. } => None,
        Activity::Task { activity, child, .. } => {
            let comes = has_effect(case, *activity) || is_called_back(case, branch) || lives(case, child.as_deref());
            (!comes).then(|| format!("nobody does the work of activity {activity}"))
        }
        Activity::Branches { lanes } => {
            let is_open = lanes.iter().any(|lane| matches!(lane, Lane::Open(_)));
            (!is_open).then(|| "all its branches have ended".to_owned())
        }
        Activity::Items(items) => items.lanes.is_empty().then(|| "all its items have ended".to_owned()),
    }
}

/// Its work is to be done, or has given up and is shown to a person. Whose work a row is that cannot be read nobody knows.
fn has_effect(case: &Case<'_>, activity: u64) -> bool {
    case.effects.iter().any(|stored| match &stored.effect {
        Some(_) => stored.status != "done" && stored.task() == Some(activity),
        None => stored.status != "done",
    })
}

fn is_called_back(case: &Case<'_>, branch: &Branch) -> bool {
    let for_token = match case.definition.state(&branch.state).map(|state| &state.kind) {
        Some(StateKind::Task(task)) => task.resource.ends_with(FOR_TOKEN),
        _ => false,
    };
    for_token && case.instance.running().is_some_and(|running| !running.secret.is_empty())
}

fn lives(case: &Case<'_>, child: Option<&str>) -> bool {
    child.and_then(|child| case.children.get(child)).is_some_and(|child| child.is_running)
}
