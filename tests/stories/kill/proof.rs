//! What must be true in the end.

use super::ledger::Taken;
use super::people::{World, number};
use crate::support::app::text;
use anyhow::{Result, ensure};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use store::{Options, Store};
use tokio::time::{Instant, sleep};

/// How long the rest of the work may take. Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(60);

/// Waits until every order has ended well.
pub(crate) async fn everything_is_sent(world: &World) -> Result<()> {
    let begun = Instant::now();
    loop {
        let open: Vec<String> = orders(world)
            .await?
            .into_iter()
            .filter(|order| text(order, "/status") != "sent")
            .map(|order| text(&order, "/number"))
            .collect();
        if open.is_empty() {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "{} orders do not end: {open:?}", open.len());
        sleep(Duration::from_millis(200)).await;
    }
}

/// All orders, page by page.
async fn orders(world: &World) -> Result<Vec<Value>> {
    let (mut all, mut path) = (Vec::new(), "/purchasing/orders?limit=100".to_owned());
    loop {
        let page = world.get("eva", &path).await?;
        all.extend(page["items"].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(next) => path = format!("/purchasing/orders?limit=100&cursor={next}"),
            None => return Ok(all),
        }
    }
}

/// Every 201 and every decision stands, once, and there is nothing else.
pub(crate) async fn of_what_was_answered(world: &World) -> Result<()> {
    // One lock at a time: a second one in the same statement would wait for the first.
    let taken = world.ledger().orders();
    let keys = world.ledger().keys();
    ensure!(taken.len() == keys, "{keys} orders were answered with {} numbers", taken.len());
    let stored: BTreeMap<String, Value> =
        orders(world).await?.into_iter().map(|order| (text(&order, "/number"), order)).collect();
    ensure!(stored.keys().eq(taken.keys()), "stored {:?}, answered {:?}", stored.keys(), taken.keys());
    for (count, (number, order)) in (1..).zip(&taken) {
        ensure!(number.ends_with(&format!("-{count:06}")), "the {count}th number is {number}");
        let found = ["/id", "/instance"].map(|pointer| text(&stored[number], pointer));
        ensure!(
            found == [order.id.clone(), order.instance.clone()],
            "{number} is {found:?}, and was answered as {order:?}"
        );
        votes_are_right(world, order).await?;
    }
    Ok(())
}

async fn votes_are_right(world: &World, order: &Taken) -> Result<()> {
    let instance = world.get("ada", &format!("/instances/{}", order.instance)).await?;
    let closed = instance["closed"].as_array().cloned().unwrap_or_default();
    let votes: Vec<&Value> = closed.iter().filter_map(|approval| approval["votes"].as_array()).flatten().collect();
    let voters: BTreeSet<&str> = votes.iter().filter_map(|vote| vote["person"].as_str()).collect();
    let number = &order.number;
    ensure!(votes.len() == voters.len(), "a vote on {number} counts twice: {votes:?}");
    ensure!(voters == order.voters(), "{number} has the votes of {voters:?}, and needs {:?}", order.voters());
    ensure!(votes.iter().all(|vote| vote["decision"] == "approve"), "{votes:?}");
    let answered = world.ledger().deciders(number);
    let lost: Vec<&String> = answered.iter().filter(|person| !voters.contains(person.as_str())).collect();
    ensure!(lost.is_empty(), "decisions on {number} that were answered do not count: {lost:?}");
    Ok(())
}

/// The supplier got every order, and whoever got a mail twice got the same mail. Says how many there were.
pub(crate) fn of_mails(world: &World) -> Result<String> {
    let mails = world.smtp.mails();
    let mut by_occasion: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for mail in &mails {
        let to = mail.envelope_to.join(" ");
        by_occasion.entry((to, number(mail)?)).or_default().insert(mail.message_id.clone());
    }
    // Nobody is asked twice about an order in this story, and the supplier gets one.
    for (occasion, ids) in &by_occasion {
        let expected = if occasion.0 == "eva@acme.example" { ids.len() } else { 1 };
        ensure!(ids.len() == expected, "{occasion:?} was mailed as {ids:?}");
    }
    let orders = world.ledger().orders();
    for order in orders.values() {
        let to = |address: String| by_occasion.contains_key(&(address, order.number.clone()));
        ensure!(to("orders@nordwind.example".to_owned()), "the supplier did not get {}", order.number);
        let unasked: Vec<_> =
            order.voters().into_iter().filter(|person| !to(format!("{person}@acme.example"))).collect();
        ensure!(unasked.is_empty(), "{} was decided by {unasked:?} without a mail", order.number);
    }
    let distinct: usize = by_occasion.values().map(BTreeSet::len).sum();
    Ok(format!("{distinct} mails, {} copies of them sent again", mails.len() - distinct))
}

/// No effect gave up, and soon none waits: one whose deed was done before the kill is done again and then answered.
pub(crate) async fn nothing_is_undone(url: &str) -> Result<()> {
    let (begun, store) = (Instant::now(), Store::open(url, Options::default()).await?);
    let mut reader = store.read().await?;
    loop {
        let (open, dead) = (reader.open_effects().await?, reader.dead_effects("acme", 1_000).await?);
        ensure!(dead.is_empty(), "{} effects gave up: {dead:?}", dead.len());
        if open == 0 {
            break;
        }
        ensure!(begun.elapsed() < PATIENCE, "{open} effects are undone");
        sleep(Duration::from_millis(50)).await;
    }
    drop(reader);
    store.close().await;
    Ok(())
}
