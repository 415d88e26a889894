//! A house for tests: a store in a folder of its own, three people, one module and one workflow.

use crate::hands::LEASE_MS;
use crate::{Hands, Mail, PostError, Postman, RetryPolicy, Settings};
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::view::{Column, Fact, Table, View};
use modules::{Action, ActionError, Module, Package, Registry, Rendering};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use store::{Claimed, Company, Crash, ManualClock, NewInstance, NewObject, Object, Options, Person, Store, Unit};
use workflow::{Actor, Channel, EventKind, Instance};

/// 23 November 2026, 15:21:09 UTC.
pub(super) const START: i64 = 1_795_447_269_000;
pub(super) const DAY: i64 = 86_400_000;
pub(super) const HOSTILE: &str = "<script>alert(1)</script>\"'\r\nBcc: all@x.example";

/// Keeps mail, or fails as it is told.
#[derive(Default)]
pub(super) struct Recorder {
    pub(super) mails: Mutex<Vec<Mail>>,
    pub(super) trouble: Mutex<Option<PostError>>,
    /// Refuses mail, and says what was in it.
    pub(super) repeats: AtomicBool,
}

impl Postman for Recorder {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), PostError>> {
        async move {
            if let Some(trouble) = self.trouble.lock().unwrap().clone() {
                return Err(trouble);
            }
            if self.repeats.load(Ordering::SeqCst) {
                return Err(PostError::Never(mail.text.clone()));
            }
            self.mails.lock().unwrap().push(mail.clone());
            Ok(())
        }
        .boxed()
    }
}

/// What the test's module does, and how often it did.
#[derive(Default)]
pub(super) struct Behaviour {
    pub(super) begun: AtomicUsize,
    pub(super) acted: AtomicUsize,
    pub(super) panics: AtomicUsize,
    pub(super) slow_ms: AtomicUsize,
    pub(super) no_document: AtomicBool,
}

struct TestModule(Package, Arc<Behaviour>);

impl Module for TestModule {
    fn package(&self) -> &Package {
        &self.0
    }

    fn view(&self, object: &Object, _: &[Object]) -> View {
        let text = |name: &str| object.data[name].as_str().unwrap_or_default().to_owned();
        let column = |title: &str, numeric| Column { title: title.to_owned(), numeric };
        View {
            title: format!("Purchase order {}", object.number.as_deref().unwrap_or_default()),
            headline: text("total"),
            facts: vec![Fact::new("Supplier", text("supplier")), Fact::new("Cost centre", "4711")],
            table: Some(Table {
                columns: vec![column("Item", false), column("Quantity", true), column("Amount", true)],
                rows: vec![vec![text("item"), text("quantity"), text("total")]],
            }),
            totals: vec![Fact::new("Total", text("total"))],
            note: Some("Line one.\nLine two.".to_owned()),
        }
    }

    fn outside_view(&self, object: &Object, related: &[Object]) -> View {
        let mut view = self.view(object, related);
        view.facts.retain(|fact| fact.label != "Cost centre");
        view
    }

    fn changes(&self, _: &str, before: &Value, after: &Value) -> Vec<String> {
        vec![format!("Quantity: {} became {}.", before["quantity"], after["quantity"])]
    }

    fn act<'a>(&'a self, action: Action<'a>) -> BoxFuture<'a, Result<Value, ActionError>> {
        async move {
            self.1.begun.fetch_add(1, Ordering::SeqCst);
            let slow = self.1.slow_ms.load(Ordering::SeqCst);
            tokio::time::sleep(std::time::Duration::from_millis(slow as u64)).await;
            let left = self.1.panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            assert!(left.is_err(), "the test asked for this panic");
            self.1.acted.fetch_add(1, Ordering::SeqCst);
            Ok(json!({ "key": action.idempotency_key }))
        }
        .boxed()
    }

    fn render(&self, rendering: &Rendering<'_>) -> Result<Vec<u8>, ActionError> {
        assert!(!self.1.no_document.load(Ordering::SeqCst), "the test asked for this panic");
        Ok(format!("%PDF draft={} by {}", !rendering.is_final, rendering.approvals.len()).into_bytes())
    }
}

const MANIFEST: &str = "
name: test
version: 0.1.0
title: Test
description: For tests.
licence: Apache-2.0
permissions:
  - { name: test.create, title: Make things, roles: [\"*\"] }
  - { name: test.read, title: See things, roles: [\"*\"] }
objects:
  - { collection: things, title: Thing, schema: thing.json, create: test.create, read: test.read, document: document.pdf }
actions: [test.work]
mails: [{ name: test/order, file: mail/order }]
";

fn package() -> Package {
    Package::of([
        ("module.yaml", MANIFEST),
        ("thing.json", "{}"),
        ("mail/order.subject.txt", include_str!("../../../definitions/purchasing/mail/order.subject.txt")),
        ("mail/order.txt", include_str!("../../../definitions/purchasing/mail/order.txt")),
        ("mail/order.html", include_str!("../../../definitions/purchasing/mail/order.html")),
    ])
}

fn approval() -> Value {
    json!({
        "Type": "Approval",
        "Title": "Manager approval",
        "Details": "Orders above 5,000 EUR need a manager.",
        "Subject": { "Type": "test/things", "Id": "t1" },
        "Groups": [{ "Name": "managers", "From": [{ "User": "anna" }, { "User": "ben" }], "Quorum": 1 }],
        "Decisions": [{ "Name": "approve" }, { "Name": "reject" }, { "Name": "return", "Outcome": "returned" }],
        "Reminders": [{ "After": "P1D", "Max": 1 }],
        "Escalations": [{ "After": "P3D", "Do": "AddApprovers", "From": [{ "User": "carla" }] }],
        "ExpireAfter": "P5D",
        "Outcomes": {
            "approved": { "Next": "Send" },
            "rejected": { "Next": "Stop" },
            "returned": { "Next": "Manager" },
            "expired": { "Next": "Stop" }
        }
    })
}

fn send() -> Value {
    json!({
        "Type": "Task",
        "Resource": "mail.send",
        "Arguments": {
            "to": "sales@nordwind.example",
            "template": "test/order",
            "object": { "kind": "test/things", "id": "t1" },
            "attach": ["document.pdf"],
            "data": {
                "supplier": { "name": "Nordwind GmbH" },
                "contact": { "name": "Eva Berg", "email": "eva@acme.example" },
                "revision": 1,
                "message": null
            }
        },
        "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "Stop" }],
        "Next": "Done"
    })
}

fn definition(start_at: &str) -> Value {
    let work = json!({ "Type": "Task", "Resource": "test.work", "Arguments": {}, "Next": "Done" });
    let done = json!({ "Type": "Succeed" });
    let stop = json!({ "Type": "Fail", "Error": "Stopped", "Cause": "not agreed" });
    let states = match start_at {
        "Work" => json!({ "Work": work, "Done": done }),
        "Send" => json!({ "Send": send(), "Done": done, "Stop": stop }),
        _ => json!({ "Manager": approval(), "Send": send(), "Done": done, "Stop": stop }),
    };
    json!({ "QueryLanguage": "JSONata", "StartAt": start_at, "States": states })
}

/// Everything that a test needs. The folder goes with it.
pub(super) struct House {
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    pub(super) hands: Arc<Hands>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) behaviour: Arc<Behaviour>,
    folder: PathBuf,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl House {
    pub(super) async fn new() -> Self {
        Self::with(Arc::new(Crash::never())).await
    }

    pub(super) async fn with(crash: Arc<Crash>) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let folder = format!("countersign-jobs-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let (clock, behaviour) = (Arc::new(ManualClock::at(START)), Arc::new(Behaviour::default()));
        let recorder = Arc::new(Recorder::default());
        let (store, hands) = open(&folder, &clock, &behaviour, &recorder, crash).await;
        let house = Self { store, clock, hands, recorder, behaviour, folder };
        house.write(|unit| furnish(unit).boxed()).await;
        house
    }

    /// The service after its power was cut: what is not in the database is gone. Leases end.
    pub(super) async fn restart(&mut self) {
        self.store.close().await;
        (self.store, self.hands) =
            open(&self.folder, &self.clock, &self.behaviour, &self.recorder, Arc::default()).await;
        self.clock.pass(LEASE_MS + 1);
    }

    pub(super) async fn write<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, store::StoreError>> + Send + 'static,
    {
        self.store.write(work).await.unwrap()
    }

    /// Starts the workflow at this state.
    pub(super) async fn start(&self, state: &'static str) -> Instance {
        self.write(move |unit| {
            async move {
                unit.save_definition("acme", state, &definition(state)).await?;
                let new = NewInstance {
                    company: "acme".to_owned(),
                    definition: state.to_owned(),
                    input: json!({ "object": { "kind": "test/things", "id": "t1" } }),
                    requester: Some("eva".to_owned()),
                    subject: None,
                };
                unit.start(Actor::System, new).await
            }
            .boxed()
        })
        .await
    }

    pub(super) async fn tell(&self, instance: &Instance, kind: EventKind) -> Instance {
        let id = instance.id.clone();
        self.write(move |unit| {
            let (id, kind) = (id.clone(), kind.clone());
            async move {
                let actor = Actor::Person { id: "anna".to_owned(), through: Channel::Link };
                unit.advance("acme", &id, actor, kind).await
            }
            .boxed()
        })
        .await
    }

    pub(super) async fn vote(
        &self,
        instance: &Instance,
        person: &str,
        decision: &str,
        comment: Option<&str>,
    ) -> Instance {
        let activity = self.instance(instance).await.open_approvals().next().unwrap().1.activity;
        let (person, decision, comment) = (person.to_owned(), decision.to_owned(), comment.map(str::to_owned));
        self.tell(instance, EventKind::Voted { activity, person, decision, form: None, comment }).await
    }

    pub(super) async fn instance(&self, instance: &Instance) -> Instance {
        self.store.read().await.unwrap().instance("acme", &instance.id).await.unwrap().0
    }

    /// Changes a text of the object: its next revision.
    pub(super) async fn revise(&self, name: &'static str, text: &'static str) {
        self.write(move |unit| {
            async move {
                let mut object = unit.object("acme", "test/things", "t1").await?;
                object.data[name] = text.into();
                unit.revise_object("acme", &object, "eva").await.map(|_| ())
            }
            .boxed()
        })
        .await;
    }

    pub(super) async fn change_person(&self, id: &'static str, change: fn(&mut Person)) {
        self.write(move |unit| {
            async move {
                let mut person = unit.person("acme", id).await?.unwrap();
                change(&mut person);
                unit.put_person("acme", &person).await
            }
            .boxed()
        })
        .await;
    }

    /// Claims as another node does.
    pub(super) async fn claim(&self) -> Vec<Claimed> {
        self.write(|unit| async move { unit.claim_effects(100, LEASE_MS).await }.boxed()).await
    }

    /// The mails since the last call.
    pub(super) fn mails(&self) -> Vec<Mail> {
        std::mem::take(&mut *self.recorder.mails.lock().unwrap())
    }

    pub(super) fn trouble(&self, trouble: Option<PostError>) {
        *self.recorder.trouble.lock().unwrap() = trouble;
    }

    pub(super) async fn open_effects(&self) -> u64 {
        self.store.read().await.unwrap().open_effects().await.unwrap()
    }

    /// What the link of a mail is bound to.
    pub(super) async fn link(&self, mail: &Mail) -> Option<store::Link> {
        self.store.read().await.unwrap().link(&token(mail)).await.unwrap()
    }
}

async fn open(
    folder: &Path,
    clock: &Arc<ManualClock>,
    behaviour: &Arc<Behaviour>,
    recorder: &Arc<Recorder>,
    crash: Arc<Crash>,
) -> (Store, Arc<Hands>) {
    let options = Options { clock: clock.clone(), crash, ..Options::default() };
    let store = Store::open(&format!("sqlite://{}/test.db", folder.display()), options).await.unwrap();
    let registry = Registry::new(vec![Box::new(TestModule(package(), behaviour.clone()))]).unwrap();
    let hands = Hands::new(store.clone(), registry, recorder.clone(), settings()).unwrap();
    (store, Arc::new(hands))
}

/// The secret in a mail's text.
pub(super) fn token(mail: &Mail) -> String {
    let (_, rest) = mail.text.split_once("https://approve.acme.example/a/").unwrap();
    rest.chars().take_while(char::is_ascii_hexdigit).collect()
}

pub(super) fn settings() -> Settings {
    Settings {
        base_url: "https://approve.acme.example".to_owned(),
        mail_from: "Countersign <no-reply@acme.example>".to_owned(),
        mail_domain: "acme.example".to_owned(),
        policy: RetryPolicy::default(),
    }
}

async fn furnish(unit: &mut Unit) -> Result<(), store::StoreError> {
    let company = Company { id: "acme".to_owned(), name: "Acme Instruments".to_owned(), settings: json!({}) };
    unit.put_company(&company).await?;
    for (id, name) in [("anna", "Anna Weber"), ("ben", "Ben Stone"), ("carla", "Carla Nunes"), ("eva", "Eva Berg")] {
        let email = format!("{id}@acme.example");
        let (id, name) = (id.to_owned(), name.to_owned());
        let person = Person { id, name, email, manager: None, department: None, roles: Vec::new(), active: true };
        unit.put_person("acme", &person).await?;
    }
    let new = NewObject {
        kind: "test/things".to_owned(),
        id: "t1".to_owned(),
        status: "submitted".to_owned(),
        number: Some("2026-000017".to_owned()),
        data: json!({ "supplier": "Nordwind GmbH", "item": "Balance", "quantity": "20", "total": "12,400.00 EUR" }),
        by: "eva".to_owned(),
    };
    unit.insert_object("acme", &new).await.map(|_| ())
}
