//! `Parallel` and `Map`: trees of branches, each waiting for something of its own.

use crate::world::{World, asked, definition, released};
use serde_json::{Value, json};
use workflow::{Activity, Effect, EventKind, Rejected, Status};

fn started(start: &str, states: Value, input: Value) -> World {
    let mut world = World::new(definition(start, states)).with(&[("g", &["anna", "ben"]), ("h", &["carl"])]);
    world.start(input);
    world
}

/// The number of the task that stands in a state.
fn task(world: &World, state: &str) -> u64 {
    let branches = world.instance.running().unwrap().branch.all();
    let activity = branches.into_iter().find_map(|branch| match &branch.activity {
        Activity::Task { activity, .. } if branch.state == state => Some(*activity),
        _ => None,
    });
    activity.unwrap_or_else(|| panic!("no task is open in {state}"))
}

fn done(activity: u64, output: Value) -> EventKind {
    EventKind::TaskSucceeded { activity, output }
}

fn failed(activity: u64, error: &str) -> EventKind {
    EventKind::TaskFailed { activity, error: error.into(), cause: "it broke".into() }
}

fn two_tasks(retry: Value, catch: Value) -> Value {
    json!({
        "Both": {
            "Type": "Parallel", "Retry": retry, "Catch": catch, "End": true,
            "Branches": [
                { "StartAt": "L", "States": { "L": { "Type": "Task", "Resource": "left", "End": true } } },
                { "StartAt": "R", "States": { "R": { "Type": "Task", "Resource": "right", "Next": "R2" }, "R2": { "Type": "Pass", "End": true } } }
            ]
        },
        "Caught": { "Type": "Pass", "Output": "{% $states.input.Error %}", "End": true }
    })
}

#[test]
fn branches_wait_side_by_side_and_the_outputs_keep_their_order() {
    let mut world = started("Both", two_tasks(json!([]), catch_all()), json!(1));
    let (left, right) = (task(&world, "L"), task(&world, "R"));
    world.take(done(right, json!("r"))).unwrap();
    assert!(matches!(world.instance.status, Status::Running(_)));
    world.take(done(left, json!("l"))).unwrap();
    assert_eq!(world.output(), &json!(["l", "r"]));
    let late = world.take(done(left, json!("again")));
    assert_eq!(late, Err(Rejected::NotRunning { status: "succeeded" }));
}

fn catch_all() -> Value {
    json!([{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }])
}

#[test]
fn the_first_branch_that_fails_stops_the_others() {
    let mut world = started("Both", two_tasks(json!([]), catch_all()), json!(1));
    let (left, right) = (task(&world, "L"), task(&world, "R"));
    world.take(failed(left, "Left.Broke")).unwrap();
    assert_eq!(world.output(), &json!("Left.Broke"));
    assert_eq!(world.take(done(right, json!(1))), Err(Rejected::NotRunning { status: "succeeded" }));
}

#[test]
fn a_parallel_that_is_tried_again_begins_all_its_branches_anew() {
    let retry = json!([{ "ErrorEquals": ["Left.Broke"], "IntervalSeconds": 5, "MaxAttempts": 1 }]);
    let mut world = started("Both", two_tasks(retry, catch_all()), json!(1));
    let (left, right) = (task(&world, "L"), task(&world, "R"));
    world.take(done(right, json!("r"))).unwrap();
    world.take(failed(left, "Left.Broke")).unwrap();
    world.fire();
    let again = task(&world, "R");
    assert!(again > right, "the second attempt has numbers of its own");
    assert_eq!(world.take(done(right, json!("late"))), Err(Rejected::Late { activity: right }));
    world.take(failed(task(&world, "L"), "Left.Broke")).unwrap();
    assert_eq!(world.output(), &json!("Left.Broke"));
}

fn two_approvals() -> Value {
    let ask = |role: &str, next: &str| {
        json!({ "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": role }] }], "Reminders": [{ "After": "P1D" }],
                "Outcomes": { "approved": { "Next": next }, "rejected": { "Next": format!("{next}No") } } })
    };
    json!({
        "Both": {
            "Type": "Parallel", "End": true,
            "Branches": [
                { "StartAt": "A", "States": { "A": ask("g", "AYes"), "AYes": { "Type": "Succeed", "Output": "a" }, "AYesNo": { "Type": "Fail", "Error": "No.A" } } },
                { "StartAt": "B", "States": { "B": ask("h", "BYes"), "BYes": { "Type": "Succeed", "Output": "b" }, "BYesNo": { "Type": "Fail", "Error": "No.B" } } }
            ],
            "Catch": [{ "ErrorEquals": ["No.A"], "Next": "Rejected" }]
        },
        "Rejected": { "Type": "Succeed", "Output": "rejected" }
    })
}

fn activity_of(world: &World, person: &str) -> u64 {
    world.instance.asked_of(person).next().unwrap_or_else(|| panic!("{person} is not asked")).1.activity
}

fn vote(world: &mut World, activity: u64, person: &str, decision: &str) -> Result<Vec<Effect>, Rejected> {
    let (person, decision) = (person.to_owned(), decision.to_owned());
    world.take(EventKind::Voted { activity, person, decision, form: None, comment: None })
}

#[test]
fn approvals_in_branches_are_open_at_once_and_each_is_decided_for_itself() {
    let mut world = started("Both", two_approvals(), json!({}));
    assert_eq!(world.instance.open_approvals().count(), 2);
    let (a, b) = (activity_of(&world, "anna"), activity_of(&world, "carl"));
    assert_eq!(vote(&mut world, a, "carl", "approve"), Err(Rejected::NotAsked));
    vote(&mut world, b, "carl", "approve").unwrap();
    assert_eq!(world.instance.open_approvals().count(), 1);
    assert!(matches!(vote(&mut world, b, "carl", "approve"), Err(Rejected::Repeated { .. })));
    vote(&mut world, a, "anna", "approve").unwrap();
    assert_eq!(world.output(), &json!(["a", "b"]));
}

#[test]
fn a_rejection_in_one_branch_closes_the_approval_in_the_other_and_tells_who_was_asked() {
    let mut world = started("Both", two_approvals(), json!({}));
    let (a, b) = (activity_of(&world, "anna"), activity_of(&world, "carl"));
    let effects = vote(&mut world, a, "ben", "reject").unwrap();
    assert!(released(&effects).contains(&("carl", "stopped")), "{effects:?}");
    assert_eq!(world.output(), &json!("rejected"));
    let closed = world.instance.closed_approval(b).expect("its link can still tell how it ended");
    assert_eq!((closed.outcome.as_str(), closed.by_escalation), ("stopped", true));
}

#[test]
fn each_branch_has_its_own_deadlines_and_the_earliest_is_the_instances() {
    let mut world = started("Both", two_approvals(), json!({}));
    let first = world.due().unwrap();
    let reminded = world.fire();
    assert_eq!(asked(&reminded), ["anna", "ben"]);
    assert_eq!(world.due(), Some(first), "the other branch is due at the same moment");
    assert_eq!(asked(&world.fire()), ["carl"]);
    assert_eq!(world.due(), None);
}

fn map(fields: Value) -> Value {
    let mut state = json!({
        "Type": "Map", "End": true,
        "ItemProcessor": { "StartAt": "Do", "States": { "Do": { "Type": "Task", "Resource": "do", "Arguments": "{% $states.input %}", "End": true } } }
    });
    state.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let catch = state.get("Catch").is_some();
    let mut states = json!({ "Each": state });
    if catch {
        states["Caught"] = json!({ "Type": "Pass", "Output": "{% $states.input.Error %}", "End": true });
    }
    states
}

/// What the open tasks were given, in the order of their numbers.
fn given(world: &World) -> Vec<Value> {
    let given = world.effects.iter().filter_map(|effect| match effect {
        Effect::Perform { arguments, .. } => Some(arguments.clone()),
        _ => None,
    });
    given.collect()
}

#[test]
fn a_map_keeps_to_its_concurrency_and_yields_in_the_order_of_the_items() {
    let mut world = started("Each", map(json!({ "MaxConcurrency": 2 })), json!(["a", "b", "c"]));
    assert_eq!(given(&world), [json!("a"), json!("b")]);
    world.take(done(2, json!("B"))).unwrap();
    assert_eq!(given(&world).len(), 3, "the third begins when one has ended");
    world.take(done(3, json!("C"))).unwrap();
    world.take(done(1, json!("A"))).unwrap();
    assert_eq!(world.output(), &json!(["A", "B", "C"]));
}

#[test]
fn a_map_without_items_yields_an_empty_list() {
    let world = started("Each", map(json!({})), json!([]));
    assert_eq!(world.output(), &json!([]));
}

#[test]
fn a_selector_sees_item_index_and_outer_variables() {
    let selector = json!({ "ItemSelector": { "n": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item.Value %}", "all": "{% $count($states.input) %}" } });
    let world = started("Each", map(selector), json!(["x", "y"]));
    assert_eq!(given(&world), [json!({ "n": 0, "v": "x", "all": 2 }), json!({ "n": 1, "v": "y", "all": 2 })]);
}

#[test]
fn batches_hold_so_many_items_and_the_batch_input() {
    let batcher =
        json!({ "ItemBatcher": { "MaxItemsPerBatch": 2, "BatchInput": { "of": "{% $count($states.input) %}" } } });
    let world = started("Each", map(batcher), json!([1, 2, 3]));
    let batch = |items: Value| json!({ "BatchInput": { "of": 3 }, "Items": items });
    assert_eq!(given(&world), [batch(json!([1, 2])), batch(json!([3]))]);
}

#[test]
fn failures_within_the_tolerance_stand_in_the_result_and_beyond_it_fail_the_map() {
    let tolerant = |count: u64| map(json!({ "ToleratedFailureCount": count, "Catch": catch_all() }));
    let mut world = started("Each", tolerant(1), json!(["a", "b", "c"]));
    world.take(failed(2, "B.Broke")).unwrap();
    world.take(done(1, json!("A"))).unwrap();
    world.take(done(3, json!("C"))).unwrap();
    let broken = json!({ "Status": "FAILED", "Error": "B.Broke", "Cause": "it broke" });
    assert_eq!(world.output(), &json!(["A", broken, "C"]));
    let mut world = started("Each", tolerant(1), json!(["a", "b", "c"]));
    world.take(failed(2, "B.Broke")).unwrap();
    world.take(failed(3, "C.Broke")).unwrap();
    assert_eq!(world.output(), &json!("C.Broke"));
}

#[test]
fn with_a_batch_that_fails_all_its_items_have_failed() {
    let tolerant = |field: &str, value: u64| {
        let batcher = json!({ "ItemBatcher": { "MaxItemsPerBatch": 2 }, field: value, "Catch": catch_all() });
        let mut world = started("Each", map(batcher), json!([1, 2, 3, 4, 5]));
        world.take(failed(1, "A.Broke")).unwrap();
        world.instance.running().is_some()
    };
    for (field, too_few, enough) in [("ToleratedFailureCount", 1, 2), ("ToleratedFailurePercentage", 39, 40)] {
        assert!(!tolerant(field, too_few), "{field}");
        assert!(tolerant(field, enough), "{field}");
    }
}

#[test]
fn the_states_of_an_iteration_see_their_item_as_the_selector_does() {
    let pass = |output: &str| json!({ "Type": "Pass", "Output": output, "End": true });
    let inner = json!({ "StartAt": "I", "States": { "I": pass("{% $states.context.Map.Item.Value %}") } });
    let states = json!({
        "Outer": { "Type": "Map", "Items": [[10, 11], [20]], "Next": "After", "ItemProcessor": { "StartAt": "Inner", "States": {
            "Inner": { "Type": "Map", "ItemProcessor": inner, "Next": "Then" },
            "Then": pass("{% $string($states.context.Map.Item.Index) & ': ' & $string($states.input) %}")
        } } },
        "After": { "Type": "Pass", "Output": { "all": "{% $states.input %}", "outside": "{% $exists($states.context.Map) %}" }, "End": true }
    });
    let expected = json!({ "all": ["0: [10,11]", "1: [20]"], "outside": false });
    assert_eq!(started("Outer", states, json!({})).output(), &expected);
}

#[test]
fn of_a_count_and_a_percentage_the_smaller_tolerance_holds() {
    let both = map(json!({ "ToleratedFailureCount": 3, "ToleratedFailurePercentage": 50, "Catch": catch_all() }));
    let mut world = started("Each", both, json!(["a", "b", "c"]));
    world.take(failed(1, "A.Broke")).unwrap();
    assert!(matches!(world.instance.status, Status::Running(_)), "one of three is within 50 %");
    world.take(failed(2, "B.Broke")).unwrap();
    assert_eq!(world.output(), &json!("B.Broke"));
}

#[test]
fn variables_of_a_branch_stay_in_it_and_those_above_are_seen() {
    let states = json!({
        "Set": { "Type": "Pass", "Assign": { "x": 1, "y": 1 }, "Next": "Both" },
        "Both": { "Type": "Parallel", "Next": "After", "Branches": [
            { "StartAt": "P", "States": { "P": { "Type": "Pass", "Assign": { "inner": "{% $x + 1 %}" }, "Next": "Q" },
                                          "Q": { "Type": "Pass", "Output": "{% $inner + $y %}", "End": true } } } ] },
        "After": { "Type": "Pass", "Output": ["{% $states.input[0] %}", "{% $exists($inner) %}"], "End": true }
    });
    assert_eq!(started("Set", states, json!({})).output(), &json!([3, false]));
}

#[test]
fn a_loop_in_a_branch_that_never_waits_ends_with_an_error() {
    let states = json!({
        "Both": { "Type": "Parallel", "End": true, "Branches": [
            { "StartAt": "A", "States": { "A": { "Type": "Pass", "Next": "B" }, "B": { "Type": "Choice", "Choices": [{ "Condition": false, "Next": "C" }], "Default": "A" }, "C": { "Type": "Succeed" } } } ] }
    });
    assert_eq!(started("Both", states, json!({})).failure().0, "States.Runtime");
}

#[test]
fn many_items_pass_in_one_step_and_a_nested_map_keeps_its_places() {
    let inner = json!({ "Type": "Map", "End": true, "ItemProcessor": { "StartAt": "P", "States": { "P": { "Type": "Pass", "End": true } } } });
    let states = json!({ "Outer": { "Type": "Map", "End": true, "ItemProcessor": { "StartAt": "Inner", "States": { "Inner": inner } } } });
    let input: Vec<Value> = (0..50).map(|n| json!([n, n + 1])).collect();
    assert_eq!(started("Outer", states, json!(input)).output(), &json!(input));
}

#[test]
fn the_rounds_of_an_approval_are_counted_for_each_item() {
    let states = json!({
        "Each": { "Type": "Map", "End": true, "ItemProcessor": { "StartAt": "Ask", "States": {
            "Ask": { "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "h" }] }],
                     "Outcomes": { "approved": { "Next": "Yes" }, "rejected": { "Next": "Ask" } } },
            "Yes": { "Type": "Succeed" } } } }
    });
    let mut world = started("Each", states, json!(["a", "b"]));
    let open: Vec<(u64, Vec<usize>)> =
        world.instance.open_approvals().map(|(_, open)| (open.activity, open.items.clone())).collect();
    assert_eq!(open.iter().map(|(_, items)| items.clone()).collect::<Vec<_>>(), [vec![0], vec![1]]);
    vote(&mut world, open[0].0, "carl", "reject").unwrap();
    let rounds: Vec<u32> = world.instance.open_approvals().map(|(_, open)| open.round).collect();
    assert_eq!(rounds, [2, 1]);
}
