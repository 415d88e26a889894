//! Every scenario is run once per crash point, and must end as it ends without a crash.

use crate::support::{App, Database, Order};
use anyhow::{Context, Result, ensure};
use store::Crash;

/// What happens in a scenario, as somebody outside would do it, who tries again when there is no answer.
async fn scenario(app: &mut App) -> Result<()> {
    let body = app.order_of("12400.00", "EUR").await?;
    let order = app.submit_body(&body, "the-order").await?;
    app.work().await?;
    for (person, decision) in [("mira", "approve"), ("hanna", "approve"), ("felix", "approve"), ("fiona", "approve")] {
        decide_once(app, &order, person, decision).await?;
    }
    ensure!(app.status(&order).await? == "sent", "it ends as {}", app.status(&order).await?);
    Ok(())
}

async fn decide_once(app: &App, order: &Order, person: &str, decision: &str) -> Result<()> {
    let path = format!("/instances/{}/decisions", order.instance);
    let body = serde_json::json!({ "decision": decision });
    let (status, answer) = app.call_with(person, "POST", &path, Some(&body), &[("Idempotency-Key", person)]).await?;
    ensure!(status == 200, "{person}: {status} {answer}");
    app.work().await
}

/// Runs the scenario again and again on the same database until it has passed, with one crash on the way.
async fn with_crash_at(app: &mut App, point: i64) -> Result<()> {
    app.restart_with(Crash::at(point)).await?;
    if scenario(app).await.is_ok() {
        return Ok(());
    }
    ensure!(app.crash.is_dead(), "it failed without a crash");
    app.restart().await?;
    // What a lease held when the power went is free again after it has ended.
    app.pass(crate::support::hours(1)).await?;
    scenario(app).await
}

async fn matrix(database: impl AsyncFn() -> Result<Database>) -> Result<()> {
    let mut app = App::on(database().await?).await?;
    app.supplier("Nordwind").await?;
    app.restart().await?;
    scenario(&mut app).await?;
    let (points, expected) = (app.crash.passed(), told(&app).await?);
    app.finish().await?;
    ensure!(points > 50, "only {points} crash points were passed");
    // A different step each time covers every name of a crash point in every part of the scenario.
    for point in (1..=points).step_by(step()) {
        let mut app = App::on(database().await?).await?;
        app.supplier("Nordwind").await?;
        with_crash_at(&mut app, point).await.with_context(|| format!("crash at point {point} of {points}"))?;
        let found = told(&app).await?;
        ensure!(
            found == expected,
            "crash at point {point} of {points} ends otherwise:\n{}",
            difference(&expected, &found)
        );
        app.finish().await?;
    }
    println!("1 scenario x {points} crash points, every {}th: all equal", step());
    Ok(())
}

/// Every point with `COUNTERSIGN_TEST_ALL_POINTS`; every third otherwise.
fn step() -> usize {
    if std::env::var_os("COUNTERSIGN_TEST_ALL_POINTS").is_some() { 1 } else { 3 }
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

fn is_hash(word: &str) -> bool {
    word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit())
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
async fn every_crash_point_ends_alike_on_sqlite() -> Result<()> {
    matrix(async || Database::sqlite()).await
}

#[tokio::test]
async fn every_crash_point_ends_alike_on_postgres() -> Result<()> {
    matrix(async || Database::postgres().await).await
}
