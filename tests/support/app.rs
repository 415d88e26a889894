//! The test app: a whole service on a database of its own, a manual clock, and a real mail server.

use super::database::Database;
use super::faulty::Faulty;
use super::outings::Outings;
use super::page::Page;
use super::smtp::{Mail, SmtpServer};
use anyhow::{Context, Result, ensure};
use api::company_file::CompanyFile;
use api::service::{form_key, hands, router};
use api::state::{AppState, Settings};
use futures::FutureExt;
use jobs::{Hands, SmtpPostman};
use modules::{ConfigLayers, Module, Registry, SecretsKey, Trust};
use purchasing::Purchasing;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use store::{Crash, ManualClock, Options, Store};
use tokio::task::JoinHandle;

/// 23 November 2026, 09:00 UTC, a Monday.
const START: i64 = 1_795_424_400_000;

pub(crate) const fn hours(count: i64) -> i64 {
    count * 3_600_000
}

pub(crate) const fn days(count: i64) -> i64 {
    count * 86_400_000
}

/// A submitted order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) instance: String,
}

/// A service under test, seen from outside.
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) smtp: SmtpServer,
    pub(crate) base: String,
    pub(crate) crash: Arc<Crash>,
    database: Database,
    hands: Arc<Hands>,
    registry: Registry,
    http: reqwest::Client,
    server: JoinHandle<()>,
    suppliers: BTreeMap<String, String>,
    broken: Arc<AtomicBool>,
}

impl App {
    /// A service with the company Acme on this database.
    pub(crate) async fn on(database: Database) -> Result<Self> {
        let broken = Arc::new(AtomicBool::new(false));
        let registry = registry(&broken)?;
        let clock = Arc::new(ManualClock::at(START));
        let smtp = SmtpServer::start().await?;
        let crash = Arc::new(Crash::never());
        let running = boot(&database.url, &registry, &clock, &smtp, &crash).await?;
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
        let Booted { store, hands, base, server } = running;
        let suppliers = BTreeMap::new();
        let app = Self { store, clock, smtp, base, crash, database, hands, registry, http, server, suppliers, broken };
        app.furnish().await?;
        Ok(app)
    }

    async fn furnish(&self) -> Result<()> {
        let text = include_str!("../../definitions/demo/acme.json");
        let file = CompanyFile::parse(text).map_err(|problems| anyhow::anyhow!("{problems:?}"))?;
        file.apply(&self.store, &self.registry).await?;
        for person in &file.people {
            let (id, secret) = (person.id.clone(), token(&person.id));
            self.store
                .write(move |unit| {
                    let (id, secret) = (id.clone(), secret.clone());
                    async move { unit.put_token("acme", &secret, &id, "test").await }.boxed()
                })
                .await?;
        }
        Ok(())
    }

    /// Stops at once, as if the power were cut, and starts again on what is stored. `crash` is for the new life.
    pub(crate) async fn restart_with(&mut self, crash: Crash) -> Result<()> {
        self.server.abort();
        self.crash = Arc::new(crash);
        // A new life knows nothing of what the one before had in memory.
        self.registry = registry(&self.broken)?;
        let Booted { store, hands, base, server } =
            boot(&self.database.url, &self.registry, &self.clock, &self.smtp, &self.crash).await?;
        (self.store, self.hands, self.base, self.server) = (store, hands, base, server);
        Ok(())
    }

    /// Stops at once and starts again as an installation that trusts others.
    pub(crate) async fn restart_trusting(&mut self, trust: Trust) -> Result<()> {
        self.server.abort();
        self.registry = registry(&self.broken)?.trusting(trust);
        let Booted { store, hands, base, server } =
            boot(&self.database.url, &self.registry, &self.clock, &self.smtp, &self.crash).await?;
        (self.store, self.hands, self.base, self.server) = (store, hands, base, server);
        Ok(())
    }

    /// Another node on the same database, with a clock of its own.
    pub(crate) async fn node(&self, clock: &Arc<ManualClock>) -> Result<Node> {
        let Booted { hands, server, .. } =
            boot(&self.database.url, &self.registry, clock, &self.smtp, &Arc::new(Crash::never())).await?;
        Ok(Node { hands, server })
    }

    /// Stops at once and starts again.
    pub(crate) async fn restart(&mut self) -> Result<()> {
        self.restart_with(Crash::never()).await
    }

    /// Performs everything that is due now: deadlines and effects, until nothing is left.
    pub(crate) async fn work(&self) -> Result<()> {
        for _ in 0..100 {
            let fired = self.hands.fire_due().await?;
            let performed = self.hands.drain().await?;
            if fired + performed == 0 {
                return Ok(());
            }
        }
        anyhow::bail!("the work does not end")
    }

    /// Its hands, for stories that tell of each of several nodes.
    pub(crate) fn hands(&self) -> &Hands {
        &self.hands
    }

    /// Lets time pass, and what comes due happen.
    pub(crate) async fn pass(&self, ms: i64) -> Result<()> {
        self.clock.pass(ms);
        self.work().await
    }

    /// A request of a person to the API; status and body.
    pub(crate) async fn call(
        &self,
        person: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<(u16, Value)> {
        self.call_with(person, method, path, body, &[]).await
    }

    pub(crate) async fn call_with(
        &self,
        person: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/acme{path}", self.base);
        let mut request = self.http.request(method.parse()?, url).bearer_auth(token(person));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        if text.is_empty() {
            return Ok((status, Value::Null));
        }
        let body = serde_json::from_str(&text).with_context(|| format!("{method} {path} answered {status} {text}"))?;
        Ok((status, body))
    }

    /// Sends a file as a person; status and body.
    pub(crate) async fn upload(
        &self,
        person: &str,
        path: &str,
        bytes: &[u8],
        headers: &[(&str, &str)],
    ) -> Result<(u16, Value)> {
        let url = format!("{}/api/v1/acme{path}", self.base);
        let mut request = self.http.post(url).bearer_auth(token(person)).body(bytes.to_vec());
        request = request.header("Content-Type", "application/octet-stream");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        let body = serde_json::from_str(&text).with_context(|| format!("{path} answered {status} {text}"))?;
        Ok((status, body))
    }

    /// The bytes behind a path, as a person.
    pub(crate) async fn bytes(&self, person: &str, path: &str) -> Result<(u16, Vec<u8>)> {
        let response =
            self.http.get(format!("{}/api/v1/acme{path}", self.base)).bearer_auth(token(person)).send().await?;
        Ok((response.status().as_u16(), response.bytes().await?.to_vec()))
    }

    /// The id of a supplier of that name, made on first use.
    pub(crate) async fn supplier(&mut self, name: &str) -> Result<String> {
        if let Some(id) = self.suppliers.get(name) {
            return Ok(id.clone());
        }
        let body = json!({ "name": name, "email": format!("orders@{}.example", name.to_lowercase()) });
        let (status, answer) = self.call("eva", "POST", "/purchasing/suppliers", Some(&body)).await?;
        ensure!(status == 201, "{answer}");
        let id = text(&answer, "/id");
        self.suppliers.insert(name.to_owned(), id.clone());
        Ok(id)
    }

    /// An order of one line with this total, without tax, as a client would send it.
    pub(crate) async fn order_of(&mut self, total: &str, currency: &str) -> Result<Value> {
        let supplier = self.supplier("Nordwind").await?;
        let line = json!({ "description": "Workbench", "quantity": "1", "price": total, "tax": { "category": "AE", "percent": "0" } });
        Ok(json!({ "supplier_id": supplier, "currency": currency, "lines": [line] }))
    }

    /// Submits an order of this total in EUR as Eva.
    pub(crate) async fn submit(&mut self, total: &str) -> Result<Order> {
        let body = self.order_of(total, "EUR").await?;
        self.submit_body(&body, "first").await
    }

    /// Submits an order as Eva; the same key again is the same order.
    pub(crate) async fn submit_body(&self, body: &Value, key: &str) -> Result<Order> {
        let (status, answer) =
            self.call_with("eva", "POST", "/purchasing/orders", Some(body), &[("Idempotency-Key", key)]).await?;
        ensure!(status == 201, "{status} {answer}");
        Ok(Order { id: text(&answer, "/id"), number: text(&answer, "/number"), instance: text(&answer, "/instance") })
    }

    /// The status of an order.
    pub(crate) async fn status(&self, order: &Order) -> Result<String> {
        let (_, answer) = self.call("eva", "GET", &format!("/purchasing/orders/{}", order.id), None).await?;
        Ok(text(&answer, "/status"))
    }

    /// The instance behind an order.
    pub(crate) async fn instance(&self, order: &Order) -> Result<Value> {
        Ok(self.call("ada", "GET", &format!("/instances/{}", order.instance), None).await?.1)
    }

    /// The types of the events that were published.
    pub(crate) async fn events(&self) -> Result<Vec<String>> {
        let (_, answer) = self.call("ada", "GET", "/events", None).await?;
        let items =
            answer.get("items").or_else(|| answer.get("events")).and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(items.iter().map(|event| text(event, "/type")).collect())
    }

    /// The mails to a person of Acme, oldest first.
    pub(crate) fn mails_to(&self, person: &str) -> Vec<Mail> {
        self.smtp.mails_to(&format!("{person}@acme.example"))
    }

    /// The path of the link in the latest mail to a person that has one.
    pub(crate) fn link_to(&self, person: &str) -> Result<String> {
        let mails = self.mails_to(person);
        let link = mails.iter().rev().find_map(|mail| mail.link_with("/a/"));
        let link = link.with_context(|| format!("no mail to {person} has a link; {} mails came", mails.len()))?;
        let path = link.find("/a/").map(|at| link.split_at(at).1.to_owned());
        path.context("the link has no path")
    }

    /// Opens a path in a browser.
    pub(crate) async fn open(&self, path: &str) -> Result<Page> {
        Page::read(self.http.get(format!("{}{path}", self.base)).send().await?).await
    }

    pub(crate) async fn head(&self, path: &str) -> Result<u16> {
        Ok(self.http.head(format!("{}{path}", self.base)).send().await?.status().as_u16())
    }

    /// Sends a form as it is.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Result<Page> {
        Page::read(self.http.post(format!("{}{path}", self.base)).form(fields).send().await?).await
    }

    /// Opens a link and presses a button.
    pub(crate) async fn press(&self, path: &str, decision: &str, comment: &str) -> Result<Page> {
        let nonce = self.open(path).await?.nonce()?;
        self.send(path, &nonce, decision, comment).await
    }

    /// Two pages are open, and their buttons are pressed at the same moment.
    pub(crate) async fn press_both(&self, one: (&str, &str), two: (&str, &str)) -> Result<[Page; 2]> {
        let (first, second) = (self.open(one.0).await?.nonce()?, self.open(two.0).await?.nonce()?);
        let reason = "at the same moment";
        let (one, two) =
            tokio::join!(self.send(one.0, &first, one.1, reason), self.send(two.0, &second, two.1, reason));
        Ok([one?, two?])
    }

    async fn send(&self, path: &str, nonce: &str, decision: &str, comment: &str) -> Result<Page> {
        self.post_form(path, &[("nonce", nonce), ("decision", decision), ("comment", comment)]).await
    }

    /// A person follows the link in the latest mail and approves; then everything that follows happens.
    pub(crate) async fn approve(&self, person: &str) -> Result<()> {
        self.decide(person, "approve", "").await
    }

    /// A person follows the link in the latest mail and decides; then everything that follows happens.
    pub(crate) async fn decide(&self, person: &str, decision: &str, comment: &str) -> Result<()> {
        let page = self.press(&self.link_to(person)?, decision, comment).await?;
        ensure!(page.status == 303, "{person} pressed {decision}: {} {}", page.status, page.text());
        self.work().await
    }

    /// Makes every document fail, or succeed again.
    pub(crate) fn break_documents(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Where its database is.
    pub(crate) fn url(&self) -> &str {
        &self.database.url
    }

    /// Runs a statement behind the service's back.
    pub(crate) async fn sql(&self, statement: &str) -> Result<()> {
        self.database.sql(statement).await
    }

    /// The whole store as text.
    pub(crate) async fn dump(&self) -> Result<String> {
        Ok(self.store.read().await?.dump().await?)
    }

    /// Ends the story: nothing may be left undone, every instance must be what its history makes of it, and everything
    /// around them must fit.
    pub(crate) async fn finish(self) -> Result<()> {
        let mut reader = self.store.read().await?;
        let report = reader.check_deep(|_, _| {}).await?;
        ensure!(report.violations.is_empty(), "{:?}", report.violations);
        let now = store::Clock::now_ms(self.clock.as_ref());
        let due = reader.next_effect_at().await?.is_some_and(|at| at <= now);
        ensure!(!due, "effects are left undone");
        drop(reader);
        self.server.abort();
        self.store.close().await;
        self.database.remove().await
    }
}

/// A second node.
pub(crate) struct Node {
    pub(crate) hands: Arc<Hands>,
    server: JoinHandle<()>,
}

impl Drop for Node {
    fn drop(&mut self) {
        self.server.abort();
    }
}

struct Booted {
    store: Store,
    hands: Arc<Hands>,
    base: String,
    server: JoinHandle<()>,
}

async fn boot(
    url: &str,
    registry: &Registry,
    clock: &Arc<ManualClock>,
    smtp: &SmtpServer,
    crash: &Arc<Crash>,
) -> Result<Booted> {
    let options = Options {
        clock: clock.clone(),
        inline: Arc::new(registry.clone()),
        crash: crash.clone(),
        ..Options::default()
    };
    let store = Store::open(url, options).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let base = format!("http://{}", listener.local_addr()?);
    let postman = Arc::new(SmtpPostman::new(&format!("smtp://{}", smtp.address()))?);
    let hands = Arc::new(hands(&store, registry, postman, &base, "Countersign <no-reply@acme.example>")?);
    // A store that is to crash may do so here already; the key is only needed by pages.
    let form_key = form_key(&store).await.unwrap_or([7; 32]);
    let settings = Settings { base_url: base.clone(), form_key, mailbox: false };
    let app = router(AppState::new(store.clone(), registry.clone(), settings))
        .into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move {
        // The test sees a refused connection if the server has ended.
        let _ = axum::serve(listener, app).await;
    });
    Ok(Booted { store, hands, base, server })
}

fn registry(broken: &Arc<AtomicBool>) -> Result<Registry> {
    let purchasing = Faulty { inner: Purchasing::new()?, broken: broken.clone() };
    let file = serde_json::from_value(json!({ "travel": { "greeting": "of the installation" } }))?;
    let layers = ConfigLayers::default().with_file(file).with_key(SecretsKey::parse(&"5".repeat(64)));
    Ok(Registry::new(vec![Box::new(purchasing) as Box<dyn Module>, Box::new(Outings::new())])?.configured(layers))
}

/// The bearer token of a person.
pub(crate) fn token(person: &str) -> String {
    format!("token-of-{person}-0123456789abcdef")
}

/// The text at a JSON pointer; empty if there is none.
pub(crate) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}
