//! Every invariant is broken behind the service's back, once on each database, and the deep check names it.
//!
//! One house for all: two orders that wait, one that is sent. A table is saved before it is broken and put back afterwards,
//! so that each break is found alone. `docs/DURABILITY.md` lists the invariants.

mod breaks;

use crate::support::{App, Database, Order};
use anyhow::{Context, Result, ensure};
use breaks::{BREAKS, Break};

/// The orders that the breaks name.
struct Orders {
    /// Approved by four people and sent.
    sent: Order,
    /// The manager is asked.
    asked: Order,
    /// The manager has approved, and the document is to be made.
    at_work: Order,
}

impl Orders {
    async fn told(app: &mut App) -> Result<Self> {
        let body = app.order_of("12400.00", "EUR").await?;
        let sent = app.submit_body(&body, "sent").await?;
        app.work().await?;
        for person in ["mira", "hanna", "felix", "fiona"] {
            app.approve(person).await?;
        }
        let body = app.order_of("100.00", "EUR").await?;
        let at_work = app.submit_body(&body, "at-work").await?;
        app.work().await?;
        app.press(&app.link_to("mira")?, "approve", "").await?;
        let asked = app.submit_body(&body, "asked").await?;
        Ok(Self { sent, asked, at_work })
    }

    /// A statement with the ids and numbers that it names.
    fn fill(&self, statement: &str) -> String {
        let Self { sent, asked, at_work } = self;
        let names = [("sent", sent), ("asked", asked), ("at_work", at_work)];
        names.into_iter().fold(statement.to_owned(), |statement, (name, order)| {
            let statement = statement.replace(&format!("{{{name}}}"), &order.instance);
            let statement = statement.replace(&format!("{{{name}.order}}"), &order.id);
            statement.replace(&format!("{{{name}.number}}"), &order.number)
        })
    }
}

/// What the deep check says, as lines.
async fn told(app: &App) -> Result<Vec<String>> {
    let report = app.store.read().await?.check_deep(|_, _| {}).await?;
    Ok(report.violations.iter().map(ToString::to_string).collect())
}

/// Breaks a table, looks for the sentence, and puts the table back.
async fn is_named(app: &App, orders: &Orders, broken: &Break) -> Result<()> {
    let Break { table, statement, sentence, .. } = broken;
    app.sql(&format!("CREATE TABLE saved AS SELECT * FROM {table}")).await?;
    app.sql(&orders.fill(statement)).await?;
    let lines = told(app).await?;
    let sentence = orders.fill(sentence);
    ensure!(lines.iter().any(|line| line.contains(&sentence)), "\"{sentence}\" is not among {lines:#?}");
    ensure!(lines.iter().all(|line| line.starts_with("acme") && line.contains("; ")), "{lines:#?}");
    app.sql(&format!("DELETE FROM {table}")).await?;
    app.sql(&format!("INSERT INTO {table} SELECT * FROM saved")).await?;
    app.sql("DROP TABLE saved").await?;
    Ok(())
}

async fn every_break_is_named(database: Database, name: &str) -> Result<()> {
    let mut app = App::on(database).await?;
    let orders = Orders::told(&mut app).await?;
    ensure!(told(&app).await?.is_empty(), "{:#?}", told(&app).await?);
    for broken in BREAKS {
        is_named(&app, &orders, broken).await.with_context(|| broken.name)?;
    }
    ensure!(told(&app).await?.is_empty(), "{:#?}", told(&app).await?);
    println!("{name}: {} breaks, each named", BREAKS.len());
    app.work().await?;
    app.finish().await
}

#[tokio::test]
async fn every_broken_invariant_is_named_on_sqlite() -> Result<()> {
    every_break_is_named(Database::sqlite()?, "sqlite").await
}

#[tokio::test]
async fn every_broken_invariant_is_named_on_postgres() -> Result<()> {
    every_break_is_named(Database::postgres().await?, "postgres").await
}
