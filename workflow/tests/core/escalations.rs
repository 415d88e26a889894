//! What happens when people do not answer: reminders, escalations, expiry, the end of the whole workflow.

use crate::world::{DAY, START, World, asked, asking_document, released};
use serde_json::{Value, json};
use workflow::{Definition, Effect, EventKind, Occasion, Rejected};

const TWO: [(&str, &[&str]); 2] = [("g", &["anna", "ben"]), ("ceo", &["zoe", "rita", "anna"])];

fn occasions(effects: &[Effect]) -> Vec<(&str, Occasion)> {
    let asked = effects.iter().filter_map(|effect| match effect {
        Effect::Ask(asking) => Some((asking.person.as_str(), asking.occasion)),
        _ => None,
    });
    asked.collect()
}

#[test]
fn reminders_go_to_the_pending_at_their_times_and_stop() {
    let fields = json!({ "Reminders": [{ "After": "P2D", "Every": "P1D", "Max": 3 }],
        "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": 2 }] });
    let mut world = World::asking(fields, &TWO);
    assert_eq!(world.due(), Some(START + 2 * DAY));
    assert_eq!(occasions(&world.fire()), [("anna", Occasion::Reminder(1)), ("ben", Occasion::Reminder(1))]);
    world.vote("anna", "approve").unwrap();
    assert_eq!(world.due(), Some(START + 3 * DAY));
    assert_eq!(occasions(&world.fire()), [("ben", Occasion::Reminder(2))]);
    assert_eq!(occasions(&world.fire()), [("ben", Occasion::Reminder(3))]);
    assert_eq!(world.due(), None);
}

#[test]
fn reminders_that_were_missed_are_one_mail() {
    let fields = json!({ "Reminders": [{ "After": "P2D", "Every": "P1D", "Max": 9 }, { "After": "P3D" }] });
    let mut world = World::asking(fields, &TWO);
    world.now = START + 5 * DAY + 1;
    let effects = world.take(EventKind::DeadlineReached).unwrap();
    assert_eq!(occasions(&effects), [("anna", Occasion::Reminder(5)), ("ben", Occasion::Reminder(5))]);
    assert_eq!(world.due(), Some(START + 6 * DAY));
    assert_eq!(world.take(EventKind::DeadlineReached), Err(Rejected::NotDue));
}

#[test]
fn expiry_closes_and_a_deadline_is_not_due_a_moment_earlier() {
    let mut world = World::asking(json!({ "ExpireAfter": "P30D", "Reminders": [{ "After": "P60D" }] }), &TWO);
    world.now = START + 30 * DAY - 1;
    assert_eq!(world.take(EventKind::DeadlineReached), Err(Rejected::NotDue));
    let effects = world.fire();
    assert_eq!(released(&effects), [("anna", "expired"), ("ben", "expired")]);
    assert_eq!(world.output(), "expired");
    assert!(matches!(world.vote("anna", "approve"), Err(Rejected::AlreadyDecided { by: None, .. })));
}

#[test]
fn more_approvers_may_answer_but_not_the_excluded_and_nobody_twice() {
    let escalation =
        json!([{ "After": "P5D", "Do": "AddApprovers", "From": [{ "Role": "ceo" }, { "ManagerOf": "Pending" }] }]);
    let mut world = World::asking(json!({ "Escalations": escalation }), &TWO);
    let effects = world.fire();
    assert_eq!(asked(&effects), ["zoe", "boss of anna", "boss of ben"]);
    assert!(released(&effects).is_empty());
    assert_eq!(world.due(), None, "an escalation happens once");
    world.vote("zoe", "approve").unwrap();
    assert_eq!(world.output(), "approved");
}

#[test]
fn an_escalation_and_a_reminder_at_the_same_time_ask_everybody_once() {
    let escalation = |act: Value| json!({ "Escalations": [act], "Reminders": [{ "After": "P5D" }] });
    let add = escalation(json!({ "After": "P5D", "Do": "AddApprovers", "From": [{ "Role": "ceo" }] }));
    let mut world = World::asking(add, &TWO);
    assert_eq!(asked(&world.fire()), ["anna", "ben", "zoe"]);
    let replace = escalation(json!({ "After": "P5D", "Do": "Replace", "From": [{ "User": "zoe" }] }));
    let mut world = World::asking(replace, &TWO);
    assert_eq!(asked(&world.fire()), ["zoe"], "no reminder to those whose seats go");
    let decide = escalation(json!({ "After": "P5D", "Do": "Decide", "Outcome": "timeout" }));
    let mut world = World::asking(decide, &TWO);
    let effects = world.fire();
    assert_eq!((asked(&effects), released(&effects).len()), (vec![], 2), "no reminder of what is decided");
    assert_eq!((world.output(), world.instance.closed[0].deciding_vote()), (&json!("timeout"), None));
}

#[test]
fn replacing_takes_the_seats_of_those_who_have_not_answered() {
    let fields = |quorum: Value| {
        json!({ "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": quorum }],
            "Escalations": [{ "After": "P5D", "Do": "Replace", "From": [{ "Role": "ceo" }] }] })
    };
    let mut world = World::asking(fields(json!(2)), &TWO);
    world.vote("anna", "approve").unwrap();
    let effects = world.fire();
    assert_eq!((asked(&effects), released(&effects)), (vec!["zoe"], vec![("ben", "reassigned")]));
    assert_eq!(world.vote("ben", "approve"), Err(Rejected::NotAsked));
    world.vote("zoe", "approve").unwrap();
    assert_eq!(world.output(), "approved");
}

#[test]
fn replacing_never_makes_a_quorum_that_nobody_can_reach() {
    let fields = |quorum: Value| {
        json!({ "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": quorum }],
            "Escalations": [{ "After": "P5D", "Do": "Replace", "From": [{ "User": "zoe" }] }] })
    };
    let mut world = World::asking(fields(json!(2)), &TWO);
    world.fire();
    assert!(world.vote("zoe", "approve").is_ok() && world.vote("anna", "approve").is_ok());
    assert_eq!(world.output(), "approved", "one person cannot replace two, so they stay");
    let mut world = World::asking(fields(json!("All")), &TWO);
    world.fire();
    world.vote("zoe", "approve").unwrap();
    assert_eq!(world.output(), "approved", "all of one is one");
    let nobody = json!({ "Escalations": [{ "After": "P5D", "Do": "Replace", "From": [{ "User": "rita" }] }] });
    let mut world = World::asking(nobody, &TWO);
    world.fire();
    world.vote("ben", "approve").unwrap();
    assert_eq!(world.output(), "approved", "nobody came, so everybody stays");
}

#[test]
fn an_escalation_that_cannot_be_computed_ends_the_question_with_its_error() {
    let fields =
        json!({ "Escalations": [{ "After": "P1D", "Do": "AddApprovers", "From": [{ "User": "{% $nobody %}" }] }] });
    let mut world = World::asking(fields, &TWO);
    let effects = world.fire();
    assert_eq!(released(&effects), [("anna", "failed"), ("ben", "failed")]);
    assert_eq!(world.failure().0, "States.QueryEvaluationError");
    assert_eq!(world.instance.closed.len(), 1);
}

#[test]
fn the_workflow_may_end_while_people_are_asked() {
    let mut document = asking_document(json!({ "ExpireAfter": "P30D", "Reminders": [{ "After": "P2D" }] }));
    document["TimeoutSeconds"] = json!(86_400);
    let mut world = World::new(Definition::parse(&document).unwrap()).with(&TWO);
    world.start(json!({}));
    assert_eq!(world.due(), Some(START + DAY));
    let effects = world.fire();
    assert_eq!(released(&effects), [("anna", "expired"), ("ben", "expired")]);
    assert_eq!(world.failure().0, "States.Timeout");
    assert_eq!(world.history().last().unwrap(), "ExecutionTimedOut");
    assert_eq!(world.vote("anna", "approve"), Err(Rejected::NotRunning { status: "failed" }));
}
