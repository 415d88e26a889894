//! Every state type, transition by transition, with its history in the words of `GetExecutionHistory`.

use crate::world::{START, World, definition};
use serde_json::{Value, json};
use workflow::{Definition, Effect, EventKind, Instance, Rejected};

fn run(start: &str, states: Value, input: Value) -> World {
    let mut world = World::new(definition(start, states));
    world.start(input);
    world
}

fn history(world: &World) -> String {
    world.history().join(", ")
}

fn performed(world: &World) -> (u64, &str, &Value) {
    match world.effects.last() {
        Some(Effect::Perform { activity, resource, arguments, .. }) => (*activity, resource, arguments),
        other => panic!("no task was scheduled: {other:?}"),
    }
}

#[test]
fn pass_shapes_data_and_sets_variables_from_those_before() {
    let states = json!({
        "A": { "Type": "Pass", "Assign": { "x": 1, "y": 2 }, "Output": { "in": "{% $states.input.n %}" }, "Next": "B" },
        "B": { "Type": "Pass", "Assign": { "x": "{% $y %}", "y": "{% $x %}" }, "Next": "C" },
        "C": { "Type": "Pass", "Output": ["{% $x %}", "{% $y %}", "{% $states.input.in %}", "{% $states.context.State.Name %}"], "End": true }
    });
    let world = run("A", states, json!({ "n": 7 }));
    assert_eq!(world.output(), &json!([2, 1, 7, "C"]));
    let expected = "ExecutionStarted, PassStateEntered A, PassStateExited A, PassStateEntered B, PassStateExited B, \
                    PassStateEntered C, PassStateExited C, ExecutionSucceeded";
    assert_eq!(history(&world), expected);
}

#[test]
fn choice_takes_the_first_true_rule_else_the_default_else_fails() {
    let states = |default: bool| {
        let mut choice = json!({ "Type": "Choice", "Choices": [
            { "Condition": "{% $states.input.n > 10 %}", "Output": "large", "Assign": { "v": 1 }, "Next": "End" },
            { "Condition": "{% $states.input.n > 5 %}", "Next": "End" }
        ] });
        if default {
            choice["Default"] = json!("End");
            choice["Output"] = json!("small");
        }
        json!({ "C": choice, "End": { "Type": "Succeed" } })
    };
    assert_eq!(run("C", states(true), json!({ "n": 11 })).output(), "large");
    assert_eq!(run("C", states(true), json!({ "n": 6 })).output(), &json!({ "n": 6 }));
    let world = run("C", states(true), json!({ "n": 1 }));
    assert_eq!(world.output(), "small");
    let expected = "ExecutionStarted, ChoiceStateEntered C, ChoiceStateExited C, SucceedStateEntered End, \
                    SucceedStateExited End, ExecutionSucceeded";
    assert_eq!(history(&world), expected);
    let world = run("C", states(false), json!({ "n": 1 }));
    assert_eq!(world.failure().0, "States.NoChoiceMatched");
    assert_eq!(history(&world), "ExecutionStarted, ChoiceStateEntered C, ExecutionFailed");
    let world = run("C", states(true), json!({ "n": "11" }));
    assert_eq!(world.failure().0, "States.QueryEvaluationError");
    assert_eq!(history(&world), "ExecutionStarted, ChoiceStateEntered C, EvaluationFailed, ExecutionFailed");
}

#[test]
fn a_condition_is_true_or_false_and_may_be_a_constant() {
    let states = |condition: Value| {
        json!({ "C": { "Type": "Choice", "Choices": [{ "Condition": condition, "Next": "Yes" }], "Default": "No" },
            "Yes": { "Type": "Succeed", "Output": "yes" }, "No": { "Type": "Succeed", "Output": "no" } })
    };
    for (condition, output) in [(json!(true), "yes"), (json!(false), "no"), (json!("{% 1 = 1 %}"), "yes")] {
        assert_eq!(run("C", states(condition), json!({})).output(), output);
    }
    for neither in ["{% 'true' %}", "{% 1 %}", "{% null %}", "{% $states.input.misspelt %}"] {
        assert_eq!(run("C", states(json!(neither)), json!({})).failure().0, "States.QueryEvaluationError", "{neither}");
    }
}

#[test]
fn wait_rests_until_its_time_and_not_a_moment_less() {
    let wait =
        |field: &str, value: Value| json!({ "W": { "Type": "Wait", field: value, "Output": "done", "End": true } });
    for (field, value, ms) in [
        ("Seconds", json!(3_600), 3_600_000),
        ("Seconds", json!("{% $states.input.n * 2 %}"), 14_000),
        ("Timestamp", json!("{% $fromMillis($millis() + 1500) %}"), 1_500),
    ] {
        let mut world = run("W", wait(field, value), json!({ "n": 7 }));
        assert_eq!(world.due(), Some(START + ms));
        world.now = START + ms - 1;
        assert_eq!(world.take(EventKind::DeadlineReached), Err(Rejected::NotDue));
        world.pass(1);
        assert_eq!(world.output(), "done");
        let expected = "ExecutionStarted, WaitStateEntered W, WaitStateExited W, ExecutionSucceeded";
        assert_eq!(history(&world), expected);
        assert_eq!(world.due(), None);
    }
    assert_eq!(run("W", wait("Timestamp", json!("2016-12-05T21:29:29Z")), json!({})).output(), "done");
    for wrong in [json!("{% -1 %}"), json!("{% 1.5 %}"), json!("{% 'x' %}"), json!("{% 99999999999 %}")] {
        assert_eq!(run("W", wait("Seconds", wrong), json!({})).failure().0, "States.QueryEvaluationError");
    }
}

#[test]
fn fail_ends_with_its_error_and_cause_or_with_neither() {
    let states = json!({ "F": { "Type": "Fail", "Error": "{% 'My.' & $states.input.e %}", "Cause": "because" } });
    let world = run("F", states, json!({ "e": "Error" }));
    assert_eq!(world.failure(), ("My.Error", "because"));
    assert_eq!(history(&world), "ExecutionStarted, FailStateEntered F, ExecutionFailed");
    let world = run("F", json!({ "F": { "Type": "Fail" } }), json!({}));
    let last = world.entries().last().unwrap();
    assert_eq!((&last.error, &last.cause), (&None, &None));
}

#[test]
fn an_output_of_null_is_an_output() {
    let world = run("P", json!({ "P": { "Type": "Pass", "Output": null, "End": true } }), json!(null));
    let json = serde_json::to_value(world.entries().last().unwrap()).unwrap();
    assert_eq!(json, json!({ "type": "ExecutionSucceeded", "output": null }));
}

fn task(more: Value) -> Value {
    let mut task = json!({ "Type": "Task", "Resource": "mail.send", "Next": "End" });
    task.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "T": task, "End": { "Type": "Succeed" } })
}

fn succeeded(activity: u64, output: Value) -> EventKind {
    EventKind::TaskSucceeded { activity, output }
}

fn failed(activity: u64, error: &str) -> EventKind {
    EventKind::TaskFailed { activity, error: error.into(), cause: "it broke".into() }
}

#[test]
fn a_task_gets_its_arguments_once_and_gives_its_result() {
    let states = task(json!({ "Arguments": { "to": "{% $states.input.to %}" },
        "Assign": { "sent": "{% $states.result.id %}" }, "Output": "{% $states.result.id & '!' %}" }));
    let mut world = run("T", states, json!({ "to": "anna" }));
    assert_eq!(performed(&world), (1, "mail.send", &json!({ "to": "anna" })));
    assert!(matches!(world.take(succeeded(2, json!({}))), Err(Rejected::Late { activity: 2 })));
    world.take(succeeded(1, json!({ "id": "m1" }))).unwrap();
    assert_eq!(world.output(), "m1!");
    let expected = "ExecutionStarted, TaskStateEntered T, TaskScheduled, TaskSucceeded, TaskStateExited T, \
                    SucceedStateEntered End, SucceedStateExited End, ExecutionSucceeded";
    assert_eq!(history(&world), expected);
    assert_eq!(world.take(succeeded(1, json!({}))), Err(Rejected::NotRunning { status: "succeeded" }));
    assert_eq!(performed(&run("T", task(json!({})), json!([1]))).2, &json!([1]), "without Arguments: the input");
}

#[test]
fn a_task_that_fails_is_tried_again_caught_or_the_end() {
    let retry = json!([{ "ErrorEquals": ["Net"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 3 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 0 }]);
    let catch = json!([{ "ErrorEquals": ["Net", "Other"], "Assign": { "e": "{% $states.errorOutput.Error %}" }, "Next": "Caught" }]);
    let mut states = task(json!({ "Retry": retry, "Catch": catch }));
    states["Caught"] = json!({ "Type": "Succeed", "Output": ["{% $e %}", "{% $states.input %}"] });
    let mut world = run("T", states.clone(), json!({}));
    world.take(failed(1, "Net")).unwrap();
    assert_eq!(world.due(), Some(START + 2_000));
    assert_eq!(world.take(succeeded(1, json!(1))), Err(Rejected::Late { activity: 1 }));
    world.fire();
    world.take(failed(2, "Net")).unwrap();
    assert_eq!(world.due(), Some(START + 2_000 + 6_000));
    world.fire();
    world.take(failed(3, "Net")).unwrap();
    assert_eq!(world.output(), &json!(["Net", { "Error": "Net", "Cause": "it broke" }]));
    let expected = "ExecutionStarted, TaskStateEntered T, TaskScheduled, TaskFailed, TaskScheduled, TaskFailed, \
                    TaskScheduled, TaskFailed, TaskStateExited T, SucceedStateEntered Caught, \
                    SucceedStateExited Caught, ExecutionSucceeded";
    assert_eq!(history(&world), expected);
    let mut world = run("T", states, json!({}));
    world.take(failed(1, "Unknown")).unwrap();
    assert_eq!(world.failure(), ("Unknown", "it broke"));
    assert_eq!(history(&world), "ExecutionStarted, TaskStateEntered T, TaskScheduled, TaskFailed, ExecutionFailed");
}

#[test]
fn a_task_that_takes_too_long_times_out_and_a_result_that_is_too_large_cannot_be_caught() {
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "End" }]);
    let mut world = run("T", task(json!({ "TimeoutSeconds": 60, "Catch": catch })), json!({}));
    assert_eq!(world.due(), Some(START + 60_000));
    world.fire();
    assert_eq!(world.output(), "States.Timeout");
    assert!(history(&world).contains("TaskScheduled, TaskTimedOut, TaskStateExited T"));
    let mut world = run("T", task(json!({ "Catch": catch })), json!({}));
    world.take(succeeded(1, json!("x".repeat(300_000)))).unwrap();
    assert_eq!(world.failure().0, "States.DataLimitExceeded");
    let mut world = run("T", task(json!({ "Output": "{% $states.result.nothing %}", "Catch": catch })), json!({}));
    world.take(succeeded(1, json!({}))).unwrap();
    assert_eq!(world.output(), "States.QueryEvaluationError");
    assert!(history(&world).contains("TaskSucceeded, EvaluationFailed, TaskStateExited T"));
    let world = run("T", task(json!({ "Arguments": "{% $nothing %}", "Catch": catch })), json!({}));
    assert_eq!(world.output(), "States.QueryEvaluationError");
}

#[test]
fn the_whole_may_time_out_or_be_ended_from_outside() {
    let document = json!({ "QueryLanguage": "JSONata", "StartAt": "T", "TimeoutSeconds": 10, "States": task(json!({ "TimeoutSeconds": 60 })) });
    let mut world = World::new(Definition::parse(&document).unwrap());
    world.start(json!({}));
    assert_eq!(world.due(), Some(START + 10_000));
    world.fire();
    assert_eq!(history(&world), "ExecutionStarted, TaskStateEntered T, TaskScheduled, ExecutionTimedOut");
    let mut world = run("T", task(json!({})), json!({}));
    assert_eq!(world.due(), None);
    world.take(EventKind::Cancelled { reason: "no need".into() }).unwrap();
    assert_eq!(history(&world), "ExecutionStarted, TaskStateEntered T, TaskScheduled, ExecutionAborted");
    assert_eq!(world.take(failed(1, "E")), Err(Rejected::NotRunning { status: "cancelled" }));
}

#[test]
fn a_loop_that_never_waits_fails_and_a_long_way_does_not() {
    let states = json!({ "A": { "Type": "Pass", "Next": "B" },
        "B": { "Type": "Choice", "Choices": [{ "Condition": "{% $states.input = 1 %}", "Next": "C" }], "Default": "A" },
        "C": { "Type": "Succeed" } });
    let world = run("A", states, json!(2));
    assert_eq!(world.failure().0, "States.Runtime");
    assert!(world.failure().1.contains("loops"));
    let name = |n: usize| format!("S{n}");
    let mut states: serde_json::Map<String, Value> =
        (0..999).map(|n| (name(n), json!({ "Type": "Pass", "Next": name(n + 1) }))).collect();
    states.insert(name(999), json!({ "Type": "Succeed" }));
    assert_eq!(run("S0", Value::Object(states), json!("far")).output(), "far");
}

#[test]
fn chance_and_time_are_the_same_when_an_event_is_taken_again_and_differ_between_instances() {
    let states = json!({ "P": { "Type": "Pass", "End": true,
        "Output": ["{% $uuid() %}", "{% $uuid() %}", "{% $random() %}", "{% $now() %}", "{% $millis() %}"] } });
    let world = run("P", states.clone(), json!({}));
    let output = world.output().as_array().unwrap().clone();
    assert_ne!(output[0], output[1]);
    assert_eq!(output[4], json!(START));
    let again = run("P", states.clone(), json!({}));
    assert_eq!(again.output(), world.output());
    let mut other = World::new(definition("P", states));
    other.instance = Instance::new("instance-2", "acme", other.instance.definition.clone());
    other.start(json!({}));
    assert_ne!(other.output()[0], output[0]);
}

#[test]
fn what_has_not_begun_takes_nothing_but_its_start() {
    let mut world = World::new(definition("E", json!({ "E": { "Type": "Succeed" } })));
    for kind in [EventKind::DeadlineReached, EventKind::Cancelled { reason: "x".into() }, succeeded(1, json!(1))] {
        assert_eq!(world.take(kind), Err(Rejected::NotRunning { status: "new" }));
    }
    assert_eq!((world.due(), world.instance.version), (None, 0));
}
