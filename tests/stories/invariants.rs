//! Every invariant is broken behind the service's back, once on each database, and the deep check names it.
//!
//! One house for all: two orders that wait, one that is sent, a workflow that waits for another. A table is saved before it is broken and put back afterwards,
//! so that each break is found alone. `docs/DURABILITY.md` lists the invariants.

mod breaks;

use crate::support::{App, Database, Order};
use anyhow::{Context, Result, ensure};
use breaks::{BREAKS, Break};
use futures::FutureExt;
use serde_json::json;
use store::NewInstance;
use workflow::{Actor, Instance};

/// The orders that the breaks name.
struct Orders {
    /// Approved by four people and sent.
    sent: Order,
    /// The manager is asked.
    asked: Order,
    /// The manager has approved, and the document is to be made.
    at_work: Order,
    /// The ids of an instance and of the one that it waits for.
    family: [String; 2],
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
        Ok(Self { sent, asked, at_work, family: family(app).await? })
    }

    /// A statement with the ids and numbers that it names.
    fn fill(&self, statement: &str) -> String {
        let Self { sent, asked, at_work, family: [parent, child] } = self;
        let statement = statement.replace("{parent}", parent).replace("{child}", child);
        let names = [("sent", sent), ("asked", asked), ("at_work", at_work)];
        names.into_iter().fold(statement, |statement, (name, order)| {
            let statement = statement.replace(&format!("{{{name}}}"), &order.instance);
            let statement = statement.replace(&format!("{{{name}.order}}"), &order.id);
            statement.replace(&format!("{{{name}.number}}"), &order.number)
        })
    }
}

/// Starts a workflow that runs another one, which waits for a day; their ids.
async fn family(app: &App) -> Result<[String; 2]> {
    let work = app.store.write(|unit| {
        let child = json!({ "QueryLanguage": "JSONata", "StartAt": "Pause", "States": {
            "Pause": { "Type": "Wait", "Seconds": 86_400, "Next": "Done" }, "Done": { "Type": "Succeed" }
        } });
        let parent = json!({ "QueryLanguage": "JSONata", "StartAt": "Run", "States": {
            "Run": { "Type": "Task", "Resource": "workflow.run", "Arguments": { "Definition": "test/child" }, "End": true }
        } });
        async move {
            unit.save_definition("acme", "test/child", &child).await?;
            unit.save_definition("acme", "test/parent", &parent).await?;
            let (company, definition) = ("acme".to_owned(), "test/parent".to_owned());
            let new = NewInstance { company, definition, input: json!({}), requester: None, subject: None };
            unit.start(Actor::System, new).await
        }
        .boxed()
    });
    let parent: Instance = work.await?;
    let child = parent.running().and_then(|running| match &running.branch.activity {
        workflow::Activity::Task { child, .. } => child.clone(),
        _ => None,
    });
    Ok([parent.id.clone(), child.with_context(|| format!("no child: {parent:?}"))?])
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
