//! A store on a database, to which a sequence is told.

use super::core::{addressed, result, started, told};
use super::{Happening, PEOPLE, VOTERS, definition};
use crate::support::Database;
use anyhow::{Context, Result, ensure};
use futures::FutureExt;
use serde_json::{Value, json};
use std::sync::Arc;
use store::{Claimed, Clock, Company, ManualClock, NewInstance, Options, Person, Store, StoreError, Verdict};
use workflow::{Actor, Effect, EventKind, Instance};

/// 23 November 2026, 09:00 UTC.
const START: i64 = 1_795_424_400_000;

pub(super) struct Memory {
    store: Store,
    clock: Arc<ManualClock>,
    database: Database,
    /// In the order in which they were started.
    ids: Vec<String>,
}

async fn open(url: &str, clock: &Arc<ManualClock>) -> Result<Store> {
    Ok(Store::open(url, Options { clock: clock.clone(), ..Options::default() }).await?)
}

fn person(n: usize) -> Person {
    let (id, email) = (format!("p{n}"), format!("p{n}@acme.example"));
    let roles = if n < VOTERS { vec!["voter".to_owned()] } else { Vec::new() };
    Person { name: format!("Person {id}"), id, email, manager: None, department: None, roles, active: true }
}

impl Memory {
    pub(super) async fn on(database: Database) -> Result<Self> {
        let clock = Arc::new(ManualClock::at(START));
        let store = open(&database.url, &clock).await?;
        let furnished = store.write(|unit| {
            async move {
                let company = Company { id: "acme".to_owned(), name: "Acme".to_owned(), settings: json!({}) };
                unit.put_company(&company).await?;
                for n in 0..PEOPLE {
                    unit.put_person("acme", &person(n)).await?;
                }
                unit.save_definition("acme", "all", &definition()).await.map(|_| ())
            }
            .boxed()
        });
        furnished.await?;
        Ok(Self { store, clock, database, ids: Vec::new() })
    }

    pub(super) fn now(&self) -> i64 {
        self.clock.now_ms()
    }

    /// What it answers.
    pub(super) async fn take(&mut self, happening: &Happening) -> Result<String> {
        match happening {
            Happening::Start => self.start().await,
            Happening::Pass { minutes } => self.pass(*minutes).await,
            Happening::Perform { fails } => self.perform(*fails).await,
            Happening::Restart => {
                self.store.close().await;
                self.store = open(&self.database.url, &self.clock).await?;
                Ok("restarted".to_owned())
            }
            other => self.tell(other).await,
        }
    }

    async fn start(&mut self) -> Result<String> {
        // Ids are ordered by time: each instance has a millisecond of its own.
        self.clock.pass(1);
        let work = self.store.write(|unit| {
            let (company, definition) = ("acme".to_owned(), "all".to_owned());
            let new = NewInstance { company, definition, input: json!({}), requester: None, subject: None };
            async move { unit.start(Actor::System, new).await }.boxed()
        });
        self.ids.push(work.await?.id);
        Ok("taken".to_owned())
    }

    async fn tell(&self, happening: &Happening) -> Result<String> {
        let Some((n, by, kind)) = told(happening) else { return Ok("nobody there".to_owned()) };
        let Some(id) = self.ids.get(n) else { return Ok("nobody there".to_owned()) };
        let instance = self.store.read().await?.instance("acme", id).await?.0;
        let kind = addressed(Some(&instance), kind);
        match self.advance(id, by, kind).await {
            Ok(()) => Ok("taken".to_owned()),
            Err(StoreError::Rejected(rejected)) => Ok(rejected.to_string()),
            Err(error) => Err(error.into()),
        }
    }

    async fn advance(&self, id: &str, by: Actor, kind: EventKind) -> Result<(), StoreError> {
        let id = id.to_owned();
        let work = self.store.write(move |unit| {
            let (id, by, kind) = (id.clone(), by.clone(), kind.clone());
            async move { unit.advance("acme", &id, by, kind).await.map(|_| ()) }.boxed()
        });
        work.await
    }

    async fn pass(&self, minutes: i64) -> Result<String> {
        self.clock.pass(minutes * 60_000);
        let mut fired = 0;
        loop {
            let due = self.store.read().await?.due_instances(self.now(), 1_000).await?;
            let before = fired;
            for (_, id) in due {
                match self.advance(&id, Actor::System, EventKind::DeadlineReached).await {
                    Ok(()) => fired += 1,
                    Err(StoreError::Rejected(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if fired == before {
                return Ok(format!("{fired} fired"));
            }
        }
    }

    /// What is performed may cause more, which is left for the next time.
    async fn perform(&self, fails: u64) -> Result<String> {
        let claimed = self.store.write(|unit| async move { unit.claim_effects(1_000, 60_000).await }.boxed()).await?;
        for claimed in claimed {
            let taken = self.answer(claimed, fails).await?;
            ensure!(taken, "an answer was refused");
        }
        Ok("performed".to_owned())
    }

    async fn answer(&self, claimed: Claimed, fails: u64) -> Result<bool> {
        let verdict = match claimed.effect {
            Effect::Perform { activity, .. } => match result(activity, fails) {
                EventKind::TaskSucceeded { output, .. } => Verdict::Done(output),
                _ => Verdict::GaveUp { error: "Work.Failed".to_owned(), cause: "by chance".to_owned() },
            },
            _ => Verdict::Done(Value::Null),
        };
        let work = self.store.write(move |unit| {
            let (claimed, verdict) = (claimed.clone(), verdict.clone());
            async move { unit.answer_effect(&claimed, &verdict).await }.boxed()
        });
        Ok(work.await?)
    }

    /// The instance that was started last as it was at first, and its first event.
    pub(super) async fn last_started(&self) -> Result<(Instance, EventKind)> {
        let id = self.ids.last().context("an instance")?;
        let mut reader = self.store.read().await?;
        let stored = reader.instance("acme", id).await?.0;
        let first = reader.transitions("acme", id).await?;
        let started = started(first.first().map(|transition| &transition.event))?;
        Ok((Instance::new(id, "acme", stored.definition), started))
    }

    pub(super) async fn instances(&self) -> Result<Vec<Instance>> {
        let (mut found, mut reader) = (Vec::new(), self.store.read().await?);
        for id in &self.ids {
            found.push(reader.instance("acme", id).await?.0);
        }
        Ok(found)
    }

    /// Everything as text, without what is chance.
    pub(super) async fn dump(&self) -> Result<String> {
        let mut reader = self.store.read().await?;
        let mut text = reader.dump().await?;
        for id in &self.ids {
            let first = reader.transitions("acme", id).await?;
            if let Some(EventKind::Started { secret, .. }) = first.first().map(|first| &first.event.kind) {
                text = text.replace(secret, "SECRET");
            }
        }
        Ok(text)
    }

    /// Every invariant holds.
    pub(super) async fn finish(self) -> Result<()> {
        let report = self.store.read().await?.check_deep(|_, _| {}).await?;
        ensure!(report.violations.is_empty(), "{:#?}", report.violations);
        self.store.close().await;
        self.database.remove().await
    }
}
