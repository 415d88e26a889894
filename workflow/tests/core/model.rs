//! Random approvals and random events, taken by the core and by the model: both must agree at every step on what is taken,
//! who may vote, when something is due, and how it ends.

use crate::reference::{Escalation, Model, Quorum, Rules, person};
use crate::world::{DAY, START, World, asking_document};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;
use workflow::{Definition, Effect, EventKind, Status, may_decide};

#[derive(Debug, Clone)]
enum Move {
    Vote(usize, bool, bool),
    Reassign(usize, usize),
    Pass(i64),
    Due,
}

fn people() -> impl Strategy<Value = BTreeSet<usize>> {
    prop::collection::btree_set(0_usize..6, 1..5)
}

fn quorum() -> impl Strategy<Value = Quorum> {
    prop_oneof![
        3 => (1_usize..4).prop_map(Quorum::Count),
        1 => Just(Quorum::All),
        1 => (1_usize..101).prop_map(Quorum::Percent),
    ]
}

fn escalation() -> impl Strategy<Value = Escalation> {
    let more = prop::collection::btree_set(0_usize..9, 1..4);
    prop_oneof![more.clone().prop_map(Escalation::Add), more.prop_map(Escalation::Replace), Just(Escalation::Decide),]
}

prop_compose! {
    fn rules()(
        groups in prop::collection::vec((people(), quorum()), 1..4),
        flags in any::<[bool; 5]>(),
        expire_days in prop::option::of(1_i64..12),
        remind_days in prop::option::of((1_i64..6, 1_i64..4, 1_u32..5)),
        escalate in prop::option::of((1_i64..8, escalation())),
    ) -> Rules {
        let [any_group, one_person_one_group, late_reject, exclude_nobody, comment_on_reject] = flags;
        Rules { groups, any_group, one_person_one_group, late_reject, exclude_nobody, expire_days, remind_days,
            escalate, comment_on_reject }
    }
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        6 => (0_usize..9, prop::bool::weighted(0.75), any::<bool>()).prop_map(|(n, yes, why)| Move::Vote(n, yes, why)),
        2 => (0_usize..9, 0_usize..9).prop_map(|(from, to)| Move::Reassign(from, to)),
        2 => (0_i64..4).prop_map(Move::Pass),
        2 => Just(Move::Due),
    ];
    prop::collection::vec(one, 0..25)
}

fn open_world(rules: &Rules) -> World {
    let document = asking_document(rules.fields());
    let definition = Definition::parse(&document).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut world = World::new(definition);
    world.take(EventKind::started(json!({}), Some(person(0)))).unwrap();
    world
}

/// Whether the event is taken, by the core and by the model.
fn make(world: &mut World, model: &mut Model, turn: &Move) -> (bool, bool) {
    match turn {
        Move::Vote(n, yes, why) => {
            let decision = if *yes { "approve" } else { "reject" };
            let taken = world.vote_with(&person(*n), decision, None, why.then_some("because"));
            (taken.is_ok(), model.vote(&person(*n), *yes, *why))
        }
        Move::Reassign(from, to) => {
            (world.reassign(&person(*from), &person(*to)).is_ok(), model.reassign(&person(*from), &person(*to)))
        }
        Move::Pass(days) => {
            world.now += days * DAY;
            (true, true)
        }
        Move::Due => {
            let taken = world.take(EventKind::DeadlineReached);
            (taken.is_ok(), model.deadline((world.now - START) / DAY))
        }
    }
}

fn compare(world: &World, model: &Model) {
    let pending: BTreeSet<String> = match world.instance.open_approvals().next().map(|(_, open)| open) {
        Some(open) => open.pending().iter().map(|seat| seat.person.clone()).collect(),
        None => BTreeSet::new(),
    };
    assert_eq!(pending, model.pending());
    let activity = world.last_activity();
    for n in 0..9 {
        let may = may_decide(&world.instance, activity, &person(n)).is_ok();
        assert_eq!(may, pending.contains(&person(n)), "p{n}");
    }
    assert_eq!(world.due().map(|due| (due - START) / DAY), model.due_days());
    let outcome = match &world.instance.status {
        Status::Succeeded { output, .. } => output.as_str(),
        _ => None,
    };
    assert_eq!(outcome, model.outcome);
}

/// Requests go only to people who can act when the step is over.
fn asks_only_who_can_act(world: &World, effects: &[Effect]) {
    for effect in effects {
        if let Effect::Ask(asking) = effect {
            let may = may_decide(&world.instance, asking.activity, &asking.person);
            assert!(may.is_ok(), "{} is asked in vain: {may:?}", asking.person);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_core_does_what_the_model_does(rules in rules(), moves in moves()) {
        let (mut world, mut model) = (open_world(&rules), Model::new(&rules));
        compare(&world, &model);
        for turn in &moves {
            let before = world.effects.len();
            let (taken, expected) = make(&mut world, &mut model, turn);
            assert_eq!(taken, expected, "{turn:?}");
            compare(&world, &model);
            asks_only_who_can_act(&world, &world.effects[before..]);
        }
    }
}
