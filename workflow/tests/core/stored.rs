//! The JSON of everything that is stored, variant by variant: these names live for ever.

use insta::assert_json_snapshot;
use serde_json::{Map, json};
use workflow::definition::ApproverSource;
use workflow::{
    Activity, Actor, Asking, Branch, Candidate, Channel, ClosedApproval, DefinitionRef, Effect, Entry, Event,
    EventKind, Excluded, FoundGroup, Heartbeat, Instance, ItemLane, ItemOutput, Items, Lane, Occasion, OpenApproval,
    OpenGroup, Parent, Running, Seat, Signal, Status, Subject, Vote, WantedGroup, Why,
};

fn whys() -> Vec<Why> {
    vec![
        Why::Named,
        Why::Role("treasury".into()),
        Why::ManagerOf("ANNA".into()),
        Why::HeadOf("IT".into()),
        Why::Authority { step: "cfo".into(), role: "cfo".into() },
        Why::InsteadOf("BEN".into()),
    ]
}

fn candidate() -> Candidate {
    Candidate { person: "anna".into(), name: "ANNA".into(), why: Why::Named }
}

fn approval() -> OpenApproval {
    let seat = |gave: Vec<String>| Seat { person: "anna".into(), name: "ANNA".into(), why: Why::Named, since: 1, gave };
    OpenApproval {
        activity: 3,
        round: 2,
        opened_at: 1,
        title: "PO-1".into(),
        details: Some("more".into()),
        subject: Some(Subject { kind: "purchasing/orders".into(), id: "1".into() }),
        excluded: vec![Excluded { person: "rita".into(), because: "made the request".into() }],
        groups: vec![OpenGroup { name: "g".into(), seats: vec![seat(vec![]), seat(vec!["ben".into()])], quorum: 1 }],
        votes: vec![Vote {
            who: "anna".into(),
            name: "ANNA".into(),
            groups: vec!["g".into()],
            decision: "approve".into(),
            at: 2,
            comment: None,
            form: Some(json!({ "rate": "1.1" })),
            why: Why::Named,
        }],
        reminded: vec![1],
        escalated: 1,
        items: vec![],
    }
}

fn running(activity: Activity) -> Status {
    let branch = Branch {
        state: "Ask".into(),
        entered_at: 1,
        input: json!({}),
        variables: Map::from_iter([("x".to_owned(), json!(1))]),
        retries: vec![0, 2],
        activity,
    };
    Status::Running(running_in(branch))
}

fn running_in(branch: Branch) -> Running {
    let (input, requester) = (json!({ "a": 1 }), Some("rita".into()));
    Running {
        started_at: 1,
        input,
        requester,
        next_activity: 3,
        deadline: Some(9),
        branch,
        secret: String::new(),
        signals: vec![],
        cancelling: None,
        parent: None,
    }
}

fn branch(activity: Activity) -> Branch {
    let (state, input, variables) = ("In".into(), json!(1), Map::new());
    Branch { state, entered_at: 2, input, variables, retries: vec![], activity }
}

/// What came with `Parallel`, `Map`, callbacks, signals and workflows within workflows.
#[test]
fn the_json_of_what_the_whole_language_stores() {
    let lanes = vec![Lane::Open(Box::new(branch(Activity::Time { until: 5 }))), Lane::Done { output: json!(null) }];
    let items = Items {
        items: vec![json!("a"), json!("b"), json!("c")],
        begun: 2,
        concurrency: 1,
        tolerated: 1,
        failed: 0,
        lanes: vec![ItemLane {
            item: 1,
            branch: branch(Activity::Decision(OpenApproval { items: vec![1], ..approval() })),
        }],
        outputs: vec![ItemOutput { item: 0, output: json!({}) }],
    };
    let heartbeat = Some(Heartbeat { every_ms: 1_000, due: 9 });
    let activities = [
        Activity::Branches { lanes },
        Activity::Items(items),
        Activity::Task { activity: 1, deadline: Some(9), heartbeat, child: Some("child".into()) },
        Activity::Signal { activity: 1, name: "goods".into(), deadline: None },
    ];
    activities.iter().for_each(complete_activity);
    let mut statuses: Vec<Status> = activities.into_iter().map(running).collect();
    statuses.push(Status::Running(Running {
        secret: "s".into(),
        signals: vec![Signal { name: "goods".into(), data: json!(1) }],
        cancelling: Some("not needed".into()),
        parent: Some(Parent { instance: "i".into(), activity: 2 }),
        ..running_in(branch(Activity::Moving))
    }));
    assert_json_snapshot!("language_statuses", again(&statuses));
    let parent = Some(Parent { instance: "i".into(), activity: 2 });
    let events = vec![
        EventKind::Started { input: json!(1), requester: None, secret: "s".into(), parent },
        EventKind::TaskHeartbeat { activity: 1 },
        EventKind::Signalled { name: "goods".into(), data: json!({}) },
    ];
    assert_json_snapshot!("language_events", again(&events));
    let effects = vec![
        Effect::Perform { activity: 1, resource: "workflow.run".into(), arguments: json!({}), child: Some("c".into()) },
        Effect::CancelChild { instance: "c".into(), reason: "r".into() },
    ];
    assert_json_snapshot!("language_effects", again(&effects));
    assert_json_snapshot!("language_entry", again(&Entry { child: true, ..Entry::of("PassStateEntered", "In") }));
}

#[test]
fn the_json_of_events() {
    let kinds = vec![
        EventKind::started(json!({ "a": 1 }), Some("rita".into())),
        EventKind::DeadlineReached,
        EventKind::TaskSucceeded { activity: 1, output: json!(null) },
        EventKind::TaskFailed { activity: 1, error: "Mail.Rejected".into(), cause: "550".into() },
        EventKind::ApproversFound {
            activity: 1,
            groups: vec![FoundGroup { name: "g".into(), people: vec![candidate()] }],
        },
        EventKind::Voted {
            activity: 1,
            person: "anna".into(),
            decision: "approve".into(),
            form: None,
            comment: Some("fine".into()),
        },
        EventKind::Reassigned { activity: 1, from: "ben".into(), to: candidate(), reason: "away".into() },
        EventKind::Cancelled { reason: "not needed".into() },
    ];
    for kind in &kinds {
        complete_event(kind);
    }
    let by = [
        Actor::System,
        Actor::Person { id: "anna".into(), through: Channel::Link },
        Actor::Person { id: "anna".into(), through: Channel::Token },
    ];
    let events: Vec<Event> =
        kinds.into_iter().zip(by.iter().cycle()).map(|(kind, by)| Event { at: 1, by: by.clone(), kind }).collect();
    assert_json_snapshot!(again(&events));
}

#[test]
fn the_json_of_instances() {
    let activities = [
        Activity::Moving,
        Activity::Time { until: 5 },
        Activity::Task { activity: 1, deadline: None, heartbeat: None, child: None },
        Activity::Retry { until: 5 },
        Activity::Approvers(approval()),
        Activity::Decision(approval()),
    ];
    activities.iter().for_each(complete_activity);
    let mut statuses: Vec<Status> = activities.into_iter().map(running).collect();
    statuses.extend([
        Status::New,
        Status::Succeeded { at: 1, output: json!(null) },
        Status::Failed { at: 1, state: "Ask".into(), error: "E".into(), cause: "c".into() },
        Status::Cancelled { at: 1, reason: "r".into() },
    ]);
    statuses.iter().for_each(complete_status);
    let reference = DefinitionRef { name: "purchasing/order".into(), version: 2 };
    let mut instance = Instance::new("i", "acme", reference);
    instance.closed.push(ClosedApproval {
        state: "Ask".into(),
        closed_at: 2,
        outcome: "approved".into(),
        by_escalation: false,
        approval: approval(),
    });
    let instances: Vec<Instance> = statuses.into_iter().map(|status| Instance { status, ..instance.clone() }).collect();
    let (first, rest) = instances.split_first().unwrap();
    assert_json_snapshot!("instance", again(first));
    let rest: Vec<&Status> = rest.iter().map(|instance| &instance.status).collect();
    assert_json_snapshot!("statuses", rest);
    assert_eq!(again(&instances), instances);
}

#[test]
fn the_json_of_effects_reasons_and_entries() {
    let source = |name: &str| name.to_owned();
    let from = vec![
        ApproverSource::User(source("anna")),
        ApproverSource::Role(source("treasury")),
        ApproverSource::ManagerOf(source("anna")),
        ApproverSource::ManagerOfPending,
        ApproverSource::HeadOf(source("IT")),
        ApproverSource::Matrix(source("cfo")),
        ApproverSource::Expr(source("anna")),
    ];
    let ask = |occasion| Effect::Ask(Asking { activity: 1, person: "anna".into(), occasion });
    let effects = vec![
        Effect::Perform { activity: 1, resource: "mail.send".into(), arguments: json!({}), child: None },
        Effect::FindApprovers { activity: 1, groups: vec![WantedGroup { name: "g".into(), from }] },
        ask(Occasion::Opened),
        ask(Occasion::Reminder(2)),
        ask(Occasion::Escalation),
        Effect::Release { activity: 1, person: "anna".into(), because: "approved".into(), by: None },
    ];
    effects.iter().for_each(complete_effect);
    assert_json_snapshot!("effects", again(&effects));
    assert_json_snapshot!("whys", again(&whys()));
    let sentences: Vec<String> = whys().iter().map(ToString::to_string).collect();
    assert_json_snapshot!("why_sentences", sentences);
    let mut full = Entry::of("TaskFailed", "T");
    (full.input, full.output) = (Some(json!(null)), Some(json!(null)));
    (full.error, full.cause, full.details) = (Some("E".into()), Some("c".into()), Some(json!({ "a": 1 })));
    assert_json_snapshot!("entries", again(&vec![Entry::new("ExecutionStarted"), full]));
}

/// The value after it was written and read.
fn again<T>(value: &T) -> T
where
    T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let again: T = serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap();
    assert_eq!(&again, value);
    again
}

/// A new variant does not compile here: then it belongs into the lists above.
fn complete_event(kind: &EventKind) {
    match kind {
        EventKind::Started { .. }
        | EventKind::DeadlineReached
        | EventKind::TaskSucceeded { .. }
        | EventKind::TaskFailed { .. }
        | EventKind::TaskHeartbeat { .. }
        | EventKind::Signalled { .. }
        | EventKind::ApproversFound { .. }
        | EventKind::Voted { .. }
        | EventKind::Reassigned { .. }
        | EventKind::Cancelled { .. } => {}
    }
}

fn complete_activity(activity: &Activity) {
    match activity {
        Activity::Moving
        | Activity::Time { .. }
        | Activity::Task { .. }
        | Activity::Retry { .. }
        | Activity::Approvers(_)
        | Activity::Signal { .. }
        | Activity::Branches { .. }
        | Activity::Items(_)
        | Activity::Decision(_) => {}
    }
}

fn complete_status(status: &Status) {
    match status {
        Status::New
        | Status::Running(_)
        | Status::Succeeded { .. }
        | Status::Failed { .. }
        | Status::Cancelled { .. } => {}
    }
}

fn complete_effect(effect: &Effect) {
    match effect {
        Effect::Perform { .. }
        | Effect::FindApprovers { .. }
        | Effect::CancelChild { .. }
        | Effect::Ask(_)
        | Effect::Release { .. } => {}
    }
}
