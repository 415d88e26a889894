//! What is played: the five states of the benchmark of the engine, branches, items, and a loop.

use super::super::{engine, rounds};
use serde_json::{Value, json};

/// The steps of a round of [`endless`]: people are found, one decides, the work is done.
pub(super) const STEPS_OF_A_ROUND: usize = 3;

pub(super) fn all() -> [(&'static str, Value); 3] {
    [("five states", engine::definition()), ("parallel, 3 branches", parallel()), ("map, 20 items", map())]
}

/// A loop of a decision and a task.
pub(super) fn endless() -> Value {
    rounds::definition()
}

fn task() -> Value {
    json!({ "Type": "Task", "Resource": "task.echo", "Arguments": { "item": "{% $states.input %}" }, "End": true })
}

fn parallel() -> Value {
    let branch = |name: &str| json!({ "StartAt": name, "States": { name: task() } });
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Fork",
        "States": {
            "Fork": {
                "Type": "Parallel",
                "Branches": [branch("Left"), branch("Middle"), branch("Right")],
                "Assign": { "results": "{% $states.result %}" },
                "Next": "Join"
            },
            "Join": { "Type": "Succeed", "Output": "{% $count($results) %}" }
        }
    })
}

fn map() -> Value {
    json!({
        "QueryLanguage": "JSONata",
        "StartAt": "Each",
        "States": {
            "Each": {
                "Type": "Map",
                "Items": "{% [1..20] %}",
                "ItemSelector": { "n": "{% $states.context.Map.Item.Value %}" },
                "ItemProcessor": { "StartAt": "Work", "States": { "Work": task() } },
                "End": true
            }
        }
    })
}
