//! Every scenario is run once per crash point, and must end as it ends without a crash.

use crate::support::{App, Database, Order};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use store::Crash;

/// What happens, as somebody outside would do it, who tries again when there is no answer.
#[derive(Debug, Clone, Copy)]
enum Scenario {
    /// Four people approve, and the supplier gets the order.
    Approved,
    /// The manager rejects, the requester changes the order and submits it again, the manager approves.
    Resubmitted,
}

impl Scenario {
    async fn play(self, app: &mut App) -> Result<()> {
        let body = app.order_of("12400.00", "EUR").await?;
        let order = app.submit_body(&body, "the-order").await?;
        app.work().await?;
        match self {
            Self::Approved => {
                for person in ["mira", "hanna", "felix", "fiona"] {
                    decide(app, &order, person, person, &json!({ "decision": "approve" })).await?;
                }
            }
            Self::Resubmitted => {
                let smaller = app.order_of("3000.00", "EUR").await?;
                let reject = json!({ "decision": "reject", "comment": "too expensive" });
                decide(app, &order, "mira", "mira-1", &reject).await?;
                decide(app, &order, "eva", "eva", &json!({ "decision": "resubmit", "form": smaller })).await?;
                decide(app, &order, "mira", "mira-2", &json!({ "decision": "approve" })).await?;
            }
        }
        ensure!(app.status(&order).await? == "sent", "it ends as {}", app.status(&order).await?);
        Ok(())
    }
}

async fn decide(app: &App, order: &Order, person: &str, key: &str, body: &Value) -> Result<()> {
    let path = format!("/instances/{}/decisions", order.instance);
    let (status, answer) = app.call_with(person, "POST", &path, Some(body), &[("Idempotency-Key", key)]).await?;
    ensure!(status == 200, "{person}: {status} {answer}");
    app.work().await
}

/// Runs the scenario again and again on the same database until it has passed, with one crash on the way.
async fn with_crash_at(app: &mut App, scenario: Scenario, point: i64) -> Result<()> {
    app.restart_with(Crash::at(point)).await?;
    if scenario.play(app).await.is_ok() {
        return Ok(());
    }
    ensure!(app.crash.is_dead(), "it failed without a crash");
    app.restart().await?;
    // What a lease held when the power went is free again after it has ended.
    app.pass(crate::support::hours(1)).await?;
    scenario.play(app).await
}

async fn matrix(scenario: Scenario, database: impl AsyncFn() -> Result<Database>) -> Result<()> {
    let mut app = App::on(database().await?).await?;
    app.supplier("Nordwind").await?;
    app.restart().await?;
    scenario.play(&mut app).await?;
    let (points, expected) = (app.crash.passed(), told(&app).await?);
    app.finish().await?;
    ensure!(points > 50, "only {points} crash points were passed");
    // A different step each time covers every name of a crash point in every part of the scenario.
    for point in (1..=points).step_by(step()) {
        let mut app = App::on(database().await?).await?;
        app.supplier("Nordwind").await?;
        with_crash_at(&mut app, scenario, point)
            .await
            .with_context(|| format!("crash at point {point} of {points}"))?;
        let found = told(&app).await?;
        ensure!(
            found == expected,
            "crash at point {point} of {points} ends otherwise:\n{}",
            difference(&expected, &found)
        );
        app.finish().await?;
    }
    let tried = (1..=points).step_by(step()).count();
    println!("{scenario:?} x {tried} of {points} crash points: all equal");
    Ok(())
}

/// Every point with `COUNTERSIGN_TEST_ALL_POINTS`, which `cargo xtask test crash` sets; every third in CI, so that it
/// stays short, and every fifth otherwise. A step that shares no factor with the points of a unit meets all their names.
fn step() -> usize {
    let set = |name: &str| std::env::var_os(name).is_some();
    match (set("COUNTERSIGN_TEST_ALL_POINTS"), set("CI")) {
        (true, _) => 1,
        (false, true) => 3,
        (false, false) => 5,
    }
}

/// The dump without what a crash may change: when things happened, and so the hash of a document that says when.
async fn told(app: &App) -> Result<String> {
    let dump = app.dump().await?;
    Ok(dump.lines().map(|line| without_times(&without_hashes(line))).collect::<Vec<_>>().join("\n"))
}

fn without_hashes(line: &str) -> String {
    let parts = line.split_inclusive(['"', ' ']).map(|part| {
        let word = part.trim_end_matches(['"', ' ']);
        if is_hash(word) { part.replace(word, "HASH") } else { part.to_owned() }
    });
    parts.collect()
}

/// A hash, or the secret of an instance, which is chance.
fn is_hash(word: &str) -> bool {
    matches!(word.len(), 32 | 64) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn without_times(line: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for letter in line.chars().chain(['\n']) {
        if letter.is_ascii_digit() || (!word.is_empty() && "-T:.Z".contains(letter)) {
            word.push(letter);
            continue;
        }
        let is_time = (word.len() >= 13 && word.bytes().all(|byte| byte.is_ascii_digit()))
            || (word.len() >= 20 && word.contains('T') && word.contains('Z'));
        out.push_str(if is_time { "TIME" } else { &word });
        word.clear();
        out.push(letter);
    }
    out.trim_end().to_owned()
}

fn difference(expected: &str, found: &str) -> String {
    let pairs = expected.lines().zip(found.lines()).filter(|(one, two)| one != two);
    let lines: Vec<String> = pairs.take(3).map(|(one, two)| format!("- {one}\n+ {two}")).collect();
    format!("{} lines against {}\n{}", expected.lines().count(), found.lines().count(), lines.join("\n"))
}

#[tokio::test]
async fn every_crash_point_of_an_approval_ends_alike_on_sqlite() -> Result<()> {
    matrix(Scenario::Approved, async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_an_approval_ends_alike_on_postgres() -> Result<()> {
    matrix(Scenario::Approved, async || Database::postgres().await).await
}

#[tokio::test]
async fn every_crash_point_of_a_second_round_ends_alike_on_sqlite() -> Result<()> {
    matrix(Scenario::Resubmitted, async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_of_a_second_round_ends_alike_on_postgres() -> Result<()> {
    matrix(Scenario::Resubmitted, async || Database::postgres().await).await
}
