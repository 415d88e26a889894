//! Random walks through the definition of purchasing: whatever people, code and time do, nothing gets stuck or contradicts
//! itself. The world checks at the end of each walk that the instance is the fold of its events.

use crate::world::World;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeSet;
use workflow::{Activity, Actor, Definition, Effect, Event, EventKind, Rejected, Status, may_decide, step};

const ORDER: &str = include_str!("../../../definitions/purchasing/order.asl.json");

fn order(total: &str) -> Value {
    json!({ "total": total, "currency": "EUR", "date": "2026-11-23", "headline": "Acme: paper", "department": "IT",
        "supplier": { "id": "s1", "name": "Acme", "email": "orders@acme.example" } })
}

fn input() -> Value {
    json!({ "object": { "kind": "purchasing/orders", "id": "1", "number": "PO-1" }, "po": order("1000"),
        "requester": { "id": "rita", "name": "RITA", "email": "rita@example.org" },
        "limits": { "baseCurrency": "EUR", "managerOnly": "500", "cfo": "5000" } })
}

/// What the people of a walk are like.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Helpful,
    Silent,
    /// People say no, and no code fails, so that there are many rounds.
    Against,
    /// Nobody has the roles of the authority table.
    Away,
}

/// What happens next, by a number: mostly what takes the order further.
fn event(world: &World, mood: Mood, roll: u32, amount: &str) -> EventKind {
    let Some(running) = world.instance.running() else { return EventKind::DeadlineReached };
    match (&running.branch.activity, roll % 10) {
        (_, 0) => EventKind::DeadlineReached,
        (Activity::Task { activity, .. }, 1..=2) if mood != Mood::Against => {
            let error = ["Money.NoRate", "Pdf.Busy", "Mail.Rejected"][roll as usize / 10 % 3];
            EventKind::TaskFailed { activity: *activity, error: error.into(), cause: "it broke".into() }
        }
        (Activity::Task { activity, .. }, _) => {
            let lines = json!([{ "description": "Chair", "quantity": "2" }]);
            let output = json!({ "amount": amount, "steps": [], "objects": [{ "data": { "lines": lines } }] });
            EventKind::TaskSucceeded { activity: *activity, output }
        }
        (Activity::Decision(open), 1) => EventKind::Reassigned {
            activity: open.activity,
            from: open.pending()[0].person.clone(),
            to: crate::world::candidate("dora", workflow::Why::Named),
            reason: "away".into(),
        },
        (Activity::Decision(_), 2..) if mood == Mood::Silent => EventKind::DeadlineReached,
        (Activity::Decision(open), _) => vote(world, open, mood, roll / 10, amount),
        _ => EventKind::DeadlineReached,
    }
}

fn vote(world: &World, open: &workflow::OpenApproval, mood: Mood, roll: u32, amount: &str) -> EventKind {
    let state = &world.instance.running().unwrap().branch.state;
    let workflow::definition::StateKind::Approval(approval) = &world.definition.state(state).unwrap().kind else {
        panic!("{state} is open and no approval")
    };
    let pending = open.pending();
    let decisions = &approval.decisions;
    let no = decisions.iter().position(|decision| decision.is_negative()).filter(|_| mood == Mood::Against);
    let decision = no.unwrap_or(usize::from(roll.is_multiple_of(4) && mood != Mood::Against) % decisions.len());
    EventKind::Voted {
        activity: open.activity,
        person: pending[roll as usize % pending.len()].person.clone(),
        decision: decisions[decision].name.clone(),
        form: Some(order(amount)),
        comment: Some("because".into()),
    }
}

/// Whatever is open waits for somebody, for code, or for a time.
fn waits_for_something(world: &World) {
    let Some(running) = world.instance.running() else {
        assert_eq!(world.due(), None);
        return;
    };
    match &running.branch.activity {
        Activity::Decision(open) => assert!(!open.pending().is_empty(), "nobody can decide"),
        Activity::Task { .. } | Activity::Time { .. } | Activity::Retry { .. } => {}
        Activity::Moving
        | Activity::Approvers(_)
        | Activity::Signal { .. }
        | Activity::Branches { .. }
        | Activity::Items(_) => panic!("it stands where nothing comes: {running:?}"),
    }
    let due = world.due().expect("this definition has a TimeoutSeconds");
    let at = |at| Event { at, by: Actor::System, kind: EventKind::DeadlineReached };
    assert!(step(&world.definition, &world.instance, &at(due)).is_ok());
    assert_eq!(step(&world.definition, &world.instance, &at(due - 1)), Err(Rejected::NotDue));
}

/// Walks until the end or for so many events; the names of the states that were entered.
fn walk(mood: Mood, rolls: &[(u32, u32)]) -> (World, BTreeSet<String>) {
    let definition = Definition::parse_text(ORDER).unwrap();
    let roles: [(&str, &[&str]); 5] = [
        ("finance", &["fay", "finn", "boss of rita"]),
        ("cfo", &["carl"]),
        ("ceo", &["zoe"]),
        ("treasury", &["tom"]),
        ("purchasing_admin", &["paula"]),
    ];
    let known = if mood == Mood::Away { &roles[4..] } else { &roles };
    let mut world = World::new(definition).with(known);
    world.start(input());
    for (roll, amount) in rolls {
        let amount = ["100", "1000", "10000"][*amount as usize % 3];
        let kind = event(&world, mood, *roll, amount);
        if kind == EventKind::DeadlineReached {
            world.now = world.due().unwrap_or(world.now);
        }
        let effects = world.take(kind).unwrap_or_default();
        for effect in &effects {
            if let Effect::Ask(asking) = effect {
                assert!(may_decide(&world.instance, asking.activity, &asking.person).is_ok());
            }
        }
        waits_for_something(&world);
    }
    let entered = world.entries().filter(|entry| entry.kind.ends_with("StateEntered"));
    let entered = entered.filter_map(|entry| entry.name.clone()).collect();
    (world, entered)
}

#[test]
fn an_order_can_go_anywhere_but_never_gets_stuck() {
    let (entered, ends) = (RefCell::new(BTreeSet::new()), RefCell::new(BTreeSet::new()));
    let moods = proptest::sample::select(vec![Mood::Helpful, Mood::Silent, Mood::Against, Mood::Away]);
    let walks = (moods, prop::collection::vec((0_u32..1_000, 0_u32..3), 10..90));
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let result = runner.run(&walks, |(mood, rolls)| {
        let (world, states) = walk(mood, &rolls);
        entered.borrow_mut().extend(states);
        if let Status::Succeeded { .. } | Status::Failed { .. } = world.instance.status {
            ends.borrow_mut().insert(world.history().iter().rev().nth(1).cloned().unwrap_or_default());
        }
        Ok(())
    });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    let definition = Definition::parse_text(ORDER).unwrap();
    let never: Vec<&str> =
        definition.states().map(|state| state.name.as_str()).filter(|name| !entered.borrow().contains(*name)).collect();
    assert_eq!(never, [""; 0], "these states were never entered; the orders ended in {:?}", ends.borrow());
}
