//! A company with one open request, and a browser.

mod decisions;
mod links;
mod mailbox;
mod notes;

use crate::state::{AppState, Settings};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::{Module, Registry};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Company, Link, LinkToken, ManualClock, NewInstance, NewObject, Options, Person, Store, StoreError, Unit};
use tower::ServiceExt;
use workflow::{Actor, EventKind, Subject};

const KIND: &str = "notes/notes";
/// 23 November 2026, 15:10 UTC.
const START_MS: i64 = 1_795_446_600_000;
const DAY_MS: i64 = 86_400_000;

/// What a browser got.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    /// The nonce of the form on the page.
    fn nonce(&self) -> String {
        let rest = self.body.split("name=\"nonce\" value=\"").nth(1).expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    fn shows(&self, text: &str) -> &Self {
        assert!(self.body.contains(text), "{text} is not in:\n{}", self.body);
        self
    }

    fn hides(&self, text: &str) -> &Self {
        assert!(!self.body.contains(text), "{text} is in:\n{}", self.body);
        self
    }

    fn is(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

/// The service with a store in a folder of its own, which is removed at the end.
struct App {
    state: AppState,
    router: Router,
    clock: Arc<ManualClock>,
    instance: String,
    folder: PathBuf,
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl App {
    async fn new() -> Self {
        Self::with("draft of a note", true).await
    }

    /// A note with these words, which Anna or Bob may approve. Eva made it.
    async fn with(words: &str, mailbox: bool) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("countersign-web-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let registry = Registry::new(vec![Box::new(notes::Notes::new()) as Box<dyn Module>]).unwrap();
        let clock = Arc::new(ManualClock::at(START_MS));
        let options = Options { clock: clock.clone(), inline: Arc::new(registry.clone()), ..Options::default() };
        let url = format!("sqlite://{}", folder.join("test.db").display());
        let store = Store::open(&url, options).await.unwrap();
        let instance = fill(&store, &registry, words).await;
        let settings = Settings { base_url: "https://approve.example.com".to_owned(), form_key: [9; 32], mailbox };
        let state = AppState::new(store, registry, settings);
        Self { router: super::routes().with_state(state.clone()), state, clock, instance, folder }
    }

    async fn write<T: Send + 'static>(
        &self,
        work: impl for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, StoreError>> + Send + 'static,
    ) -> T {
        self.state.store.write(work).await.unwrap()
    }

    /// A link as a mail holds it: its address.
    async fn link(&self, person: &str, activity: u64) -> String {
        let token = LinkToken::random();
        let address = format!("/a/{}", token.secret());
        let link = Link {
            company: "acme".to_owned(),
            instance: self.instance.clone(),
            activity,
            person: person.to_owned(),
            revision: 1,
            effect: "x/1/0".to_owned(),
        };
        self.write(move |unit| {
            let (token, link) = (token.clone(), link.clone());
            async move { unit.put_link(&token, &link).await }.boxed()
        })
        .await;
        address
    }

    async fn event(&self, kind: EventKind) {
        let instance = self.instance.clone();
        self.write(move |unit| {
            let (instance, kind) = (instance.clone(), kind.clone());
            let by = Actor::Person { id: "eva".to_owned(), through: workflow::Channel::Token };
            async move { unit.advance("acme", &instance, by, kind).await }.boxed()
        })
        .await;
    }

    async fn dump(&self) -> String {
        self.state.store.read().await.unwrap().dump().await.unwrap()
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    async fn open(&self, method: Method, address: &str) -> Answer {
        self.open_as("approve.example.com", method, address).await
    }

    async fn open_as(&self, host: &str, method: Method, address: &str) -> Answer {
        let request = Request::builder().method(method).uri(address).header(header::HOST, host);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// A GET by this name of the service.
    async fn get_as(&self, host: &str, address: &str) -> Answer {
        self.open_as(host, Method::GET, address).await
    }

    async fn get(&self, address: &str) -> Answer {
        self.open(Method::GET, address).await
    }

    async fn post(&self, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_from("same-origin", address, fields).await
    }

    async fn post_from(&self, site: &str, address: &str, fields: &[(&str, &str)]) -> Answer {
        let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .header(header::ORIGIN, "null")
            .body(Body::from(body.join("&")));
        self.send(request.unwrap()).await
    }

    /// Opens the page and presses a button.
    async fn press(&self, address: &str, decision: &str, comment: &str) -> Answer {
        let nonce = self.get(address).await.nonce();
        self.post(address, &[("nonce", &nonce), ("comment", comment), ("decision", decision)]).await
    }
}

async fn fill(store: &Store, registry: &Registry, words: &str) -> String {
    let (registry, words) = (registry.clone(), words.to_owned());
    let work = store.write(move |unit| {
        let (registry, words) = (registry.clone(), words.clone());
        async move { company_and_note(unit, &registry, &words).await }.boxed()
    });
    work.await.unwrap()
}

async fn company_and_note(unit: &mut Unit, registry: &Registry, words: &str) -> Result<String, StoreError> {
    let company = Company { id: "acme".to_owned(), name: "Acme".to_owned(), settings: json!({}) };
    unit.put_company(&company).await?;
    for (id, name) in [("eva", "Eva Berg"), ("anna", "Anna <b>Weber</b>"), ("bob", "Bob Stone"), ("carl", "Carl Day")] {
        unit.put_person("acme", &person(id, name, true)).await?;
    }
    registry.enable(unit, "acme").await?;
    let data = json!({ "words": words });
    let (kind, id, status, by) = (KIND.to_owned(), "n1".to_owned(), "open".to_owned(), "eva".to_owned());
    unit.insert_object("acme", &NewObject { kind, id, status, number: None, data, by }).await?;
    let new = NewInstance {
        company: "acme".to_owned(),
        definition: "notes/note".to_owned(),
        input: json!({}),
        requester: Some("eva".to_owned()),
        subject: Some(Subject { kind: KIND.to_owned(), id: "n1".to_owned() }),
    };
    unit.start(Actor::System, new).await.map(|instance| instance.id)
}

fn person(id: &str, name: &str, active: bool) -> Person {
    Person {
        id: id.to_owned(),
        name: name.to_owned(),
        email: format!("{id}@acme.example"),
        manager: None,
        department: None,
        roles: Vec::new(),
        active,
    }
}
