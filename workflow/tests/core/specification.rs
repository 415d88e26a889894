//! What the specification (states-language.net) and the documentation of Step Functions say and the record does not show.

use crate::world::{DAY, START, World, definition};
use serde_json::{Value, json};
use workflow::{Activity, Definition, EventKind};

fn run(start: &str, states: Value, input: Value) -> World {
    let mut world = World::new(definition(start, states));
    world.start(input);
    world
}

/// In JSONPath, as definitions are unless they say otherwise.
fn run_jsonpath(start: &str, states: Value, input: Value) -> World {
    let document = json!({ "StartAt": start, "States": states });
    let mut world = World::new(Definition::parse(&document).unwrap_or_else(|problems| panic!("{problems:#?}")));
    world.start(input);
    world
}

/// A task whose fields are added to, and `Caught`, which ends with the name of the error.
fn caught(fields: Value) -> Value {
    let mut task = json!({ "Type": "Task", "Resource": "mail.send", "End": true });
    task.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    json!({ "T": task, "Caught": { "Type": "Pass", "Output": "{% $states.input.Error %}", "End": true } })
}

fn catch(error: &str) -> Value {
    json!([{ "ErrorEquals": [error], "Next": "Caught" }])
}

#[test]
fn a_missed_heartbeat_is_a_time_out_too_and_no_failure_of_the_task() {
    let missed = |error: &str| {
        let mut world = run("T", caught(json!({ "HeartbeatSeconds": 5, "Catch": catch(error) })), json!({}));
        world.fire();
        world
    };
    for error in ["States.HeartbeatTimeout", "States.Timeout", "States.ALL"] {
        assert_eq!(missed(error).output(), "States.HeartbeatTimeout", "{error}");
    }
    assert_eq!(missed("States.TaskFailed").failure().0, "States.HeartbeatTimeout");
}

#[test]
fn seconds_of_a_task_are_more_than_none() {
    for (field, value) in [("TimeoutSeconds", "{% 0 %}"), ("HeartbeatSeconds", "{% $states.input.none %}")] {
        let states = json!({ "T": { "Type": "Task", "Resource": "mail.send", field: value, "End": true } });
        let world = run("T", states, json!({ "none": 0 }));
        assert_eq!(
            world.failure(),
            (
                "States.QueryEvaluationError",
                format!("{field} must be a whole number from 1 to 99999999, not 0").as_str()
            )
        );
    }
}

#[test]
fn what_a_task_is_given_is_tried_again_and_what_becomes_of_its_result_is_not() {
    let retry = json!([{ "ErrorEquals": ["States.QueryEvaluationError"], "MaxAttempts": 2 }]);
    let wrong = json!({ "Arguments": "{% $states.input.nothing %}", "Retry": retry, "Catch": catch("States.ALL") });
    let mut world = run("T", caught(wrong), json!({}));
    world.fire();
    world.fire();
    assert_eq!(world.output(), "States.QueryEvaluationError");
    assert_eq!(world.now, START + 3_000);
    let wrong = json!({ "Output": "{% $states.input.nothing %}", "Retry": retry, "Catch": catch("States.ALL") });
    let mut world = run("T", caught(wrong), json!({}));
    world.take(EventKind::TaskSucceeded { activity: 1, output: json!("sent") }).unwrap();
    assert_eq!(world.output(), "States.QueryEvaluationError");
    assert_eq!(world.effects.len(), 1, "the task is not done twice");
}

/// Restates `states_variables/test_error_output.py` of localstack/localstack (Apache-2.0): a task that fails in a service.
#[test]
fn a_catch_sees_input_and_error_and_hands_the_error_on() {
    let error = json!({ "Error": "Exception", "Cause": "Some exception was raised." });
    let fail = |catch: Value, last: &str| {
        let mut rule = json!({ "ErrorEquals": ["States.ALL"], "Next": "Fallback" });
        rule.as_object_mut().unwrap().extend(catch.as_object().unwrap().clone());
        let mut world = run(
            "Task",
            json!({ "Task": { "Type": "Task", "Resource": "mail.send", "Catch": [rule], "End": true },
                "Fallback": { "Type": "Pass", "Output": last, "End": true } }),
            json!({ "inputData": "dummy" }),
        );
        let (error, cause) = ("Exception".to_owned(), "Some exception was raised.".to_owned());
        world.take(EventKind::TaskFailed { activity: 1, error, cause }).unwrap();
        world.output().clone()
    };
    let both = json!({ "stateInput": "{% $states.input %}", "stateError": "{% $states.errorOutput %}" });
    let seen = json!({ "stateInput": { "inputData": "dummy" }, "stateError": error });
    assert_eq!(fail(json!({ "Output": both }), "{% $states.input %}"), seen);
    assert_eq!(fail(json!({}), "{% $states.input %}"), error);
    let assign = json!({ "Assign": { "inputVar": "{% $states.input %}", "errorVar": "{% $states.errorOutput %}" } });
    assert_eq!(fail(assign, "{% [$inputVar.inputData, $errorVar.Error] %}"), json!(["dummy", "Exception"]));
}

#[test]
fn error_and_cause_of_a_fail_are_texts() {
    for wrong in ["{% 5 %}", "{% null %}", "{% $states.input %}"] {
        let world = run("F", json!({ "F": { "Type": "Fail", "Error": "E", "Cause": wrong } }), json!({}));
        assert_eq!(world.failure().0, "States.QueryEvaluationError", "{wrong}");
    }
    let world = run_jsonpath("F", json!({ "F": { "Type": "Fail", "ErrorPath": "$.n" } }), json!({ "n": 5 }));
    assert_eq!(world.failure().0, "States.Runtime");
    let world = run_jsonpath("F", json!({ "F": { "Type": "Fail", "Error": "{% 'no' %}", "Cause": "c" } }), json!({}));
    assert_eq!(world.failure(), ("{% 'no' %}", "c"));
    let document = json!({ "StartAt": "F", "States": { "F": { "Type": "Fail", "Error": 5 } } });
    assert_eq!(Definition::parse(&document).unwrap_err()[0].pointer, "/States/F/Error");
}

#[test]
fn what_lanes_yield_together_is_not_larger_than_a_payload() {
    let items = |count: usize| {
        let text = "x".repeat(100_000);
        let item = json!({ "StartAt": "P", "States": { "P": { "Type": "Pass", "Output": text, "End": true } } });
        let map = json!({ "Type": "Map", "ItemProcessor": item, "Catch": catch("States.ALL"), "End": true });
        let caught = json!({ "Type": "Pass", "Output": "caught", "End": true });
        run("M", json!({ "M": map, "Caught": caught }), json!(vec![0; count]))
    };
    assert_eq!(items(2).output().as_array().unwrap().len(), 2);
    assert_eq!(items(3).failure().0, "States.DataLimitExceeded");
}

#[test]
fn a_wait_is_not_longer_than_two_to_the_thirty_first_seconds() {
    let until = |days: i64| {
        let at = format!("{{% $fromMillis($millis() + {}) %}}", days * DAY);
        run("W", json!({ "W": { "Type": "Wait", "Timestamp": at, "End": true } }), json!({}))
    };
    assert_eq!(until(24_855).due(), Some(START + 24_855 * DAY));
    assert_eq!(until(24_856).failure().0, "States.Runtime");
}

#[test]
fn a_variable_of_a_branch_hides_the_one_around_it_and_the_author_is_told() {
    let inner = json!({ "StartAt": "P", "States": {
        "P": { "Type": "Pass", "Assign": { "x": "inner", "y": 1 }, "Next": "Q" },
        "Q": { "Type": "Pass", "Output": "{% $x %}", "End": true } } });
    let states = json!({
        "A": { "Type": "Pass", "Assign": { "x": "outer" }, "Next": "B" },
        "B": { "Type": "Parallel", "Branches": [inner], "Next": "C" },
        "C": { "Type": "Pass", "Output": "{% [$states.input, $x, $exists($y)] %}", "End": true }
    });
    let world = run("A", states, json!({}));
    assert_eq!(world.output(), &json!(["inner", "outer", false]));
    let warnings: Vec<String> = world.definition.warnings().iter().map(ToString::to_string).collect();
    let expected = "/States/B/Branches/0/States/P/Assign/x: $x is set by a state around this one too, and stays as it is \
                    there; give this variable its own name";
    assert_eq!(warnings, [expected]);
}

#[test]
fn what_ends_sets_no_variables() {
    for kind in ["Succeed", "Fail"] {
        let document = json!({ "StartAt": "E", "States": { "E": { "Type": kind, "Assign": { "x": 1 } } } });
        assert_eq!(Definition::parse(&document).unwrap_err()[0].pointer, "/States/E/Assign", "{kind}");
    }
}

#[test]
fn each_rule_of_retry_counts_for_itself_until_the_state_is_left() {
    let retry = json!([
        { "ErrorEquals": ["A"], "MaxAttempts": 1 },
        { "ErrorEquals": ["B"], "MaxAttempts": 2, "IntervalSeconds": 5, "BackoffRate": 3.0, "MaxDelaySeconds": 10 },
        { "ErrorEquals": ["States.ALL"], "MaxAttempts": 0 }
    ]);
    let mut world = run("T", caught(json!({ "Retry": retry, "Catch": catch("States.ALL") })), json!({}));
    for (error, waits) in [("B", Some(5)), ("A", Some(1)), ("B", Some(10)), ("B", None)] {
        let activity = world.instance.running().and_then(|running| match running.branch.activity {
            Activity::Task { activity, .. } => Some(activity),
            _ => None,
        });
        let (error, cause) = (error.to_owned(), String::new());
        world.take(EventKind::TaskFailed { activity: activity.unwrap(), error, cause }).unwrap();
        assert_eq!(world.due().map(|due| (due - world.now) / 1_000), waits);
        if waits.is_some() {
            world.fire();
        }
    }
    assert_eq!(world.output(), "B");
}
