//! Clocks that jump, and clocks that differ: histories go forward, and every timer fires once.

use crate::support::{App, Database, Order, days, hours, stories};
use anyhow::{Context, Result, ensure};
use std::sync::Arc;
use store::{Clock, ManualClock};

/// The times of the events of an order, which must go forward; how many there are.
async fn goes_forward(app: &App, order: &Order) -> Result<usize> {
    let transitions = app.store.read().await?.transitions("acme", &order.instance).await?;
    let times: Vec<i64> = transitions.iter().map(|transition| transition.event.at).collect();
    ensure!(times.is_sorted(), "{times:?}");
    Ok(times.len())
}

/// How often the people of an order were reminded.
async fn reminders(app: &App, order: &Order) -> Result<usize> {
    let transitions = app.store.read().await?.transitions("acme", &order.instance).await?;
    let entries = transitions.iter().flat_map(|transition| &transition.entries);
    Ok(entries.filter(|entry| entry.kind == "ApprovalReminded").count())
}

stories! {
    /// NTP, or somebody, sets the clock back by an hour in the middle of an approval.
    async fn a_clock_that_is_set_back_loses_nothing(app: App) {
        let order = app.submit("12400.00").await?;
        app.work().await?;
        for person in ["mira", "hanna", "felix", "fiona"] {
            app.clock.pass(-hours(1));
            app.approve(person).await?;
            goes_forward(app, &order).await?;
        }
        ensure!(app.status(&order).await? == "sent", "{}", app.status(&order).await?);
        Ok(())
    }

    /// Set back after a reminder, it is not sent again when its time comes for the second time.
    async fn a_timer_that_has_fired_does_not_fire_again(app: App) {
        let order = app.submit("100.00").await?;
        app.work().await?;
        app.pass(days(2)).await?;
        ensure!(reminders(app, &order).await? == 1);
        app.clock.pass(-hours(1));
        app.work().await?;
        app.pass(hours(1)).await?;
        ensure!(reminders(app, &order).await? == 1 && app.mails_to("mira").len() == 2);
        app.pass(days(1)).await?;
        ensure!(reminders(app, &order).await? == 2, "the next one comes at its own time");
        Ok(())
    }

    /// A year forward by mistake, and back again: what expired stays expired, and what is new goes on.
    async fn a_clock_that_jumps_a_year_and_back_goes_on(app: App) {
        let body = app.order_of("100.00", "EUR").await?;
        let old = app.submit_body(&body, "old").await?;
        app.work().await?;
        app.pass(days(364)).await?;
        let fired = goes_forward(app, &old).await?;
        ensure!(app.status(&old).await? == "expired", "{}", app.status(&old).await?);
        app.clock.pass(-days(364));
        app.work().await?;
        ensure!(goes_forward(app, &old).await? == fired, "nothing fires twice");
        let new = app.submit_body(&body, "new").await?;
        app.work().await?;
        app.approve("mira").await?;
        ensure!(app.status(&new).await? == "sent", "{}", app.status(&new).await?);
        Ok(())
    }
}

/// One node's clock is an hour ahead. Both look for deadlines, both perform; the time between is fired by one of them.
#[tokio::test]
async fn two_nodes_with_different_clocks_fire_each_timer_once() -> Result<()> {
    let mut app = App::on(Database::postgres().await?).await?;
    let ahead = Arc::new(ManualClock::at(app.clock.now_ms() + hours(1)));
    let node = app.node(&ahead).await?;
    let order = app.submit("100.00").await?;
    app.work().await?;
    for clock in [&app.clock, &ahead] {
        clock.pass(days(2) - hours(1) / 2);
    }
    ensure!(app.hands().fire_due().await? == 0, "it is not time yet by the slower clock");
    ensure!(node.hands.fire_due().await? == 1, "it is by the faster");
    node.hands.drain().await?;
    app.clock.pass(hours(1));
    app.work().await?;
    ensure!(reminders(&app, &order).await? == 1 && app.mails_to("mira").len() == 2, "{:?}", app.mails_to("mira").len());
    // The slower node writes after the faster one: its time is moved up to the last event's.
    app.approve("mira").await?;
    goes_forward(&app, &order).await?;
    node.hands.drain().await?;
    app.work().await?;
    ensure!(app.status(&order).await? == "sent", "{}", app.status(&order).await?);
    drop(node);
    app.finish().await.context("after two nodes")
}
