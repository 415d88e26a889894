//! The workers. The only tests here that wait for real time, because the workers do.

use super::support::House;
use crate::hands::LEASE_MS;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use store::{Claimed, Verdict};
use workflow::{Effect, Instance, Status};

const PATIENCE: Duration = Duration::from_secs(20);

async fn until(what: &str, mut done: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !done().await {
        assert!(start.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn succeeded(house: &House, instances: &[Instance]) -> bool {
    for instance in instances {
        if !matches!(house.instance(instance).await.status, Status::Succeeded { .. }) {
            return false;
        }
    }
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn effects_are_performed_once_and_their_workflows_go_on() {
    let house = House::new().await;
    let running = house.hands.clone().start(4);
    let mut instances = Vec::new();
    for _ in 0..50 {
        instances.push(house.start("Work").await);
    }
    until("all workflows end", async || succeeded(&house, &instances).await).await;
    running.stop(PATIENCE).await;
    assert_eq!((house.behaviour.acted.load(SeqCst), house.open_effects().await), (50, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_effect_starts_soon_after_its_commit() {
    let house = House::new().await;
    let running = house.hands.clone().start(2);
    let first = house.start("Work").await;
    until("the first ends", async || succeeded(&house, std::slice::from_ref(&first)).await).await;
    // The workers sleep now; without the bell they would sleep up to a second.
    let mut waited = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let instance = house.start("Work").await;
        until("the next ends", async || succeeded(&house, std::slice::from_ref(&instance)).await).await;
        waited.push(start.elapsed());
    }
    running.stop(PATIENCE).await;
    waited.sort();
    assert!(waited[2] < Duration::from_millis(500), "{waited:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_is_an_attempt_that_failed() {
    let house = House::new().await;
    house.behaviour.panics.store(1, SeqCst);
    let running = house.hands.clone().start(2);
    let instance = house.start("Work").await;
    until("the panic", async || house.behaviour.panics.load(SeqCst) == 0).await;
    // Once its verdict is stored, time that passes brings the next attempt, and ends no lease.
    until("the verdict", async || house.hands.held.is_empty()).await;
    house.clock.pass(10_000);
    until("the next attempt", async || succeeded(&house, std::slice::from_ref(&instance)).await).await;
    // The worker that met the panic still works.
    let other = house.start("Work").await;
    until("another effect", async || succeeded(&house, std::slice::from_ref(&other)).await).await;
    running.stop(PATIENCE).await;
    assert_eq!(house.behaviour.acted.load(SeqCst), 2);
}

#[tokio::test]
async fn code_that_always_panics_is_given_up() {
    let house = House::new().await;
    house.behaviour.panics.store(1_000, SeqCst);
    let instance = house.start("Work").await;
    let mut attempts = 0;
    while house.open_effects().await > 0 {
        attempts += house.hands.drain().await.unwrap();
        house.clock.pass(900_000);
        assert!(attempts <= 20);
    }
    let Status::Failed { error, cause, .. } = house.instance(&instance).await.status else { panic!("not failed") };
    assert_eq!((attempts, error.as_str()), (20, "States.Runtime"));
    assert!(cause.ends_with("(attempt 20, the last one)"), "{cause}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_waits_for_what_is_under_way_and_claims_nothing_more() {
    let house = House::new().await;
    house.behaviour.slow_ms.store(300, SeqCst);
    for _ in 0..6 {
        house.start("Work").await;
    }
    let running = house.hands.clone().start(2);
    until("two begin", async || house.behaviour.begun.load(SeqCst) >= 2).await;
    running.stop(PATIENCE).await;
    let acted = house.behaviour.acted.load(SeqCst);
    assert!((1..=4).contains(&acted), "{acted}");
    assert_eq!(house.open_effects().await, 6 - acted as u64);
    // What was not begun is free at once, not after its lease.
    house.behaviour.slow_ms.store(0, SeqCst);
    assert_eq!(house.hands.drain().await.unwrap(), 6 - acted);
}

/// The node was away for longer than its lease, and another one has begun: what it has under way is given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_whose_lease_is_lost_is_given_up() {
    let house = House::new().await;
    house.behaviour.slow_ms.store(60_000, SeqCst);
    let instance = house.start("Work").await;
    let running = house.hands.clone().start(1);
    until("it begins", async || house.behaviour.begun.load(SeqCst) >= 1).await;
    let taken = until_claimed(&house).await;
    assert!(taken.attempt >= 2);
    // The worker is free again, although what it did would take a minute.
    house.behaviour.slow_ms.store(0, SeqCst);
    let other = house.start("Work").await;
    until("another effect", async || succeeded(&house, std::slice::from_ref(&other)).await).await;
    assert_eq!(house.behaviour.acted.load(SeqCst), 1);
    house.hands.end(&taken, Verdict::Done(serde_json::json!(null))).await.unwrap();
    assert!(succeeded(&house, &[instance]).await);
    running.stop(PATIENCE).await;
}

/// Somebody else claims what the workers of this node have let slip.
async fn until_claimed(house: &House) -> Claimed {
    let mut claimed = Vec::new();
    until("a claim", async || {
        house.clock.pass(LEASE_MS + 1);
        claimed.extend(house.claim().await);
        !claimed.is_empty()
    })
    .await;
    claimed.remove(0)
}

/// Longer than a lease lasts: it is renewed, and nobody begins a second time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slow_work_keeps_its_lease() {
    let house = House::new().await;
    house.behaviour.slow_ms.store(6_000, SeqCst);
    let instance = house.start("Work").await;
    let running = house.hands.clone().start(2);
    until("it ends", async || succeeded(&house, std::slice::from_ref(&instance)).await).await;
    assert_eq!((house.behaviour.begun.load(SeqCst), house.behaviour.acted.load(SeqCst)), (1, 1));
    running.stop(PATIENCE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopping_does_not_wait_for_ever() {
    let house = House::new().await;
    house.behaviour.slow_ms.store(60_000, SeqCst);
    house.start("Work").await;
    let running = house.hands.clone().start(1);
    until("it begins", async || house.behaviour.begun.load(SeqCst) >= 1).await;
    let start = Instant::now();
    running.stop(Duration::from_millis(50)).await;
    assert!(start.elapsed() < Duration::from_secs(5));
    assert_eq!(house.behaviour.acted.load(SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deadlines_are_kept_by_the_timer() {
    let house = House::new().await;
    let running = house.hands.clone().start(1);
    let instance = house.start("Manager").await;
    until("the requests", async || house.open_effects().await == 0).await;
    house.clock.pass(6 * super::support::DAY);
    until("the expiry", async || matches!(house.instance(&instance).await.status, Status::Failed { .. })).await;
    running.stop(PATIENCE).await;
}

#[tokio::test]
async fn an_action_is_given_the_same_key_at_every_attempt() {
    let house = House::new().await;
    house.start("Work").await;
    let claimed = house.claim().await.remove(0);
    let Verdict::Done(first) = house.hands.perform(&claimed).await else { panic!("not done") };
    let Verdict::Done(second) = house.hands.perform(&claimed).await else { panic!("not done") };
    assert_eq!((first["key"].as_str(), &first), (Some(claimed.key.to_string().as_str()), &second));
}

#[tokio::test]
async fn code_that_is_not_installed_is_named() {
    let house = House::new().await;
    house.start("Work").await;
    let mut claimed = house.claim().await.remove(0);
    let (activity, arguments) = (1, serde_json::json!({}));
    claimed.effect = Effect::Perform { activity, resource: "gone.work".to_owned(), arguments, child: None };
    let Verdict::GaveUp { error, cause } = house.hands.perform(&claimed).await else { panic!("not given up") };
    assert_eq!(error, "States.TaskFailed");
    assert_eq!(cause, "there is no code for gone.work; is its module installed?");
}

/// Three of four workers are a module's share. What it has beyond that waits, and is not counted as tried; what others have goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_module_does_not_take_all_workers() {
    let house = House::new().await;
    house.behaviour.slow_ms.store(60_000, SeqCst);
    for _ in 0..8 {
        house.start("Work").await;
    }
    let running = house.hands.clone().start(4);
    until("its share begins", async || house.behaviour.begun.load(SeqCst) == 3).await;
    house.start("Manager").await;
    until("a mail", async || !house.mails().is_empty()).await;
    assert_eq!(house.behaviour.begun.load(SeqCst), 3);
    running.stop(Duration::from_millis(50)).await;
    let waiting = house.claim().await;
    assert_eq!(waiting.iter().map(|claimed| claimed.attempt).collect::<Vec<_>>(), [1; 5]);
}
