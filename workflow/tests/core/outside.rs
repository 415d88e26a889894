//! What comes from outside while an instance runs: callbacks by token, heartbeats, signals, the end of other workflows,
//! and cancelling with what undoes it.

use crate::world::{World, definition, released};
use serde_json::{Value, json};
use workflow::{Effect, EventKind, Rejected, Status, TaskToken};

fn started(start: &str, states: Value) -> World {
    let mut world = World::new(definition(start, states)).with(&[("g", &["anna"])]);
    let secret = "chance".to_owned();
    world.take(EventKind::Started { input: json!({}), requester: None, secret, parent: None }).unwrap();
    world
}

fn callback() -> Value {
    json!({ "T": { "Type": "Task", "Resource": "bank.pay.waitForTaskToken", "HeartbeatSeconds": 60, "TimeoutSeconds": 600,
                   "Arguments": { "token": "{% $states.context.Task.Token %}" }, "End": true } })
}

fn token_of(world: &World) -> TaskToken {
    match world.effects.last() {
        Some(Effect::Perform { arguments, .. }) => TaskToken::parse(arguments["token"].as_str().unwrap()).unwrap(),
        other => panic!("no task was scheduled: {other:?}"),
    }
}

#[test]
fn a_token_opens_its_own_task_and_no_other() {
    let mut world = started("T", callback());
    let token = token_of(&world);
    assert!(token.opens(&world.instance));
    let text = token.to_string();
    let (head, proof) = text.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", proof.chars().rev().collect::<String>());
    assert!(!TaskToken::parse(&forged).unwrap().opens(&world.instance));
    assert_eq!(TaskToken::parse("instance-1.1.short"), None);
    world.take(EventKind::TaskSucceeded { activity: token.activity, output: json!("paid") }).unwrap();
    assert_eq!(world.output(), &json!("paid"));
    assert!(!token.opens(&world.instance), "it is used up");
}

#[test]
fn a_heartbeat_puts_the_end_of_patience_off_and_silence_is_an_error() {
    let mut world = started("T", callback());
    world.now += 50_000;
    world.take(EventKind::TaskHeartbeat { activity: 1 }).unwrap();
    assert_eq!(world.due(), Some(world.now + 60_000));
    world.fire();
    assert_eq!(world.failure().0, "States.HeartbeatTimeout");
}

#[test]
fn heartbeats_do_not_put_the_time_out_off() {
    let mut world = started("T", callback());
    for _ in 0..12 {
        world.now += 49_000;
        world.take(EventKind::TaskHeartbeat { activity: 1 }).unwrap();
    }
    world.fire();
    assert_eq!(world.failure().0, "States.Timeout");
}

fn waiting() -> Value {
    json!({ "W": { "Type": "Task", "Resource": "signal.wait", "Arguments": { "Name": "goods" }, "TimeoutSeconds": 60, "End": true } })
}

fn signal(name: &str, data: Value) -> EventKind {
    EventKind::Signalled { name: name.into(), data }
}

#[test]
fn a_signal_ends_the_wait_for_it_and_others_are_kept() {
    let mut world = started("W", waiting());
    world.take(signal("other", json!(1))).unwrap();
    assert!(matches!(world.instance.status, Status::Running(_)));
    world.take(signal("goods", json!({ "pallets": 3 }))).unwrap();
    assert_eq!(world.output(), &json!({ "pallets": 3 }));
}

#[test]
fn a_signal_that_comes_early_is_there_when_it_is_waited_for() {
    let states = json!({
        "First": { "Type": "Task", "Resource": "slow", "Next": "W" },
        "W": { "Type": "Task", "Resource": "signal.wait", "Arguments": { "Name": "goods" }, "End": true }
    });
    let mut world = started("First", states);
    world.take(signal("goods", json!(1))).unwrap();
    world.take(signal("goods", json!(2))).unwrap();
    world.take(EventKind::TaskSucceeded { activity: 1, output: json!({}) }).unwrap();
    assert_eq!(world.output(), &json!(1), "the oldest is taken");
}

#[test]
fn nobody_can_fill_an_instance_with_signals() {
    let mut world = started("W", waiting());
    for _ in 0..100 {
        world.take(signal("other", json!(0))).unwrap();
    }
    assert_eq!(world.take(signal("other", json!(0))), Err(Rejected::TooManySignals));
    world.take(signal("goods", json!(0))).expect("the one that is waited for is taken all the same");
}

#[test]
fn a_wait_for_a_signal_has_a_time_out() {
    let mut world = started("W", waiting());
    world.fire();
    assert_eq!(world.failure().0, "States.Timeout");
}

fn compensated() -> Value {
    json!({
        "All": {
            "Type": "Parallel", "End": true,
            "Branches": [{ "StartAt": "Reserve", "States": {
                "Reserve": { "Type": "Task", "Resource": "reserve", "Next": "Ask" },
                "Ask": { "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "g" }] }],
                         "Outcomes": { "approved": { "Next": "Done" }, "rejected": { "Next": "Done" } } },
                "Done": { "Type": "Succeed" } } }],
            "Catch": [{ "ErrorEquals": ["Workflow.Cancelled"], "Output": "{% $states.errorOutput %}", "Next": "Undo" },
                      { "ErrorEquals": ["States.ALL"], "Next": "Broken" }]
        },
        "Undo": { "Type": "Task", "Resource": "free", "End": true },
        "Broken": { "Type": "Fail", "Error": "Broken" }
    })
}

fn cancel() -> EventKind {
    EventKind::Cancelled { reason: "not needed".into() }
}

#[test]
fn cancelling_goes_through_the_states_that_undo_it() {
    let mut world = started("All", compensated());
    world.take(EventKind::TaskSucceeded { activity: 1, output: json!({}) }).unwrap();
    let effects = world.take(cancel()).unwrap();
    assert_eq!(released(&effects), [("anna", "cancelled")]);
    let undo = effects.iter().find_map(|effect| match effect {
        Effect::Perform { activity, resource, arguments, .. } if resource == "free" => {
            Some((*activity, arguments["Cause"].clone()))
        }
        _ => None,
    });
    let (activity, cause) = undo.expect("what was reserved is freed");
    assert_eq!(cause, "not needed");
    world.take(EventKind::TaskSucceeded { activity, output: json!({}) }).unwrap();
    assert!(matches!(&world.instance.status, Status::Cancelled { reason, .. } if reason == "not needed"));
}

#[test]
fn cancelling_once_more_does_not_wait_and_a_failing_undo_is_told() {
    let mut world = started("All", compensated());
    world.take(cancel()).unwrap();
    world.take(cancel()).unwrap();
    assert!(matches!(world.instance.status, Status::Cancelled { .. }));
    let mut world = started("All", compensated());
    world.take(cancel()).unwrap();
    let activity = world.instance.running().unwrap().next_activity;
    world.take(EventKind::TaskFailed { activity, error: "Free.Failed".into(), cause: "locked".into() }).unwrap();
    assert_eq!(world.failure(), ("Free.Failed", "locked"));
}

#[test]
fn cancelling_where_nothing_undoes_it_ends_at_once() {
    let mut world = started("W", waiting());
    world.take(cancel()).unwrap();
    assert!(matches!(world.instance.status, Status::Cancelled { .. }));
}

#[test]
fn a_child_that_nobody_waits_for_any_more_is_cancelled() {
    let states = json!({ "Run": { "Type": "Task", "Resource": "workflow.run", "Arguments": { "Definition": "x" }, "TimeoutSeconds": 5, "End": true } });
    let mut world = started("Run", states);
    let child = match &world.effects[..] {
        [Effect::Perform { child: Some(child), .. }] => child.clone(),
        other => panic!("{other:?}"),
    };
    let effects = world.fire();
    assert!(matches!(&effects[..], [Effect::CancelChild { instance, .. }] if *instance == child), "{effects:?}");
}
