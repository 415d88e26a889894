//! Connections to PostgreSQL that are cut in the middle of a COMMIT, or all at once: the client hears 503 or the right
//! answer, and who asks again with the same key finds out what became of it. Nothing is done twice.

use crate::support::proxy::{CutAt, Proxy};
use crate::support::{App, Database, Order, hours};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// How long the service may need to find its way back.
const PATIENCE: Duration = Duration::from_secs(20);

/// Sends until somebody knows: 503 says to ask again with the same key. How often that was necessary.
async fn until_known(app: &App, person: &str, path: &str, key: &str, body: &Value) -> Result<(u16, Value, usize)> {
    let begun = Instant::now();
    for unknown in 0.. {
        let (status, answer) = app.call_with(person, "POST", path, Some(body), &[("Idempotency-Key", key)]).await?;
        if status != 503 {
            return Ok((status, answer, unknown));
        }
        ensure!(begun.elapsed() < PATIENCE, "{path} is not answered: {answer}");
        sleep(Duration::from_millis(20)).await;
    }
    anyhow::bail!("asked too often")
}

/// Performs what is due, also if a cut comes between; what a lease held is free again after an hour.
async fn work(app: &App) -> Result<()> {
    let begun = Instant::now();
    while app.work().await.is_err() {
        ensure!(begun.elapsed() < PATIENCE, "the work does not go on");
        sleep(Duration::from_millis(20)).await;
    }
    app.pass(hours(1)).await
}

/// Somebody in between, who is asked to do harm before every request.
trait Harm {
    fn before_request(&self) -> impl Future<Output = Result<()>>;
}

/// An order is submitted and approved by four people, with harm done to each request and to the work between.
async fn submitted_and_approved(app: &mut App, harm: &impl Harm) -> Result<(Order, usize)> {
    let body = app.order_of("12400.00", "EUR").await?;
    harm.before_request().await?;
    let (status, answer, mut unknown) = until_known(app, "eva", "/purchasing/orders", "order", &body).await?;
    ensure!(status == 201, "{status} {answer}");
    let [id, number, instance] = ["/id", "/number", "/instance"].map(|at| crate::support::app::text(&answer, at));
    let order = Order { id, number, instance };
    for person in ["mira", "hanna", "felix", "fiona"] {
        harm.before_request().await?;
        work(app).await?;
        harm.before_request().await?;
        let path = format!("/instances/{}/decisions", order.instance);
        let decided = until_known(app, person, &path, person, &json!({ "decision": "approve" })).await?;
        ensure!(decided.0 == 200, "{person}: {} {}", decided.0, decided.1);
        unknown += decided.2;
    }
    work(app).await?;
    Ok((order, unknown))
}

/// The order is sent, it is the only one, and everybody has decided once.
async fn nothing_is_doubled(app: &App, order: &Order) -> Result<()> {
    ensure!(app.status(order).await? == "sent", "{}", app.status(order).await?);
    let (_, orders) = app.call("eva", "GET", "/purchasing/orders", None).await?;
    ensure!(orders["items"].as_array().is_some_and(|items| items.len() == 1), "{orders}");
    let instance = app.instance(order).await?;
    let closed = instance["closed"].as_array().cloned().unwrap_or_default();
    let votes: usize = closed.iter().filter_map(|approval| approval["votes"].as_array()).map(Vec::len).sum();
    ensure!(votes == 4, "{votes} votes: {closed:?}");
    let sent = app.smtp.mails_to("orders@nordwind.example");
    ensure!(sent.iter().all(|mail| mail.message_id == sent[0].message_id), "{} mails to the supplier", sent.len());
    Ok(())
}

struct Cutting<'a>(&'a Proxy, CutAt);

impl Harm for Cutting<'_> {
    async fn before_request(&self) -> Result<()> {
        self.0.arm(self.1);
        Ok(())
    }
}

async fn cut_in_every_commit(at: CutAt) -> Result<()> {
    let database = Database::postgres().await?;
    let proxy = Proxy::before(database.address()?).await?;
    let mut app = App::on(database.through(&proxy.address())?).await?;
    app.supplier("Nordwind").await?;
    let (order, unknown) = submitted_and_approved(&mut app, &Cutting(&proxy, at)).await?;
    let cuts = proxy.disarm();
    nothing_is_doubled(&app, &order).await?;
    println!("{at:?}: {cuts} commits cut, {unknown} requests whose outcome was unknown at first");
    ensure!(cuts >= 9 && unknown > 0, "{cuts} cuts, {unknown} unknown");
    app.finish().await
}

#[tokio::test]
async fn a_commit_that_is_cut_before_the_server_hears_of_it_is_done_once() -> Result<()> {
    cut_in_every_commit(CutAt::Request).await
}

#[tokio::test]
async fn a_commit_whose_answer_is_cut_is_done_once() -> Result<()> {
    cut_in_every_commit(CutAt::Answer).await
}

/// Ends every connection of this database's schema, as a restart of the server does.
struct Restarting<'a>(&'a Database, String);

impl Harm for Restarting<'_> {
    async fn before_request(&self) -> Result<()> {
        let sql = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = ";
        self.0.sql(&format!("{sql}'{}'", self.1)).await
    }
}

#[tokio::test]
async fn a_server_that_ends_every_connection_before_every_request_is_got_over() -> Result<()> {
    let mut database = Database::postgres().await?;
    let (outside, name) = (database.alike(), format!("restarted-{}", crate::support::database::unique()));
    database.url = format!("{}&application_name={name}", database.url);
    let mut app = App::on(database).await?;
    app.supplier("Nordwind").await?;
    let (order, unknown) = submitted_and_approved(&mut app, &Restarting(&outside, name)).await?;
    nothing_is_doubled(&app, &order).await?;
    println!("9 restarts, {unknown} requests whose outcome was unknown at first");
    app.finish().await
}
