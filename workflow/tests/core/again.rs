//! A step taken once more: the clock stops the evaluations that it stopped the first time, and no others.

use crate::world::{START, World, definition};
use serde_json::{Value, json};
use workflow::{Actor, DefinitionRef, Difference, Entry, Event, EventKind, Instance, Status, replay, step_again};

const CAUSE: &str = "The JSONata expression '1 + 1' took longer and was stopped.";

fn states() -> Value {
    json!({
        "First": { "Type": "Pass", "Output": "{% 1 + 1 %}", "Next": "Second" },
        "Second": { "Type": "Pass", "Output": "{% $states.input + 1 %}", "End": true }
    })
}

fn started() -> Event {
    Event { at: START, by: Actor::System, kind: EventKind::started(json!({}), None) }
}

fn fresh() -> Instance {
    Instance::new("instance-1", "acme", DefinitionRef { name: "test/core".into(), version: 1 })
}

/// What a history tells of an evaluation that the clock stopped.
fn stopped(place: u64) -> Entry {
    let entry = json!({ "type": "EvaluationFailed", "error": "States.QueryEvaluationError", "cause": CAUSE,
        "details": { "state": "First", "stopped": place } });
    serde_json::from_value(entry).unwrap()
}

#[test]
fn an_evaluation_that_the_clock_stopped_is_stopped_again() {
    let definition = definition("First", states());
    let taken = step_again(&definition, fresh(), &started(), &[stopped(1)]).unwrap();
    let Status::Failed { state, error, cause, .. } = &taken.instance.status else { panic!("{:?}", taken.instance) };
    assert_eq!((state.as_str(), error.as_str(), cause.as_str()), ("First", "States.QueryEvaluationError", CAUSE));
    assert!(taken.entries.contains(&stopped(1)), "it is told in the same words: {:?}", taken.entries);
    // The whole history replays, although this machine is fast enough.
    replay(&definition, &taken.instance, &[(started(), taken.entries)]).unwrap();
}

#[test]
fn only_the_evaluation_at_that_place_is_stopped() {
    let definition = definition("First", states());
    let second = step_again(&definition, fresh(), &started(), &[stopped(2)]).unwrap();
    assert!(matches!(&second.instance.status, Status::Failed { state, .. } if state == "Second"));
    let neither = step_again(&definition, fresh(), &started(), &[]).unwrap();
    assert!(matches!(&neither.instance.status, Status::Succeeded { output, .. } if *output == json!(3)));
    let other = replay(&definition, &neither.instance, &[(started(), second.entries)]).unwrap_err();
    assert!(matches!(other, Difference::History { .. } | Difference::Instance { .. }), "{other}");
}

#[test]
fn a_world_without_a_stopped_evaluation_says_nothing_of_it() {
    let mut world = World::new(definition("First", states()));
    world.start(json!({}));
    assert!(world.entries().all(|entry| entry.details.is_none()));
}
