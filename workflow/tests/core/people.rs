//! Who may decide: exclusion, reassignment, repeated and late answers.

use crate::world::{World, asked, released};
use serde_json::json;
use workflow::{EventKind, Rejected, may_decide};

const G: [(&str, &[&str]); 1] = [("g", &["anna", "ben", "rita"])];

fn who(world: &World) -> Vec<&str> {
    world.open().pending().into_iter().map(|seat| seat.person.as_str()).collect()
}

#[test]
fn the_requester_is_not_asked_unless_the_definition_says_so() {
    assert_eq!(who(&World::asking(json!({}), &G)), ["anna", "ben"]);
    assert_eq!(who(&World::asking(json!({ "Exclude": [] }), &G)), ["anna", "ben", "rita"]);
    let both = json!({ "Exclude": ["{% ['anna', 'rita'] %}"] });
    assert_eq!(who(&World::asking(both, &G)), ["ben"]);
    let by_input = json!({ "Exclude": ["{% $states.input.requester.id %}"] });
    let mut world = World::asking(by_input, &G);
    let refused = Rejected::Excluded { name: "You".into(), because: "made the request".into() };
    assert_eq!(world.vote("rita", "approve"), Err(refused));
}

#[test]
fn excluding_null_excludes_nobody_and_excluding_what_does_not_exist_is_an_error() {
    assert_eq!(who(&World::asking(json!({ "Exclude": ["{% null %}"] }), &G)), ["anna", "ben", "rita"]);
    for wrong in ["{% $states.input.requestor.id %}", "{% 7 %}"] {
        let world = World::asking(json!({ "Exclude": [wrong] }), &G);
        assert_eq!(world.failure().0, "States.QueryEvaluationError", "{wrong}");
        assert!(world.history().contains(&"EvaluationFailed".to_owned()));
    }
}

#[test]
fn a_person_found_twice_has_one_seat() {
    let fields = json!({ "Groups": [{ "Name": "g", "From": [{ "Role": "g" }, { "User": "anna" }], "Quorum": "All" }] });
    let mut world = World::asking(fields, &[("g", &["anna", "ben"])]);
    assert_eq!(world.open().groups[0].quorum, 2);
    world.vote("anna", "approve").unwrap();
    world.vote("ben", "approve").unwrap();
    assert_eq!(world.output(), "approved");
}

#[test]
fn the_same_decision_again_is_repeated_another_is_refused_and_both_hold_after_closing() {
    let two = json!({ "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": 2 }] });
    let mut world = World::asking(two, &G);
    world.vote("anna", "approve").unwrap();
    let at = world.now;
    world.now += 5;
    let check = |world: &mut World| {
        let repeated = Rejected::Repeated { decision: "approve".into(), at };
        assert_eq!(world.vote("anna", "approve"), Err(repeated));
        assert_eq!(world.vote("anna", "reject"), Err(Rejected::Decided { decision: "approve".into(), at }));
    };
    check(&mut world);
    world.vote("ben", "approve").unwrap();
    check(&mut world);
    let late = Rejected::AlreadyDecided { outcome: "approved".into(), by: Some("BEN".into()), at: world.now };
    assert_eq!(world.vote("rita", "approve"), Err(late));
}

#[test]
fn answers_to_what_is_not_open_are_late() {
    let mut world = World::asking(json!({}), &G);
    for kind in [
        EventKind::TaskSucceeded { activity: 1, output: json!(1) },
        EventKind::TaskFailed { activity: 1, error: "E".into(), cause: "c".into() },
        EventKind::ApproversFound { activity: 1, groups: vec![] },
        EventKind::ApproversFound { activity: 9, groups: vec![] },
    ] {
        assert!(matches!(world.take_one(kind), Err(Rejected::Late { .. })));
    }
    assert_eq!(may_decide(&world.instance, 7, "anna").err(), Some(Rejected::Late { activity: 7 }));
    assert_eq!(world.vote("carl", "approve"), Err(Rejected::NotAsked));
    let again = EventKind::started(json!(1), None);
    assert_eq!(world.take(again), Err(Rejected::AlreadyStarted));
    assert_eq!(world.take(EventKind::DeadlineReached), Err(Rejected::NotDue));
}

#[test]
fn a_seat_that_is_given_away_counts_for_who_has_it_and_can_come_back() {
    let mut world = World::asking(json!({}), &G);
    let effects = world.reassign("anna", "dora").unwrap();
    assert_eq!((asked(&effects), released(&effects)), (vec!["dora"], vec![("anna", "reassigned")]));
    assert_eq!(world.vote("anna", "approve"), Err(Rejected::GivenAway { to: "DORA".into() }));
    assert_eq!(world.reassign("anna", "emil"), Err(Rejected::GivenAway { to: "DORA".into() }));
    world.reassign("dora", "anna").unwrap();
    assert_eq!(world.vote("dora", "approve"), Err(Rejected::GivenAway { to: "ANNA".into() }));
    world.vote("anna", "approve").unwrap();
    assert_eq!(world.output(), "approved");
    assert_eq!(world.instance.closed[0].approval.votes[0].why.to_string(), "asked instead of DORA");
}

#[test]
fn a_seat_cannot_be_given_to_the_excluded_the_asked_oneself_or_after_deciding() {
    let two = json!({ "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": 2 }] });
    let mut world = World::asking(two, &[("g", &["anna", "ben", "carl"])]);
    let excluded = Rejected::Excluded { name: "RITA".into(), because: "made the request".into() };
    assert_eq!(world.reassign("anna", "rita"), Err(excluded));
    for known in ["ben", "anna"] {
        assert_eq!(world.reassign("anna", known), Err(Rejected::AlreadyAsked { name: known.to_uppercase() }));
    }
    assert_eq!(world.reassign("nobody", "emil"), Err(Rejected::NotAsked));
    world.vote("anna", "approve").unwrap();
    let at = world.now;
    assert_eq!(world.reassign("anna", "emil"), Err(Rejected::Decided { decision: "approve".into(), at }));
    assert_eq!(world.reassign("ben", "anna"), Err(Rejected::AlreadyAsked { name: "ANNA".into() }));
    world.vote("ben", "approve").unwrap();
    let over = world.reassign("carl", "emil");
    assert!(matches!(over, Err(Rejected::AlreadyDecided { .. })), "{over:?}");
}

#[test]
fn who_decided_in_an_earlier_state_is_not_asked_again_nor_given_a_seat() {
    let route = |next: &str| json!({ "approved": { "Next": next }, "rejected": { "Next": "No" } });
    let states = json!({
        "First": { "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "g" }] }], "Outcomes": route("Second") },
        "Second": { "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "g" }] }],
            "Exclude": [{ "DecidedIn": ["First"] }], "Outcomes": route("Yes") },
        "Yes": { "Type": "Succeed" }, "No": { "Type": "Fail" }
    });
    let mut world = World::new(crate::world::definition("First", states)).with(&G);
    world.start(json!({}));
    world.vote("anna", "approve").unwrap();
    assert_eq!(who(&world), ["ben", "rita"]);
    let because = "already decided in First".to_owned();
    assert_eq!(world.vote("anna", "approve"), Err(Rejected::Excluded { name: "You".into(), because: because.clone() }));
    assert_eq!(world.reassign("ben", "anna"), Err(Rejected::Excluded { name: "ANNA".into(), because }));
    world.vote("ben", "reject").unwrap();
    assert_eq!(world.failure(), ("", ""));
}

#[test]
fn cancelling_tells_the_pending_and_nothing_is_taken_afterwards() {
    let mut world = World::asking(json!({ "ExpireAfter": "P1D" }), &G);
    let effects = world.take(EventKind::Cancelled { reason: "not needed".into() }).unwrap();
    assert_eq!(released(&effects), [("anna", "cancelled"), ("ben", "cancelled")]);
    assert_eq!(world.history().last().unwrap(), "ExecutionAborted");
    assert_eq!(world.due(), None);
    let over = Rejected::NotRunning { status: "cancelled" };
    assert_eq!(world.vote("anna", "approve"), Err(over.clone()));
    assert_eq!(world.reassign("anna", "dora"), Err(over.clone()));
    assert_eq!(world.take(EventKind::DeadlineReached), Err(over.clone()));
    assert_eq!(world.take(EventKind::Cancelled { reason: "again".into() }), Err(over));
}
