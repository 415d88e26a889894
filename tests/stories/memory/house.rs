//! A store on a database of its own, with a clock that stands still, a company, people and two workflows.

use crate::support::Database;
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{About, ManualClock, NewInstance, Options, Person, Reader, Store, StoreError};
use workflow::{Actor, Channel, EventKind, Instance};

/// 23 November 2026, 09:00 UTC.
pub(super) const START: i64 = 1_795_424_400_000;

pub(super) struct House {
    pub(super) store: Store,
    pub(super) clock: Arc<ManualClock>,
    /// Whether the story has changed rows behind the store's back, so that they need not be right in the end.
    pub(super) tampered: bool,
    pub(super) database: Database,
}

impl House {
    pub(super) async fn on(database: Database) -> Result<Self> {
        let clock = Arc::new(ManualClock::at(START));
        let store = open(&database.url, &clock).await?;
        let house = Self { store, clock, tampered: false, database };
        house.people(3).await?;
        house.save("vote", &vote()).await?;
        house.save("work", &work()).await?;
        Ok(house)
    }

    /// Another node on the same database; on SQLite, where there is one, the same store.
    pub(super) async fn second(&self) -> Result<Store> {
        if self.is_sqlite() { Ok(self.store.clone()) } else { Ok(open(&self.database.url, &self.clock).await?) }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.database.url.starts_with("sqlite:")
    }

    pub(super) fn clock_ms(&self) -> i64 {
        self.store.now_ms()
    }

    pub(super) async fn reader(&self) -> Result<Reader> {
        Ok(self.store.read().await?)
    }

    /// People `p0`, `p1`, ... with the role `voter`.
    pub(super) async fn people(&self, count: usize) -> Result<()> {
        let work = self.store.write(move |unit| {
            async move {
                for n in 0..count {
                    unit.put_person("acme", &person(&format!("p{n}"), true)).await?;
                }
                Ok(())
            }
            .boxed()
        });
        Ok(work.await?)
    }

    pub(super) async fn save(&self, name: &'static str, document: &Value) -> Result<u32> {
        let document = document.clone();
        let work = self.store.write(move |unit| {
            let document = document.clone();
            async move { unit.save_definition("acme", name, &document).await }.boxed()
        });
        Ok(work.await?.version)
    }

    pub(super) async fn start(&self, definition: &'static str) -> Result<Instance> {
        Ok(start(&self.store, definition).await?)
    }

    pub(super) async fn instance(&self, id: &str) -> Result<Instance> {
        Ok(self.reader().await?.instance("acme", id).await?.0)
    }

    /// What `check` says, as sentences.
    pub(super) async fn violations(&self) -> Result<Vec<String>> {
        let report = self.reader().await?.check(|_| {}).await?;
        Ok(report.violations.into_iter().map(|violation| violation.message).collect())
    }

    /// Runs a statement behind the store's back; `{company}` and so on are the story's to fill in.
    pub(super) async fn sql(&self, statement: &str) -> Result<()> {
        self.database.sql(statement).await
    }

    pub(super) async fn finish(self) -> Result<()> {
        if !self.tampered {
            let violations = self.violations().await?;
            ensure!(violations.is_empty(), "{violations:?}");
        }
        self.store.close().await;
        self.database.remove().await
    }
}

pub(super) async fn open_with(url: &str, options: Options) -> Result<Store, StoreError> {
    Store::open(url, options).await
}

pub(super) async fn open(url: &str, clock: &Arc<ManualClock>) -> Result<Store, StoreError> {
    Store::open(url, Options { clock: clock.clone(), ..Options::default() }).await
}

pub(super) async fn start(store: &Store, definition: &'static str) -> Result<Instance, StoreError> {
    let work = store.write(move |unit| {
        let (company, definition) = ("acme".to_owned(), definition.to_owned());
        let new = NewInstance { company, definition, input: json!({}), requester: None, subject: None };
        async move { unit.start(Actor::System, new).await }.boxed()
    });
    work.await
}

/// A person decides in the open approval, which is the first activity.
pub(super) async fn decide(store: &Store, instance: &str, person: &str) -> Result<Instance, StoreError> {
    decide_about(store, About::Nothing, instance, person).await
}

/// The same, with what is known about the instance before.
pub(super) async fn decide_about(
    store: &Store,
    about: About,
    instance: &str,
    person: &str,
) -> Result<Instance, StoreError> {
    let (instance, person) = (instance.to_owned(), person.to_owned());
    let work = store.write_about(about, move |unit| {
        let (instance, person) = (instance.clone(), person.clone());
        async move {
            let open = unit.instance("acme", &instance).await?.0.open_approvals().next().map(|(_, open)| open.activity);
            let (by, decision) = (Actor::Person { id: person.clone(), through: Channel::Token }, "approve".to_owned());
            let activity = open.unwrap_or(1);
            let vote = EventKind::Voted { activity, person, decision, form: None, comment: None };
            unit.advance("acme", &instance, by, vote).await
        }
        .boxed()
    });
    work.await
}

/// Takes a number and tells the log of it: two rows that must stand or fall together.
pub(super) async fn take_number(store: &Store, fails: bool) -> Result<i64, StoreError> {
    let work = store.write(move |unit| {
        async move {
            let number = unit.next_number("acme", "orders").await?;
            unit.publish("acme", "taken", &number.to_string(), &json!({})).await?;
            if fails { Err(StoreError::KeyReused) } else { Ok(number) }
        }
        .boxed()
    });
    work.await
}

/// The numbers that the log tells of, and that its own places have no gap.
pub(super) async fn numbers(reader: &mut Reader) -> Result<Vec<i64>> {
    let events = reader.published("acme", 0, 100_000).await?;
    let places: Vec<u64> = events.iter().map(|event| event.seq).collect();
    ensure!(places == (1..=u64::try_from(events.len())?).collect::<Vec<_>>(), "the log has gaps: {places:?}");
    events.iter().map(|event| event.subject.parse().context("a number")).collect()
}

pub(super) fn person(id: &str, active: bool) -> Person {
    let (name, email) = (format!("Person {id}"), format!("{id}@acme.example"));
    let (id, roles) = (id.to_owned(), vec!["voter".to_owned()]);
    Person { id, name, email, manager: None, department: None, roles, active }
}

fn vote() -> Value {
    json!({
        "Comment": "Everybody must agree.", "QueryLanguage": "JSONata", "StartAt": "Ask",
        "States": {
            "Ask": {
                "Type": "Approval", "Title": "All together",
                "Groups": [{ "Name": "all", "From": [{ "Role": "voter" }], "Quorum": "All" }],
                "ExpireAfter": "P1D",
                "Outcomes": {
                    "approved": { "Next": "Done" }, "rejected": { "Next": "Done" }, "expired": { "Next": "Late" }
                }
            },
            "Done": { "Type": "Succeed" },
            "Late": { "Type": "Fail", "Error": "Late", "Cause": "nobody came" }
        }
    })
}

fn work() -> Value {
    json!({
        "QueryLanguage": "JSONata", "StartAt": "Work",
        "States": {
            "Work": { "Type": "Task", "Resource": "test.work", "Arguments": {}, "Next": "Done" },
            "Done": { "Type": "Succeed" }
        }
    })
}

/// Tells a story of the memory on SQLite and on PostgreSQL: two tests, one body.
macro_rules! memories {
    ($($(#[$doc:meta])* async fn $name:ident($house:ident: House) $body:block)+) => {
        $($(#[$doc])*
        mod $name {
            use super::*;

            async fn told($house: &mut House) -> anyhow::Result<()> $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() -> anyhow::Result<()> {
                let mut house = House::on(crate::support::Database::sqlite()?).await?;
                told(&mut house).await?;
                house.finish().await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() -> anyhow::Result<()> {
                let mut house = House::on(crate::support::Database::postgres().await?).await?;
                told(&mut house).await?;
                house.finish().await
            }
        })+
    };
}
pub(super) use memories;
