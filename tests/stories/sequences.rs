//! Random sequences of what can happen, told to SQLite, to PostgreSQL and to the pure core: all three answer alike, and end
//! alike. What is random is shrunk by proptest; `PROPTEST_CASES` asks for more.

mod core;
mod memory;

use self::core::Core;
use crate::support::Database;
use anyhow::{Result, ensure};
use memory::Memory;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};

/// The people who may be asked are `p0` to `p2`; the others have no role.
const PEOPLE: usize = 5;
const VOTERS: usize = 3;

/// Something that happens. Instances are named by the order in which they were started, people by their number.
#[derive(Debug, Clone)]
enum Happening {
    Start,
    Vote {
        instance: usize,
        person: usize,
        decision: &'static str,
    },
    Reassign {
        instance: usize,
        from: usize,
        to: usize,
    },
    Cancel {
        instance: usize,
    },
    Signal {
        instance: usize,
    },
    /// So many minutes pass, and deadlines are told of.
    Pass {
        minutes: i64,
    },
    /// Every effect that is due is performed; work of an activity whose number can be divided by this fails.
    Perform {
        fails: u64,
    },
    /// The store is closed and opened again.
    Restart,
}

fn happening() -> impl Strategy<Value = Happening> {
    let (instance, person) = (0..4_usize, 0..PEOPLE);
    prop_oneof![
        2 => Just(Happening::Start),
        6 => (instance.clone(), person.clone(), prop_oneof![4 => Just("approve"), 1 => Just("reject"), 1 => Just("dance")])
            .prop_map(|(instance, person, decision)| Happening::Vote { instance, person, decision }),
        2 => (instance.clone(), person.clone(), person).prop_map(|(instance, from, to)| Happening::Reassign { instance, from, to }),
        1 => instance.clone().prop_map(|instance| Happening::Cancel { instance }),
        2 => instance.prop_map(|instance| Happening::Signal { instance }),
        4 => (1..800_i64).prop_map(|minutes| Happening::Pass { minutes }),
        3 => (1..4_u64).prop_map(|fails| Happening::Perform { fails }),
        1 => Just(Happening::Restart),
    ]
}

/// Three things at once: people, work that may be tried again, and a signal that may not come.
fn definition() -> Value {
    let ask = json!({
        "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Approval", "Title": "Both of you",
                "Groups": [{ "Name": "all", "From": [{ "Role": "voter" }], "Quorum": 2 }],
                "Reminders": [{ "After": "PT1H", "Every": "PT2H", "Max": 3 }], "ExpireAfter": "P1D",
                "Outcomes": { "approved": { "Next": "Yes" }, "rejected": { "Next": "No" }, "expired": { "Next": "No" } }
            },
            "Yes": { "Type": "Pass", "End": true },
            "No": { "Type": "Fail", "Error": "No", "Cause": "not agreed" }
        }
    });
    let work = json!({
        "StartAt": "Work",
        "States": { "Work": {
            "Type": "Task", "Resource": "test.work", "Arguments": {}, "End": true, "TimeoutSeconds": 36_000,
            "Retry": [{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 600, "MaxAttempts": 2 }]
        } }
    });
    let signal = json!({
        "StartAt": "Goods",
        "States": { "Goods": {
            "Type": "Task", "Resource": "signal.wait", "Arguments": { "Name": "goods" }, "TimeoutSeconds": 40_000, "End": true
        } }
    });
    json!({
        "QueryLanguage": "JSONata", "StartAt": "All",
        "States": {
            "All": {
                "Type": "Parallel", "Branches": [ask, work, signal], "Next": "Pause",
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Undone" }]
            },
            "Pause": { "Type": "Wait", "Seconds": 3_600, "Next": "Done" },
            "Done": { "Type": "Succeed" },
            "Undone": { "Type": "Fail", "Error": "Undone", "Cause": "something failed" }
        }
    })
}

/// Tells the sequence to all three; then they must have come to the same.
async fn told(happenings: &[Happening]) -> Result<()> {
    let mut sqlite = Memory::on(Database::sqlite()?).await?;
    let mut postgres = Memory::on(Database::postgres().await?).await?;
    let mut core = Core::new()?;
    for (n, happening) in happenings.iter().enumerate() {
        let (one, two) = (sqlite.take(happening).await?, postgres.take(happening).await?);
        ensure!(one == two, "{n}: {happening:?}: SQLite says {one}, PostgreSQL says {two}");
        let three = core.take(happening, &sqlite).await?;
        ensure!(one == three, "{n}: {happening:?}: the databases say {one}, the core says {three}");
    }
    for (instance, expected) in sqlite.instances().await?.iter().zip(core.instances()) {
        ensure!(instance == expected, "SQLite has {instance:?}\nthe core {expected:?}");
    }
    let (one, two) = (sqlite.dump().await?, postgres.dump().await?);
    let differing = one.lines().zip(two.lines()).find(|(one, two)| one != two);
    ensure!(one == two, "the dumps differ: {differing:?}");
    sqlite.finish().await?;
    postgres.finish().await
}

/// 8 cases, 32 in CI, or what `PROPTEST_CASES` says.
fn config() -> Config {
    let config = Config { failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => config,
        None => Config { cases: if std::env::var_os("CI").is_some() { 32 } else { 8 }, ..config },
    }
}

#[test]
fn both_databases_and_the_core_come_to_the_same() -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut runner = TestRunner::new(config());
    let sequences = prop::collection::vec(happening(), 1..40);
    let ran = runner.run(&sequences, |happenings| {
        let told = runtime.block_on(told(&happenings));
        told.map_err(|error| TestCaseError::fail(format!("{error:#}")))
    });
    ran.map_err(|failed| anyhow::anyhow!("{failed}"))
}
