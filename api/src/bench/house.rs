//! The service that is measured: a company, a boss who may do everything, and a token.

use super::http::Client;
use crate::connections::Limits;
use crate::service::{Operation, Part, Service, Start};
use anyhow::{Context, Result};
use futures::FutureExt;
use modules::Registry;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;
use store::{Company, Person, Store};

pub(super) const COMPANY: &str = "bench";
const TOKEN: &str = "a-token-that-only-this-benchmark-uses";

/// Where is measured.
#[derive(Debug, Clone)]
pub struct Place {
    /// `sqlite://...` in a folder that is used for nothing else, or `postgres://...`.
    pub database: String,
    /// The folder whose disk is measured.
    pub folder: PathBuf,
}

impl Place {
    pub(super) fn name(&self) -> &'static str {
        if self.is_sqlite() { "SQLite" } else { "Postgres" }
    }

    pub(super) fn is_sqlite(&self) -> bool {
        self.database.starts_with("sqlite:")
    }

    /// A database for the raw limit: another file, or the same server.
    pub(super) fn raw(&self) -> String {
        match self.is_sqlite() {
            true => format!("sqlite://{}", self.folder.join("raw.db").display()),
            false => self.database.clone(),
        }
    }

    /// A service at this place, with so many workers.
    pub(super) async fn service(&self, registry: &Registry, workers: usize) -> Result<Service> {
        let start = Start {
            listen: ([127, 0, 0, 1], 0).into(),
            base_url: None,
            database: self.database.clone(),
            smtp: None,
            mail_from: "bench@localhost".to_owned(),
            workers,
            part: if workers == 0 { Part::Face } else { Part::Whole },
            drain: Duration::ZERO,
            archive: None,
            archive_after_days: None,
            limits: Limits::default(),
            operation: Operation::default(),
            registry: registry.clone(),
        };
        Service::start(start).await
    }
}

pub(super) async fn furnish(store: &Store) -> Result<()> {
    let furnished = store.write(|unit| {
        async move {
            unit.put_company(&Company { id: COMPANY.to_owned(), name: "Bench".to_owned(), settings: json!({}) })
                .await?;
            let (id, name, email) = ("boss".to_owned(), "Boss".to_owned(), "boss@localhost".to_owned());
            let roles = vec!["admin".to_owned()];
            unit.put_person(COMPANY, &Person { id, name, email, manager: None, department: None, roles, active: true })
                .await?;
            unit.put_token(COMPANY, TOKEN, "boss", "bench").await
        }
        .boxed()
    });
    Ok(furnished.await?)
}

/// Waits until nothing is left to be performed, so that only what is asked for is measured.
pub(super) async fn settle(store: &Store) -> Result<()> {
    while store.read().await?.open_effects().await? > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// What the boss does over HTTP.
pub(super) struct Boss(Client);

impl Boss {
    pub(super) async fn at(address: SocketAddr) -> Result<Self> {
        Client::connect(address, TOKEN).await.map(Self)
    }

    pub(super) async fn save(&mut self, name: &str, definition: &Value) -> Result<()> {
        let body = json!({ "name": name, "definition": definition }).to_string();
        self.0.send("PUT", &format!("/api/v1/{COMPANY}/definitions"), &body).await.map(|_| ())
    }

    /// Starts an instance; its id.
    pub(super) async fn start(&mut self, definition: &str, input: &Value) -> Result<String> {
        let body = json!({ "definition": definition, "input": input }).to_string();
        let started = self.0.send("POST", &format!("/api/v1/{COMPANY}/instances"), &body).await?;
        started["instance"].as_str().map(str::to_owned).context("the id of what was started")
    }

    /// Approves the open approval; where the instance stands then.
    pub(super) async fn approve(&mut self, instance: &str) -> Result<Value> {
        let path = format!("/api/v1/{COMPANY}/instances/{instance}/decisions");
        self.0.send("POST", &path, r#"{"decision":"approve"}"#).await
    }
}
