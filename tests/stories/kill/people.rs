//! Those who submit and those who approve. Whoever gets no answer asks again.

use super::doors::Doors;
use super::ledger::{Ledger, Taken};
use crate::support::app::text;
use crate::support::chance::Chance;
use crate::support::page::Page;
use crate::support::smtp::{Mail, SmtpServer};
use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

const APPROVERS: [&str; 4] = ["mira", "felix", "fiona", "hanna"];
const SUBMITTERS: usize = 3;
/// How long somebody goes on asking. Only reached if the service does not come back.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the people share.
pub(crate) struct World {
    pub(crate) http: Client,
    pub(crate) smtp: Arc<SmtpServer>,
    pub(crate) doors: Doors,
    tokens: BTreeMap<String, String>,
    supplier: String,
    ledger: Mutex<Ledger>,
    closing_time: AtomicBool,
}

/// An answer, whole.
pub(crate) struct Answer {
    pub(crate) status: u16,
    body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).with_context(|| format!("{} {}", self.status, self.body))
    }
}

impl World {
    pub(crate) fn new(
        doors: Doors,
        tokens: BTreeMap<String, String>,
        smtp: Arc<SmtpServer>,
        ledger: Ledger,
    ) -> Result<Self> {
        let http =
            Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(10)).build()?;
        let (ledger, closing_time) = (Mutex::new(ledger), AtomicBool::new(false));
        Ok(Self { http, smtp, doors, tokens, supplier: String::new(), ledger, closing_time })
    }

    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn nobody_submits_any_more(&self) {
        self.closing_time.store(true, Ordering::SeqCst);
    }

    /// Waits until so many orders and decisions were answered well.
    pub(crate) async fn until_answered_so_often(&self, times: usize) -> Result<()> {
        let begun = Instant::now();
        while self.ledger().answered() < times {
            ensure!(begun.elapsed() < PATIENCE, "nothing is answered");
            sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    pub(crate) async fn add_supplier(&mut self) -> Result<()> {
        let body = json!({ "name": "Nordwind", "email": "orders@nordwind.example" });
        let answer = self.post("eva", "/purchasing/suppliers", "the-supplier", &body).await?;
        ensure!(answer.status == 201, "{} {}", answer.status, answer.body);
        self.supplier = text(&answer.json()?, "/id");
        Ok(())
    }

    /// Sends until somebody answers, at one door after the other. 503 says that nobody knows, and to ask again.
    async fn until_answered(&self, request: impl Fn(&str) -> RequestBuilder) -> Result<Answer> {
        let begun = Instant::now();
        loop {
            let door = self.doors.next();
            let sent = async {
                let response = request(&door).send().await?;
                let status = response.status().as_u16();
                Ok::<_, reqwest::Error>(Answer { status, body: response.text().await? })
            };
            let why = match sent.await {
                Ok(answer) if answer.status != 503 => return Ok(answer),
                Ok(answer) => answer.body,
                Err(error) => format!("{error:?}"),
            };
            ensure!(begun.elapsed() < PATIENCE, "the service does not come back: {why}");
            self.ledger().no_answer(format!("{door}: {why}"));
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// `GET /api/v1/acme{path}` as a person.
    pub(crate) async fn get(&self, person: &str, path: &str) -> Result<Value> {
        let url = |door: &str| format!("{door}/api/v1/acme{path}");
        let answer = self.until_answered(|door| self.http.get(url(door)).bearer_auth(self.token(person))).await?;
        ensure!(answer.status == 200, "GET {path}: {} {}", answer.status, answer.body);
        answer.json()
    }

    async fn post(&self, person: &str, path: &str, key: &str, body: &Value) -> Result<Answer> {
        self.until_answered(|door| self.posting(door, person, path, key, body)).await
    }

    /// `POST /api/v1/acme{path}` as a person, at this door.
    pub(crate) fn posting(&self, door: &str, person: &str, path: &str, key: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(format!("{door}/api/v1/acme{path}")).bearer_auth(self.token(person));
        request.header("Idempotency-Key", key).json(body)
    }

    pub(crate) fn token(&self, person: &str) -> &str {
        self.tokens.get(person).map(String::as_str).unwrap_or_default()
    }

    /// An order of that many cents, as a client sends it.
    pub(crate) fn order_of(&self, cents: u64) -> Value {
        let price = format!("{}.{:02}", cents / 100, cents % 100);
        let line = json!({ "description": "Workbench", "quantity": "1", "price": price, "tax": { "category": "AE", "percent": "0" } });
        json!({ "supplier_id": self.supplier, "currency": "EUR", "lines": [line] })
    }

    /// Submits an order of that many cents and enters the answer.
    pub(crate) async fn submit(&self, key: &str, cents: u64) -> Result<()> {
        let answer = self.post("eva", "/purchasing/orders", key, &self.order_of(cents)).await?;
        ensure!(answer.status == 201, "{key}: {} {}", answer.status, answer.body);
        let body = answer.json()?;
        let [id, number, instance] = ["/id", "/number", "/instance"].map(|pointer| text(&body, pointer));
        let is_new = self.ledger().took(key, Taken { id, number, instance, is_large: cents > 500_000 });
        ensure!(is_new, "{key} was answered twice, differently: {}", answer.body);
        Ok(())
    }

    /// Follows the link of a mail, opens the page and presses the button. Whatever name the link has, a balancer leads it
    /// to a node.
    async fn approve_on_page(&self, person: &str, number: &str, link: &str) -> Result<()> {
        let path = link.find("/a/").and_then(|at| link.get(at..)).context("a link")?;
        let opened = self.until_answered(|door| self.http.get(format!("{door}{path}"))).await?;
        ensure!(opened.status == 200, "{person} opened the link for {number}: {}", opened.status);
        let page = Page { status: opened.status, html: opened.body };
        let Ok(nonce) = page.nonce() else {
            ensure!(page.text().contains("You approved"), "{person}, {number}: {}", page.text());
            self.ledger().decided(number, person);
            return Ok(());
        };
        let form = [("nonce", nonce.as_str()), ("decision", "approve"), ("comment", "")];
        let pressed = self.until_answered(|door| self.http.post(format!("{door}{path}")).form(&form)).await?;
        ensure!(pressed.status == 303, "{person} approved {number}: {} {}", pressed.status, pressed.body);
        self.ledger().decided(number, person);
        Ok(())
    }

    async fn approve_over_api(&self, person: &str, number: &str, instance: &str, key: &str) -> Result<()> {
        let path = format!("/instances/{instance}/decisions");
        let answer = self.post(person, &path, key, &json!({ "decision": "approve" })).await?;
        ensure!(answer.status == 200, "{person} approved {number}: {} {}", answer.status, answer.body);
        self.ledger().decided(number, person);
        Ok(())
    }
}

/// Those who are at work.
pub(crate) struct Clients {
    /// They end when nobody submits any more.
    pub(crate) submitters: JoinSet<Result<()>>,
    /// They end only when something is wrong.
    pub(crate) approvers: JoinSet<Result<()>>,
}

/// Everybody begins.
pub(crate) fn begin(world: &Arc<World>, chance: &mut Chance) -> Clients {
    let (mut submitters, mut approvers) = (JoinSet::new(), JoinSet::new());
    for n in 0..SUBMITTERS {
        submitters.spawn(submits(Arc::clone(world), n, chance.split()));
    }
    for person in APPROVERS {
        approvers.spawn(approves(Arc::clone(world), person, chance.split()));
    }
    Clients { submitters, approvers }
}

async fn submits(world: Arc<World>, who: usize, mut chance: Chance) -> Result<()> {
    let mut count = 0;
    while !world.closing_time.load(Ordering::SeqCst) {
        count += 1;
        let (key, cents) = (format!("order-{who}-{count}"), cents(&mut chance));
        world.submit(&key, cents).await?;
        if chance.one_in(5) {
            world.submit(&key, cents).await?;
        }
        sleep(chance.ms(20, 600)).await;
    }
    Ok(())
}

/// One order in four needs more than the manager.
fn cents(chance: &mut Chance) -> u64 {
    if chance.one_in(4) { chance.between(500_001, 5_000_000) } else { chance.between(100, 500_000) }
}

/// Answers every mail, also the second copy of one, on the page or over the API. Ends only with an error.
async fn approves(world: Arc<World>, person: &'static str, mut chance: Chance) -> Result<()> {
    let (mut known, address) = (0, format!("{person}@acme.example"));
    loop {
        let mails = world.smtp.after(known).await?;
        known += mails.len();
        for mail in mails.iter().filter(|mail| mail.envelope_to.contains(&address)) {
            let Some(link) = mail.link_with("/a/") else { continue };
            let number = number(mail)?;
            let instance = world.ledger().instance(&number).filter(|_| chance.one_in(3));
            match instance {
                Some(instance) => {
                    let key = format!("{person}-{}", chance.between(0, u64::MAX - 1));
                    world.approve_over_api(person, &number, &instance, &key).await?;
                }
                None => world.approve_on_page(person, &number, &link).await?,
            }
        }
    }
}

/// `PO-2026-000012`, from the subject.
pub(crate) fn number(mail: &Mail) -> Result<String> {
    let start = mail.subject.find("PO-").with_context(|| format!("no number in \"{}\"", mail.subject))?;
    let rest = mail.subject.get(start..).unwrap_or_default();
    Ok(rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect())
}
