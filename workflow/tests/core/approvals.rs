//! Approvals: groups, quorums, decisions, forms, comments, nobody to ask.

use crate::world::{World, asked, definition, released};
use serde_json::{Value, json};
use workflow::Rejected;

fn group(quorum: Value) -> Value {
    json!({ "Name": "g", "From": [{ "Role": "g" }], "Quorum": quorum })
}

/// Casts votes until the approval is closed: `anna+` approves, `anna-` rejects. The outcome, or `open`.
fn outcome(world: &mut World, votes: &[&str]) -> String {
    for vote in votes {
        let (person, decision) = vote.split_at(vote.len() - 1);
        world.vote(person, if decision == "+" { "approve" } else { "reject" }).unwrap();
    }
    if world.instance.open_approvals().next().map(|(_, open)| open).is_some() {
        "open".into()
    } else {
        world.output().as_str().unwrap().into()
    }
}

#[test]
fn a_quorum_is_a_number_all_or_a_share_rounded_up() {
    let five: [(&str, &[&str]); 1] = [("g", &["a", "b", "c", "d", "e"])];
    for (quorum, needed) in [
        (json!(1), 1),
        (json!(3), 3),
        (json!("All"), 5),
        (json!("1%"), 1),
        (json!("20%"), 1),
        (json!("21%"), 2),
        (json!("50%"), 3),
        (json!("100%"), 5),
    ] {
        let mut world = World::asking(json!({ "Groups": [group(quorum.clone())] }), &five);
        let votes: Vec<String> = "abcde".chars().map(|person| format!("{person}+")).take(needed).collect();
        let votes: Vec<&str> = votes.iter().map(String::as_str).collect();
        assert_eq!(outcome(&mut world, &votes[..needed - 1]), "open", "{quorum}");
        assert_eq!(outcome(&mut world, &votes[needed - 1..]), "approved", "{quorum}");
    }
}

#[test]
fn votes_come_to_an_outcome() {
    let groups = json!([
        { "Name": "finance", "From": [{ "Role": "finance" }], "Quorum": 2 },
        { "Name": "head", "From": [{ "Role": "head" }] }
    ]);
    let roles: [(&str, &[&str]); 2] = [("finance", &["a", "b", "c"]), ("head", &["h", "a"])];
    let with = |more: Value| {
        let mut fields = json!({ "Groups": groups });
        fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        fields
    };
    let any = json!({ "Require": "AnyGroup" });
    let one = json!({ "OnePersonOneGroup": true });
    let late = json!({ "RejectWhen": "QuorumImpossible" });
    let any_late = json!({ "Require": "AnyGroup", "RejectWhen": "QuorumImpossible" });
    let one_late = json!({ "OnePersonOneGroup": true, "RejectWhen": "QuorumImpossible" });
    let cases: [(&Value, &[&str], &str); 21] = [
        (&json!({}), &["b+", "c+"], "open"),
        (&json!({}), &["b+", "c+", "h+"], "approved"),
        (&json!({}), &["a+", "b+"], "approved"),
        (&json!({}), &["b+", "h+", "c-"], "rejected"),
        (&json!({}), &["h-"], "rejected"),
        (&any, &["h+"], "approved"),
        (&any, &["b+"], "open"),
        (&any, &["b+", "c+"], "approved"),
        (&any, &["b-"], "rejected"),
        (&any_late, &["h-", "b-"], "open"),
        (&any_late, &["h-", "b-", "c-"], "open"),
        (&any_late, &["h-", "b-", "a+"], "approved"),
        (&any_late, &["h-", "b-", "a-"], "rejected"),
        (&one, &["a+", "b+"], "open"),
        (&one, &["a+", "b+", "c+"], "approved"),
        (&one, &["a+", "b+", "h+"], "approved"),
        (&one, &["h+", "b+", "a+"], "approved"),
        (&late, &["c-"], "open"),
        (&late, &["c-", "b-"], "rejected"),
        (&one_late, &["c-", "h-"], "rejected"),
        (&one_late, &["c-", "h+", "b+", "a+"], "approved"),
    ];
    for (more, votes, expected) in cases {
        let mut world = World::asking(with(more.clone()), &roles);
        assert_eq!(outcome(&mut world, votes), expected, "{more} {votes:?}");
    }
}

/// Anna sits in three groups and Ben in two: only one way of sharing them out works, whoever votes first.
#[test]
fn one_person_one_group_does_not_depend_on_the_order_of_the_votes() {
    let groups: Vec<Value> = ["x", "y", "z"].map(|name| json!({ "Name": name, "From": [{ "Role": name }] })).into();
    let roles: [(&str, &[&str]); 3] = [("x", &["anna", "ben", "carl"]), ("y", &["anna", "ben"]), ("z", &["anna"])];
    let people = ["anna+", "ben+", "carl+"];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut world = World::asking(json!({ "Groups": groups, "OnePersonOneGroup": true }), &roles);
        let votes = order.map(|n: usize| people[n]);
        assert_eq!(outcome(&mut world, &votes[..2]), "open", "{votes:?}");
        assert_eq!(outcome(&mut world, &votes[2..]), "approved", "{votes:?}");
    }
}

#[test]
fn the_decision_closes_the_question_for_the_others_and_names_who_decided() {
    let mut world = World::asking(json!({}), &[("g", &["anna", "ben", "carl"])]);
    assert_eq!(asked(&world.effects), ["anna", "ben", "carl"]);
    let effects = world.vote_with("ben", "reject", None, Some("  too expensive ")).unwrap();
    assert_eq!(released(&effects), [("anna", "rejected"), ("carl", "rejected")]);
    let closed = &world.instance.closed[0];
    assert_eq!(closed.deciding_vote().unwrap().comment.as_deref(), Some("too expensive"));
    let exited = world.entries().find(|entry| entry.kind == "ApprovalStateExited").unwrap();
    let result = exited.output.as_ref().unwrap();
    assert_eq!((&result["outcome"], &result["by"], &result["round"]), (&json!("rejected"), &json!("ben"), &json!(1)));
    assert_eq!(result["votes"][0]["via"], "has the role g");
    let opened = "ExecutionStarted ApprovalStateEntered ApprovalOpened ApprovalVoted ApprovalClosed ApprovalStateExited \
                  SucceedStateEntered SucceedStateExited ExecutionSucceeded";
    let kinds: Vec<&str> = world.entries().map(|entry| entry.kind.as_str()).collect();
    assert_eq!(kinds.join(" "), opened);
}

#[test]
fn own_decisions_lead_to_their_outcomes_and_may_need_a_form_or_a_reason() {
    let decisions = json!([
        { "Name": "enter", "Outcome": "entered", "Form": "rate" },
        { "Name": "skip", "Outcome": "skipped" }
    ]);
    let fields = json!({ "Decisions": decisions, "CommentRequired": ["skip"] });
    let new = || World::asking(fields.clone(), &[("g", &["anna"])]);
    let mut world = new();
    let known = "enter, skip".to_owned();
    assert_eq!(world.vote("anna", "approve"), Err(Rejected::UnknownDecision { decision: "approve".into(), known }));
    let form = Rejected::FormRequired { decision: "enter".into() };
    assert_eq!(world.vote("anna", "enter"), Err(form.clone()));
    assert_eq!(world.vote_with("anna", "enter", Some(Value::Null), None), Err(form));
    world.vote_with("anna", "enter", Some(json!({ "rate": "1.1" })), None).unwrap();
    assert_eq!(world.output(), "entered");
    let mut world = new();
    for nothing in [None, Some(""), Some(" \n\t ")] {
        let required = Rejected::CommentRequired { decision: "skip".into() };
        assert_eq!(world.vote_with("anna", "skip", None, nothing), Err(required));
    }
    let most = workflow::MAX_COMMENT_CHARS;
    let long = "ä".repeat(most + 1);
    let refused = world.vote_with("anna", "skip", None, Some(&long));
    assert_eq!(refused, Err(Rejected::CommentTooLong { length: most + 1 }));
    world.vote_with("anna", "skip", Some(Value::Null), Some(&"ä".repeat(most))).unwrap();
    assert_eq!(world.output(), "skipped");
}

#[test]
fn a_quorum_of_own_decisions_that_nobody_can_reach_any_more_is_an_error_that_is_kept() {
    let decisions = json!([{ "Name": "x", "Outcome": "ex" }, { "Name": "y", "Outcome": "why" }]);
    let fields = json!({ "Decisions": decisions, "Groups": [group(json!("All"))],
        "Catch": [{ "ErrorEquals": ["Approval.NoAgreement"], "Next": "Caught" }] });
    let mut world = World::asking(fields, &[("g", &["anna", "ben", "carl"])]);
    world.vote("anna", "x").unwrap();
    let effects = world.vote("ben", "y").unwrap();
    assert_eq!(released(&effects), [("carl", "no_agreement")], "who can still be asked must hear that it is over");
    assert_eq!(world.output(), "Approval.NoAgreement");
    let closed = &world.instance.closed[0];
    assert_eq!((closed.approval.votes.len(), closed.deciding_vote()), (2, None));
    assert!(matches!(world.vote("carl", "x"), Err(Rejected::AlreadyDecided { by: None, .. })));
}

#[test]
fn nobody_to_ask_is_an_error_or_the_outcome_that_the_definition_names() {
    let fails = World::asking(json!({}), &[]);
    let cause = "too few people can be asked: g needs 1 and has 0 (the people who must not decide are left out)";
    assert_eq!(fails.failure(), ("Approval.NoApprover", cause));
    let catch = json!({ "Catch": [{ "ErrorEquals": ["Approval.NoApprover"], "Next": "Caught" }] });
    assert_eq!(World::asking(catch, &[("g", &["rita"])]).output(), "Approval.NoApprover");
    let outcome = json!({ "OnNobody": "escalated", "Groups": [group(json!(2))] });
    let world = World::asking(outcome, &[("g", &["anna"])]);
    assert_eq!(world.output(), "escalated");
    assert_eq!(world.effects, [], "nobody was asked, so nobody is told");
    let any = json!({ "Require": "AnyGroup", "Groups": [group(json!(1)), { "Name": "h", "From": [{ "Role": "h" }] }] });
    assert_eq!(asked(&World::asking(any, &[("h", &["anna"])]).effects), ["anna"]);
    let shared =
        json!({ "OnePersonOneGroup": true, "Groups": [group(json!(1)), { "Name": "h", "From": [{ "Role": "g" }] }] });
    assert!(World::asking(shared, &[("g", &["anna"])]).failure().1.contains("the groups share too few people"));
}

#[test]
fn a_second_round_of_the_same_state_is_counted_and_earlier_votes_do_not_count() {
    let states = json!({
        "Ask": { "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": 2 }],
            "Outcomes": { "approved": { "Next": "Yes" }, "rejected": { "Assign": { "n": 1 }, "Next": "Ask" } } },
        "Yes": { "Type": "Succeed" }
    });
    let mut world = World::new(crate::world::definition("Ask", states)).with(&[("g", &["anna", "ben"])]);
    world.start(json!({}));
    world.vote("anna", "approve").unwrap();
    world.vote("ben", "reject").unwrap();
    assert_eq!((world.open().round, world.open().votes.len(), world.open().activity), (2, 0, 2));
    let first = world.instance.closed[0].approval.activity;
    let late = workflow::may_decide(&world.instance, first, "anna").err();
    assert!(matches!(late, Some(Rejected::Decided { .. })), "{late:?}");
    world.vote("anna", "approve").unwrap();
    world.vote("ben", "approve").unwrap();
    assert_eq!(world.output()["round"], 2);
}

#[test]
fn what_all_approvals_share_counts_where_an_approval_says_nothing() {
    let mut document = crate::world::asking_document(json!({ "ExpireAfter": "P2D", "Exclude": [] }));
    document["ApprovalDefaults"] = json!({ "ExpireAfter": "P9D", "CommentRequired": ["reject", "withdraw"],
        "Reminders": [{ "After": "P1D" }], "Details": "shared", "Exclude": ["{% 'anna' %}"] });
    let definition = workflow::Definition::parse(&document).unwrap();
    let mut world = World::new(definition).with(&[("g", &["anna", "rita"])]);
    world.start(json!({}));
    assert_eq!(world.due(), Some(crate::world::START + crate::world::DAY), "the shared reminder");
    assert_eq!(world.open().details.as_deref(), Some("shared"));
    assert_eq!(world.open().pending().len(), 2, "the own Exclude, which is empty");
    assert_eq!(world.vote("anna", "reject"), Err(Rejected::CommentRequired { decision: "reject".into() }));
    world.pass(2 * crate::world::DAY);
    assert_eq!(world.output(), "expired", "the own ExpireAfter");
}

#[test]
fn of_an_approval_that_is_asked_again_and_again_the_last_rounds_are_kept() {
    let again = json!({ "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "g" }] }],
        "Outcomes": { "approved": { "Next": "Ask" }, "rejected": { "Next": "Other" } } });
    let other = json!({ "Type": "Approval", "Groups": [{ "Name": "g", "From": [{ "Role": "h" }] }],
        "Exclude": [{ "DecidedIn": ["Ask"] }], "Outcomes": { "approved": { "Next": "Done" }, "rejected": { "Next": "Done" } } });
    let states = json!({ "Ask": again, "Other": other, "Done": { "Type": "Succeed" } });
    let mut world =
        World::new(definition("Ask", states)).with(&[("g", &["anna", "ben"]), ("h", &["anna", "ben", "carl"])]);
    world.start(json!({}));
    world.vote("anna", "approve").unwrap();
    for round in 2..=25 {
        assert_eq!(world.open().round, round);
        world.vote("ben", "approve").unwrap();
    }
    world.vote("ben", "reject").unwrap();
    let kept: Vec<u32> = world.instance.closed.iter().map(|closed| closed.approval.round).collect();
    assert_eq!(kept, (17..=26).collect::<Vec<u32>>());
    assert_eq!(kept.len(), workflow::KEPT_ROUNDS);
    let [earlier] = world.instance.earlier.as_slice() else { panic!("{:?}", world.instance.earlier) };
    assert_eq!((earlier.rounds, earlier.decided.as_slice()), (16, ["anna".to_owned(), "ben".to_owned()].as_slice()));
    // Whoever decided in a round that is not kept any more has decided.
    let seats: Vec<&str> = world.open().groups[0].seats.iter().map(|seat| seat.person.as_str()).collect();
    assert_eq!(seats, ["carl"]);
}
