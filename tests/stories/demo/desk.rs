//! A running demo with all its people.

use crate::support::Order;
use crate::support::app::text;
use crate::support::folder::Folder;
use crate::support::page::Page;
use crate::support::process::{Ended, Process, Program};
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long something may take that the service does by itself. Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(30);

/// `countersign demo`, used through HTTP alone.
pub(super) struct Desk {
    pub(super) base: String,
    /// What `demo.json` says.
    pub(super) demo: Value,
    process: Process,
    http: reqwest::Client,
}

impl Desk {
    /// Starts the demo on a folder, on a free port.
    pub(super) async fn start(folder: &Folder) -> Result<Self> {
        let path = folder.path().display().to_string();
        let mut process = Program::find()?.start(&["demo", "--data", &path, "--port", "0"])?;
        process.says("Stop with Ctrl-C.").await?;
        let demo: Value = serde_json::from_slice(&std::fs::read(folder.path().join("demo.json"))?)?;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        Ok(Self { base: text(&demo, "/base_url"), demo, process, http })
    }

    /// What it has printed.
    pub(super) fn printed(&self) -> String {
        self.process.out()
    }

    /// SIGTERM.
    pub(super) async fn stop(self) -> Result<Ended> {
        // Connections that are kept alive would be waited for.
        drop(self.http);
        self.process.terminate().await
    }

    fn token(&self, person: &str) -> String {
        text(&self.demo, &format!("/tokens/{person}"))
    }

    pub(super) async fn bytes(&self, person: &str, path: &str) -> Result<Vec<u8>> {
        let response = self.http.get(format!("{}{path}", self.base)).bearer_auth(self.token(person)).send().await?;
        ensure!(response.status().as_u16() == 200, "GET {path}: {}", response.status());
        Ok(response.bytes().await?.to_vec())
    }

    async fn get(&self, path: &str) -> Result<Value> {
        let bytes = self.bytes("eva", &format!("/api/v1/acme/purchasing{path}")).await?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// Submits an order to the demo's supplier as Eva.
    pub(super) async fn submit(&self, price: &str) -> Result<Order> {
        let supplier = text(&self.get("/suppliers").await?, "/items/0/id");
        let line = json!({ "description": "Workbench", "quantity": "1", "price": price, "tax": { "category": "AE", "percent": "0" } });
        let body = json!({ "supplier_id": supplier, "currency": "EUR", "lines": [line] });
        let url = format!("{}/api/v1/acme/purchasing/orders", self.base);
        let request = self.http.post(url).bearer_auth(self.token("eva")).header("Idempotency-Key", "mine").json(&body);
        let response = request.send().await?;
        ensure!(response.status().as_u16() == 201, "{} {}", response.status(), response.text().await?);
        let answer: Value = response.json().await?;
        Ok(Order { id: text(&answer, "/id"), number: text(&answer, "/number"), instance: text(&answer, "/instance") })
    }

    /// The numbers of all orders.
    pub(super) async fn orders(&self) -> Result<Vec<String>> {
        let items = self.get("/orders").await?["items"].as_array().cloned().unwrap_or_default();
        Ok(items.iter().map(|order| text(order, "/number")).collect())
    }

    pub(super) async fn status(&self, order: &Order) -> Result<String> {
        Ok(text(&self.get(&format!("/orders/{}", order.id)).await?, "/status"))
    }

    pub(super) async fn until_status(&self, order: &Order, status: &str) -> Result<()> {
        let begun = Instant::now();
        while self.status(order).await? != status {
            ensure!(begun.elapsed() < PATIENCE, "{} stays {}", order.number, self.status(order).await?);
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Waits for the mail to this address with this in its subject.
    pub(super) async fn mail_to(&self, address: &str, subject: &str) -> Result<Value> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            let mails: Vec<Value> = serde_json::from_slice(&self.bytes("eva", "/mailbox.json").await?)?;
            let fits = |mail: &Value| text(mail, "/to").contains(address) && text(mail, "/subject").contains(subject);
            if let Some(mail) = mails.into_iter().find(fits) {
                return Ok(mail);
            }
            sleep(Duration::from_millis(20)).await;
        }
        bail!("no mail about {subject} came to {address}")
    }

    /// A person follows the link in the mail and presses the button.
    pub(super) async fn approve(&self, person: &str, number: &str) -> Result<()> {
        let mail = self.mail_to(&format!("{person}@acme.example"), number).await?;
        let body = text(&mail, "/text");
        let link = body.split_whitespace().find(|word| word.starts_with("http") && word.contains("/a/"));
        let link = link.with_context(|| format!("no link in {body}"))?;
        let page = Page::read(self.http.get(link).send().await?).await?;
        let form = [("nonce", page.nonce()?), ("decision", "approve".to_owned()), ("comment", String::new())];
        let page = Page::read(self.http.post(link).form(&form).send().await?).await?;
        ensure!(page.status == 303, "{person}: {} {}", page.status, page.text());
        Ok(())
    }
}
