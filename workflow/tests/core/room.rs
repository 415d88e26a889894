//! How much an instance may hold, and what becomes of one that would hold more.

use crate::world::{START, World, definition};
use serde_json::{Value, json};
use workflow::{Actor, DefinitionRef, Event, EventKind, Instance, Rejected, Status, step_from};

const PAYLOAD: usize = 256 * 1024;

fn text(bytes: usize) -> Value {
    json!("x".repeat(bytes - 2))
}

/// A chain of states, each of which sets a variable of its own, as large as the input.
fn variables(count: usize) -> Value {
    let name = |n: usize| if n < count { format!("Set{n}") } else { "Done".to_owned() };
    let mut states = json!({ "Done": { "Type": "Pass", "Output": "all", "End": true } });
    for n in 0..count {
        let text = "{% $states.context.Execution.Input %}";
        states[name(n)] =
            json!({ "Type": "Pass", "Assign": { format!("v{n}"): text }, "Output": n, "Next": name(n + 1) });
    }
    states
}

/// What a start leads to. A world would take it several times, and the values here are large.
fn started(start: &str, states: Value, input: Value) -> Instance {
    let reference = DefinitionRef { name: "test/core".to_owned(), version: 1 };
    let event = Event { at: START, by: Actor::System, kind: EventKind::started(input, Some("rita".to_owned())) };
    step_from(&definition(start, states), Instance::new("instance-1", "acme", reference), &event).unwrap().instance
}

/// The error that an instance ended with; nothing if it did not end with one.
fn error(instance: &Instance) -> &str {
    match &instance.status {
        Status::Failed { error, .. } => error,
        _ => "",
    }
}

const FULL: &str = "States.DataLimitExceeded";

#[test]
fn all_variables_together_are_bounded() {
    let some = started("Set0", variables(40), text(250_000));
    assert!(matches!(&some.status, Status::Succeeded { output, .. } if output == "all"));
    let full = started("Set0", variables(43), text(250_000));
    let Status::Failed { error, cause, .. } = &full.status else { panic!("{full:?}") };
    assert_eq!(error, FULL);
    assert!(cause.contains("10485760 bytes"), "{cause}");
}

#[test]
fn small_variables_are_counted_as_well_step_by_step() {
    // Each wait ends a step, so that nothing is much for one of them.
    let mut states = variables(300);
    for n in 0..300 {
        states[format!("Set{n}")]["Next"] = json!(format!("Wait{n}"));
        let next = if n + 1 < 300 { format!("Set{}", n + 1) } else { "Done".to_owned() };
        states[format!("Wait{n}")] = json!({ "Type": "Wait", "Seconds": 1, "Next": next });
    }
    let definition = definition("Set0", states.clone());
    let (mut instance, mut at, mut steps) = (started("Set0", states, text(50_000)), START, 1);
    while instance.running().is_some() {
        (at, steps) = (at + 1_000, steps + 1);
        let event = Event { at, by: Actor::System, kind: EventKind::DeadlineReached };
        instance = step_from(&definition, instance, &event).unwrap().instance;
    }
    assert_eq!(error(&instance), FULL);
    assert!((209..=226).contains(&steps), "{steps} variables of 50,000 bytes");
}

#[test]
fn a_catch_that_names_the_limit_takes_it_and_one_for_all_errors_does_not() {
    let full = |rule: &str| {
        let branch = json!({ "StartAt": "Set0", "States": variables(43) });
        let states = json!({
            "P": { "Type": "Parallel", "Branches": [branch], "End": true,
                "Catch": [{ "ErrorEquals": [rule], "Output": "{% $states.errorOutput.Error %}", "Next": "Caught" }] },
            "Caught": { "Type": "Pass", "End": true }
        });
        started("P", states, text(250_000))
    };
    assert!(matches!(full(FULL).status, Status::Succeeded { output, .. } if output == FULL));
    assert_eq!(error(&full("States.ALL")), FULL);
}

#[test]
fn the_items_of_a_map_and_what_they_are_given_are_bounded() {
    let map = |fields: Value| {
        let mut map = json!({ "Type": "Map", "Items": "{% [1..60] %}", "End": true, "ItemProcessor":
            { "StartAt": "W", "States": { "W": { "Type": "Task", "Resource": "work", "End": true } } } });
        map.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        started("M", json!({ "M": map }), text(250_000))
    };
    let large = json!("{% $states.input %}");
    assert!(map(json!({})).running().is_some());
    assert_eq!(error(&map(json!({ "ItemSelector": large }))), FULL);
    let batches = json!({ "ItemBatcher": { "MaxItemsPerBatch": 1, "BatchInput": large } });
    assert_eq!(error(&map(batches)), FULL);
    let few = json!({ "ItemSelector": large, "MaxConcurrency": 10 });
    assert!(map(few).running().is_some(), "no more is held than what is under way");
}

#[test]
fn a_branch_is_given_no_more_than_there_is_room_for() {
    let branch = |n: usize| {
        let name = format!("W{n}");
        json!({ "StartAt": name, "States": { name: { "Type": "Wait", "Seconds": 1, "End": true } } })
    };
    let parallel = |count: usize| {
        let branches: Vec<Value> = (0..count).map(branch).collect();
        started("P", json!({ "P": { "Type": "Parallel", "Branches": branches, "End": true } }), text(250_000))
    };
    assert!(parallel(30).running().is_some());
    assert_eq!(error(&parallel(50)), FULL);
}

#[test]
fn a_loop_without_a_wait_ends_before_it_has_written_gigabytes() {
    let never = json!([{ "Condition": "{% false %}", "Next": "End" }]);
    let states = json!({ "A": { "Type": "Choice", "Choices": never, "Default": "B" }, "B": { "Type": "Pass", "Next": "A" },
        "End": { "Type": "Succeed" } });
    let Status::Failed { error, cause, .. } = started("A", states.clone(), text(100_000)).status else { panic!() };
    assert_eq!(error, FULL);
    assert!(cause.contains("67108864 bytes of history"), "{cause}");
    let Status::Failed { error, cause, .. } = started("A", states, json!({})).status else { panic!() };
    assert_eq!(error, "States.Runtime");
    assert!(cause.contains("passed through 12000 states"), "{cause}");
}

#[test]
fn the_expressions_of_one_step_share_what_they_may_do() {
    // Each is far from its own limit, and all together are not.
    let states = json!({
        "Work": { "Type": "Pass", "Assign": { "n": "{% $states.input + 1 %}" }, "Output": "{% $count([1..99999]) %}", "Next": "Next" },
        "Next": { "Type": "Choice", "Choices": [{ "Condition": "{% $n > 1000 %}", "Next": "End" }], "Default": "Again" },
        "Again": { "Type": "Pass", "Output": "{% $n %}", "Next": "Work" },
        "End": { "Type": "Succeed" }
    });
    let Status::Failed { error, cause, .. } = started("Work", states, json!(1)).status else { panic!() };
    assert_eq!(error, "States.QueryEvaluationError");
    assert!(cause.contains("the expressions of this step work on more than 50000000 parts together"), "{cause}");
}

#[test]
fn what_is_sent_is_not_larger_than_a_payload() {
    let mut world = World::new(definition("T", json!({ "T": { "Type": "Task", "Resource": "work", "End": true } })));
    let too_large = |what| Err(Rejected::TooLarge { what });
    assert_eq!(world.take(EventKind::started(text(PAYLOAD + 1), None)), too_large("the input"));
    world.take(EventKind::started(text(PAYLOAD), None)).unwrap();
    let signal = |data| EventKind::Signalled { name: "s".to_owned(), data };
    assert_eq!(world.take(signal(text(PAYLOAD + 1))), too_large("the data of the signal"));
    world.take(signal(text(PAYLOAD))).unwrap();
    let mut world = World::asking(json!({}), &[("g", &["anna"])]);
    assert_eq!(world.vote_with("anna", "approve", Some(text(PAYLOAD + 1)), None), too_large("the form"));
    let sentence = Rejected::TooLarge { what: "the form" }.to_string();
    assert_eq!(sentence, "the form is larger than 262144 bytes, which is the most");
}

#[test]
fn a_step_that_may_use_the_instance_up_makes_the_same_of_it() {
    let mut world = World::new(definition("Set0", variables(3)));
    world.start(json!({}));
    assert_eq!(started("Set0", variables(3), json!({})), world.instance);
}
