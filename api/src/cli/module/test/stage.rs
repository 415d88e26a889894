//! A service for one scenario: all of it but the network and the time, which passes when the scenario says so.

use crate::cli::company::put_token;
use crate::company_file::CompanyFile;
use crate::service::{form_key, hands, router};
use crate::state::{AppState, Settings};
use anyhow::{Context, bail};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jobs::{Hands, MailboxPostman};
use modules::Registry;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;
use store::{LinkToken, ManualClock, Options, Store};
use tower::ServiceExt;

/// 23 November 2026, 09:00 UTC, a Monday.
const START_MS: i64 = 1_795_424_400_000;
/// Nobody follows these links.
const BASE_URL: &str = "http://module.test";
/// The longest answer that is read, in bytes.
const MOST_BYTES: usize = 10_485_760;

pub(super) struct Stage {
    pub(super) company: CompanyFile,
    store: Store,
    hands: Hands,
    clock: Arc<ManualClock>,
    router: Router,
    folder: PathBuf,
}

impl Stage {
    pub(super) async fn open(registry: Registry, company: CompanyFile) -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("countersign-module-test-{}", LinkToken::random().secret()));
        DirBuilder::new().mode(0o700).create(&folder).with_context(|| folder.display().to_string())?;
        let clock = Arc::new(ManualClock::at(START_MS));
        let options = Options { clock: clock.clone(), inline: Arc::new(registry.clone()), ..Options::default() };
        let store = Store::open(&format!("sqlite://{}", folder.join("test.db").display()), options).await?;
        company.apply(&store, &registry).await?;
        for person in &company.people {
            put_token(&store, &company.company.id, &token(&person.id), &person.id, "module test").await?;
        }
        let postman = Arc::new(MailboxPostman::new(store.clone()));
        let hands = hands(&store, &registry, postman, BASE_URL, "Countersign <no-reply@module.test>")?;
        let settings = Settings { base_url: BASE_URL.to_owned(), form_key: form_key(&store).await?, mailbox: true };
        let router = router(AppState::new(store.clone(), registry, settings));
        Ok(Self { company, store, hands, clock, router, folder })
    }

    /// A request of a person; status and body.
    pub(super) async fn call(
        &self,
        person: &str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<(u16, Value)> {
        let path = format!("/api/v1/{}/{path}", self.company.company.id);
        let bearer = format!("Bearer {}", token(person));
        let mut request = Request::builder().method(method).uri(&path).header("authorization", bearer);
        if method != "GET" && method != "POST" {
            // A change names the revision that it changes; in a scenario nobody else has changed it meanwhile.
            request = request.header("if-match", "*");
        }
        let request = match body {
            None => request.body(Body::empty()),
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
        };
        let request = request.with_context(|| format!("{method} {path} is no request"))?;
        let Ok(response) = self.router.clone().oneshot(request).await;
        let status = response.status().as_u16();
        let bytes = to_bytes(response.into_body(), MOST_BYTES).await?;
        Ok((status, serde_json::from_slice(&bytes).unwrap_or_default()))
    }

    /// Lets time pass.
    pub(super) fn pass(&self, ms: i64) {
        self.clock.pass(ms);
    }

    /// Does everything that is due, until nothing is left.
    pub(super) async fn work(&self) -> anyhow::Result<()> {
        for _ in 0..100 {
            if self.hands.fire_due().await? + self.hands.drain().await? == 0 {
                return Ok(());
            }
        }
        bail!("the work does not end: something is due again and again without time passing")
    }

    /// The types of all events whose names begin with the module's, oldest first.
    pub(super) async fn events(&self, module: &str) -> anyhow::Result<Vec<String>> {
        let events = self.store.read().await?.published(&self.company.company.id, 0, 1_000).await?;
        let own = events.into_iter().filter(|event| event.kind.split('.').next() == Some(module));
        Ok(own.map(|event| event.kind).collect())
    }

    /// The people who can still decide in an instance, in the order in which they were asked.
    pub(super) async fn asked(&self, instance: &str) -> anyhow::Result<Vec<String>> {
        let (instance, _) = self.store.read().await?.instance(&self.company.company.id, instance).await?;
        let pending = instance.open_approvals().flat_map(|(_, open)| open.pending());
        Ok(pending.map(|seat| seat.person.clone()).collect())
    }

    /// Who was mailed: the id of a person, the address of others; by the id of the mail, because mails of one moment have no
    /// order.
    pub(super) async fn mails(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mails = self.store.read().await?.mails(1_000).await?;
        let person = |address: &str| self.company.people.iter().find(|person| address.contains(&person.email));
        let named = mails.into_iter().map(|mail| {
            let name = person(&mail.recipient).map_or(mail.recipient.clone(), |person| person.id.clone());
            (mail.id, name)
        });
        Ok(named.collect())
    }

    pub(super) async fn close(self) {
        self.store.close().await;
        // A folder that stays behind among the temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The token of a person; the database that knows it is thrown away.
fn token(person: &str) -> String {
    format!("module-test-token-of-{person}")
}
