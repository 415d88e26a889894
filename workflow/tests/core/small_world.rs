//! A small world, exhaustively: two or three approvers, a reassignment, a reminder, an escalation, an expiry, and every
//! order of events up to a depth.

use serde_json::{Value, json};
use std::collections::{BTreeSet, HashSet};
use workflow::{
    Actor, Candidate, Definition, DefinitionRef, Effect, Event, EventKind, FoundGroup, Instance, Rejected, Status, Why,
    may_decide, next_due, step,
};

use crate::world::{START, asking_document, candidate};

const DEPTH: usize = 8;

/// Everything that people and time can do here.
fn moves(people: &[&str], activity: u64) -> Vec<EventKind> {
    let vote = |person: &&str, decision: &str| EventKind::Voted {
        activity,
        person: (*person).to_owned(),
        decision: decision.to_owned(),
        form: None,
        comment: None,
    };
    let mut found: Vec<EventKind> = people.iter().map(|person| vote(person, "approve")).collect();
    found.extend(people.iter().map(|person| vote(person, "reject")));
    found.extend(["rita", "dora", "zoe"].iter().map(|person| vote(person, "approve")));
    found.push(vote(&"zoe", "reject"));
    for to in ["dora", "rita"] {
        let (from, to) = ("anna".to_owned(), candidate(to, Why::Named));
        found.push(EventKind::Reassigned { activity, from, to, reason: "away".to_owned() });
    }
    found.push(EventKind::DeadlineReached);
    found
}

fn started(definition: &Definition, people: &[&str]) -> Instance {
    let instance = Instance::new("i", "acme", DefinitionRef { name: "t/t".into(), version: 1 });
    let kind = EventKind::started(json!({}), Some("rita".into()));
    let begun = step(definition, &instance, &Event { at: START, by: Actor::System, kind }).unwrap().instance;
    let people: Vec<Candidate> = people.iter().chain(&["rita"]).map(|person| candidate(person, Why::Named)).collect();
    let groups = vec![FoundGroup { name: "g".into(), people }];
    let kind = EventKind::ApproversFound { activity: 1, groups };
    step(definition, &begun, &Event { at: START, by: Actor::System, kind }).unwrap().instance
}

/// The instance after the event, with the approvers of an escalation found.
fn taken(definition: &Definition, instance: &Instance, event: &Event) -> Result<Instance, Rejected> {
    let transition = step(definition, instance, event)?;
    let (mut after, mut effects) = (transition.instance, transition.effects);
    if let Some(Effect::FindApprovers { activity, .. }) = effects.last() {
        let people = vec![candidate("zoe", Why::Named), candidate("rita", Why::Named)];
        let groups = vec![FoundGroup { name: "escalation".into(), people }];
        let kind = EventKind::ApproversFound { activity: *activity, groups };
        let found = step(definition, &after, &Event { at: event.at, by: Actor::System, kind })?;
        effects.extend(found.effects);
        after = found.instance;
    }
    for effect in &effects {
        if let Effect::Ask(asking) = effect {
            assert!(may_decide(&after, asking.activity, &asking.person).is_ok(), "{} is asked in vain", asking.person);
        }
    }
    Ok(after)
}

/// What must hold wherever an instance can get.
fn check(definition: &Definition, instance: &Instance, late_reject: bool) {
    let approvals = instance
        .closed
        .iter()
        .map(|closed| &closed.approval)
        .chain(instance.open_approvals().next().map(|(_, open)| open));
    for approval in approvals {
        let voters: Vec<&str> = approval.votes.iter().map(|vote| vote.who.as_str()).collect();
        assert_eq!(voters.iter().collect::<HashSet<_>>().len(), voters.len(), "somebody is counted twice");
        assert!(!voters.contains(&"rita"), "the excluded is counted");
        assert!(approval.seats_of("rita").next().is_none(), "the excluded has a seat");
    }
    assert!(
        instance.closed.len() <= 1
            && (instance.open_approvals().next().map(|(_, open)| open).is_none() || instance.closed.is_empty())
    );
    if let (Some(closed), Status::Succeeded { output, .. }) = (instance.closed.first(), &instance.status) {
        assert_eq!(output, &json!(closed.outcome), "closed with one outcome, left with another");
        let yes = closed.approval.votes.iter().filter(|vote| vote.decision == "approve").count();
        let no = closed.approval.votes.len() - yes;
        match closed.outcome.as_str() {
            "approved" => assert!(yes >= closed.approval.groups[0].quorum && (late_reject || no == 0)),
            "rejected" => assert!(yes < closed.approval.groups[0].quorum && no >= 1),
            _ => assert!(late_reject || no == 0),
        }
    }
    if instance.open_approvals().next().map(|(_, open)| open).is_some() {
        let due = next_due(definition, instance).expect("an open approval with an expiry is due some day");
        let at = |at: i64| Event { at, by: Actor::System, kind: EventKind::DeadlineReached };
        assert!(step(definition, instance, &at(due)).is_ok(), "due, but not taken");
        assert_eq!(step(definition, instance, &at(due - 1)), Err(Rejected::NotDue));
    }
    if !matches!(instance.status, Status::Running(_)) {
        assert_eq!(next_due(definition, instance), None);
    }
}

/// Visits every instance that can be reached, once, and says how many there are and how they end.
fn explore(fields: Value, people: &[&str]) -> (usize, BTreeSet<String>) {
    let late_reject = fields["RejectWhen"] == "QuorumImpossible";
    let definition = Definition::parse(&asking_document(fields)).unwrap();
    let mut level = vec![started(&definition, people)];
    let (mut seen, mut ends, mut visited) = (HashSet::new(), BTreeSet::new(), 0);
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for instance in level {
            for kind in moves(people, 1) {
                let due = next_due(&definition, &instance).unwrap_or(START);
                let at = if kind == EventKind::DeadlineReached { due } else { START };
                let event = Event { at, by: Actor::System, kind };
                let Ok(after) = taken(&definition, &instance, &event) else { continue };
                assert!(matches!(instance.status, Status::Running(_)), "closed, but it took {event:?}");
                check(&definition, &after, late_reject);
                if let Status::Succeeded { output, .. } = &after.status {
                    ends.insert(output.as_str().unwrap().to_owned());
                }
                // The same situation by another way; the number of events does not matter.
                let key = serde_json::to_string(&Instance { version: 0, ..after.clone() }).unwrap();
                if seen.insert(key) {
                    visited += 1;
                    next.push(after);
                }
            }
        }
        level = next;
    }
    (visited, ends)
}

#[test]
fn nothing_that_people_and_time_can_do_breaks_an_approval() {
    let escalations = [
        json!([]),
        json!([{ "After": "P2D", "Do": "AddApprovers", "From": [{ "User": "zoe" }] }]),
        json!([{ "After": "P2D", "Do": "Replace", "From": [{ "User": "zoe" }] }]),
        json!([{ "After": "P1D", "Do": "Decide", "Outcome": "late" }]),
    ];
    let mut visited = 0;
    for people in [&["anna", "ben"][..], &["anna", "ben", "carl"]] {
        for (quorum, reject) in [(1, "First"), (2, "First"), (1, "QuorumImpossible"), (2, "QuorumImpossible")] {
            for escalation in &escalations {
                let fields = json!({ "Groups": [{ "Name": "g", "From": [{ "Role": "g" }], "Quorum": quorum }],
                    "RejectWhen": reject, "Reminders": [{ "After": "P1D" }], "Escalations": escalation,
                    "ExpireAfter": "P3D" });
                let (found, ends) = explore(fields, people);
                visited += found;
                assert!(ends.contains("approved") && ends.contains("rejected"), "{ends:?}");
                assert!(ends.contains("expired") || ends.contains("late"), "{ends:?}");
            }
        }
    }
    println!("{visited} situations");
    assert!(visited > 1_000);
}
