//! Sequences of events: sensible ones, senseless ones, early, late and twice.

use crate::case::Case;
use crate::play::Play;
use serde_json::{Value, json};
use workflow::{Candidate, Definition, Effect, EventKind, FoundGroup, Why};

/// The most events of a sequence.
const MOST: usize = 120;

/// Half of the bytes choose a definition, the others what happens to its instance.
pub fn events(bytes: &[u8]) {
    let (first, script) = bytes.split_at(bytes.len() / 2);
    let (document, input) = document(first);
    let definition = Definition::parse(&document).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let mut play = Play::new(&definition);
    let mut script = Script(script);
    let secret = "secret".to_owned();
    play.take(EventKind::Started { input, requester: Some("rita".into()), secret, parent: None });
    for _ in 0..MOST {
        if script.0.is_empty() || play.instance.running().is_none() {
            break;
        }
        if script.below(4) == 0 {
            play.deadline();
            continue;
        }
        let kind = script.event(&play);
        play.now += i64::try_from(script.below(3) * script.below(100_000)).unwrap_or_default();
        play.take(kind);
    }
    play.finish();
}

/// A definition from bytes, or one with what those do not have: people, signals, tokens, cancelling.
fn document(bytes: &[u8]) -> (Value, Value) {
    match bytes.split_first() {
        Some((n, rest)) if n % 3 == 0 => {
            let ours = [people(), outside(), both()];
            let n = rest.first().map_or(0, |n| usize::from(*n)) % ours.len();
            (ours[n].clone(), json!({ "a": 1, "c": [{ "n": 0 }, { "n": 1 }] }))
        }
        _ => {
            let case = Case::of(bytes);
            (case.definition, case.input)
        }
    }
}

fn approval(next: &str, escalation: Value) -> Value {
    json!({
        "Type": "Approval", "Title": "{% 'Round ' & $string($states.context.State.Name) %}",
        "Groups": [{ "Name": "g", "From": [{ "Role": "g" }, { "User": "p3" }], "Quorum": 2 }, { "Name": "h", "From": [{ "User": "p1" }] }],
        "RejectWhen": "QuorumImpossible", "OnNobody": "nobody", "ExpireAfter": "P5D", "CommentRequired": ["reject"],
        "Reminders": [{ "After": "P1D", "Every": "P1D", "Max": 2 }],
        "Escalations": [escalation],
        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": next }],
        "Outcomes": { "approved": { "Next": next }, "rejected": { "Next": next }, "nobody": { "Next": next }, "expired": { "Next": next } }
    })
}

fn more() -> Value {
    json!({ "After": "P2D", "Do": "AddApprovers", "From": [{ "ManagerOf": "Pending" }] })
}

fn others() -> Value {
    json!({ "After": "P3D", "Do": "Replace", "From": [{ "User": "p5" }] })
}

fn people() -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "Ask", "States": {
        "Ask": approval("Again", more()), "Again": approval("End", others()), "End": { "Type": "Succeed" } } })
}

fn outside() -> Value {
    let task = |resource: &str, next: &str| {
        json!({ "Type": "Task", "Resource": resource, "TimeoutSeconds": 600, "HeartbeatSeconds": 60, "Next": next,
            "Arguments": { "Name": "go", "token": "{% $exists($states.context.Task) ? $states.context.Task.Token : 'none' %}" },
            "Retry": [{ "ErrorEquals": ["States.TaskFailed"], "MaxAttempts": 1, "JitterStrategy": "FULL" }],
            "Catch": [{ "ErrorEquals": ["Workflow.Cancelled"], "Next": "Undo" }, { "ErrorEquals": ["States.ALL"], "Next": next }] })
    };
    let mut wait = task("signal.wait", "Run");
    wait.as_object_mut().expect("an object").remove("HeartbeatSeconds");
    json!({ "QueryLanguage": "JSONata", "StartAt": "Token", "TimeoutSeconds": 3_600, "States": {
        "Token": task("bank.pay.waitForTaskToken", "Signal"), "Signal": wait, "Run": task("workflow.run", "Undo"),
        "Undo": { "Type": "Wait", "Seconds": 5, "End": true } } })
}

fn both() -> Value {
    let machine = |name: &str| {
        let end = format!("{name}End");
        json!({ "StartAt": name, "States": { name: approval(&end, more()), end: { "Type": "Succeed" } } })
    };
    let items = json!({ "StartAt": "T", "States": { "T": { "Type": "Task", "Resource": "t", "Next": "M" }, "M": approval("MEnd", others()), "MEnd": { "Type": "Succeed" } } });
    json!({ "QueryLanguage": "JSONata", "StartAt": "P", "States": {
        "P": { "Type": "Parallel", "Branches": [machine("A"), machine("B")], "Next": "Each", "Assign": { "x": "{% $states.result %}" },
               "Catch": [{ "ErrorEquals": ["Workflow.Cancelled"], "Next": "Each" }] },
        "Each": { "Type": "Map", "Items": [1, 2, 3], "MaxConcurrency": 2, "ToleratedFailureCount": 1, "ItemProcessor": items, "End": true }
    } })
}

/// What is left of the bytes.
struct Script<'b>(&'b [u8]);

impl Script<'_> {
    fn below(&mut self, most: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        if most <= 256 {
            return usize::from(*first) % most;
        }
        (usize::from(*first) << 8 | self.below(256)) % most
    }

    fn person(&mut self) -> String {
        ["rita", "p1", "p2", "p3", "p4", "p5"][self.below(6)].to_owned()
    }

    fn candidate(&mut self) -> Candidate {
        let person = self.person();
        Candidate { name: person.clone(), person, why: Why::Named }
    }

    fn value(&mut self) -> Value {
        match self.below(5) {
            0 => json!(null),
            1 => json!({ "a": self.below(3), "c": [{ "n": 1 }] }),
            2 => json!([1, 2]),
            3 => json!("text"),
            _ => json!(0.1),
        }
    }

    /// The next event: mostly what somebody waits for.
    fn event(&mut self, play: &Play<'_>) -> EventKind {
        let activity = self.activity(play);
        match self.below(12) {
            0..=2 => EventKind::TaskSucceeded { activity, output: self.value() },
            3 => {
                let error = ["E.One", "E.Two", "States.Timeout", "States.Runtime", ""][self.below(5)].to_owned();
                EventKind::TaskFailed { activity, error, cause: "c".into() }
            }
            4 => EventKind::TaskHeartbeat { activity },
            5 => EventKind::Signalled { name: ["go", "other"][self.below(2)].into(), data: self.value() },
            6 | 7 => {
                let people = (0..self.below(4)).map(|_| self.candidate()).collect();
                EventKind::ApproversFound { activity, groups: vec![FoundGroup { name: "g".into(), people }] }
            }
            8 | 9 => {
                let (person, decision) = (self.person(), ["approve", "reject", "other"][self.below(3)].to_owned());
                let comment = [None, Some("because".to_owned())][self.below(2)].clone();
                EventKind::Voted { activity, person, decision, form: None, comment }
            }
            10 => EventKind::Reassigned { activity, from: self.person(), to: self.candidate(), reason: "away".into() },
            _ if self.below(4) == 0 => EventKind::Cancelled { reason: "enough".into() },
            _ => EventKind::DeadlineReached,
        }
    }

    fn activity(&mut self, play: &Play<'_>) -> u64 {
        let asked = play.wanted.iter().rev().filter_map(|effect| match effect {
            Effect::Perform { activity, .. } | Effect::FindApprovers { activity, .. } => Some(*activity),
            _ => None,
        });
        let recent: Vec<u64> = asked.take(4).collect();
        match recent.get(self.below(4)) {
            Some(activity) => *activity,
            None => u64::try_from(self.below(8)).unwrap_or_default(),
        }
    }
}
