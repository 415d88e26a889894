//! The service in a test: a store in a folder of its own, two companies, people with tokens, and requests to it.

use super::desk::{Desk, request};
use crate::database_file::DatabaseFile;
use crate::rest;
use crate::state::{AppState, Settings};
use axum::Router;
use axum::body::{Body as HttpBody, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use modules::{Module, Registry};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use store::{Company, ManualClock, Options, Person, Store};
use tower::ServiceExt;

/// 2026-11-23T15:10:00Z
const NOW_MS: i64 = 1_795_446_600_000;

/// Every person, with the roles. The token of anna in acme is `acme-anna`.
const PEOPLE: [(&str, &str, &[&str]); 7] = [
    ("acme", "eva", &["staff"]),
    ("acme", "anna", &["staff"]),
    ("acme", "ben", &["staff"]),
    ("acme", "cleo", &["staff"]),
    ("acme", "root", &["admin"]),
    ("acme", "vic", &[]),
    ("globex", "gus", &["staff", "admin"]),
];

/// The service.
pub(super) struct App {
    pub(super) store: Store,
    pub(super) state: AppState,
    pub(super) router: Router,
    pub(super) folder: PathBuf,
}

/// What is sent.
#[derive(Clone)]
pub(super) enum Body {
    Nothing,
    Json(Value),
    Raw(&'static str, Vec<u8>),
}

/// What comes back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    pub(super) json: Value,
}

impl App {
    pub(super) async fn start() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::SeqCst);
        let folder = std::env::temp_dir().join(format!("countersign-rest-{}-{n}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let registry = registry();
        let options = Options {
            clock: Arc::new(ManualClock::at(NOW_MS)),
            inline: Arc::new(registry.clone()),
            ..Options::default()
        };
        let url = format!("sqlite://{}", folder.join("test.db").display());
        let store = Store::open(&url, options).await.unwrap();
        settle(&store, &registry).await;
        let settings = Settings { base_url: "https://approve.test".to_owned(), form_key: [7; 32], mailbox: false };
        let state = AppState::new(store.clone(), registry, settings).watching(DatabaseFile::of(&url).unwrap());
        Self { router: rest::routes(&state).with_state(state.clone()), state, store, folder }
    }

    pub(super) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Reply {
        let mut builder = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        let request = match body {
            Body::Nothing => builder.body(HttpBody::empty()),
            Body::Json(value) => {
                builder.header("content-type", "application/json").body(HttpBody::from(value.to_string()))
            }
            Body::Raw("", bytes) => builder.body(HttpBody::from(bytes)),
            Body::Raw(content_type, bytes) => builder.header("content-type", content_type).body(HttpBody::from(bytes)),
        };
        let response = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Reply { status, headers, text, json }
    }

    /// A GET as somebody: `acme/anna`.
    pub(super) async fn get(&self, who: &str, path: &str) -> Reply {
        self.send("GET", path, &[("authorization", &bearer(who))], Body::Nothing).await
    }

    pub(super) async fn post(&self, who: &str, path: &str, body: Body) -> Reply {
        self.send("POST", path, &[("authorization", &bearer(who))], body).await
    }

    pub(super) async fn post_with_key(&self, who: &str, path: &str, key: &str, body: Body) -> Reply {
        self.send("POST", path, &[("authorization", &bearer(who)), ("idempotency-key", key)], body).await
    }

    /// Eva makes a request; the object.
    pub(super) async fn request(&self) -> Value {
        let reply = self.post("acme/eva", "/api/v1/acme/desk/requests", request()).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json
    }

    /// Eva makes a request; the path of its instance.
    pub(super) async fn instance(&self) -> String {
        format!("/api/v1/acme/instances/{}", self.request().await["instance"].as_str().unwrap())
    }

    pub(super) async fn decide(&self, who: &str, instance: &str, body: Value) -> Reply {
        self.post(who, &format!("{instance}/decisions"), Body::Json(body)).await
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Reply {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// Checks that this is a problem of that status and code, told as RFC 9457 asks.
    pub(super) fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.json["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.json["status"], status);
        assert_eq!(self.json["type"], format!("urn:countersign:problem:{code}"));
        assert_eq!(self.json["request_id"], self.header("x-request-id"));
        assert!(!self.json["detail"].as_str().unwrap().is_empty() && !self.json["title"].as_str().unwrap().is_empty());
        assert!(self.json["errors"].is_array());
    }

    /// The pointers of the defects that a problem lists.
    pub(super) fn pointers(&self) -> Vec<&str> {
        self.json["errors"].as_array().unwrap().iter().filter_map(|error| error["pointer"].as_str()).collect()
    }
}

/// The installed modules: the desk.
pub(crate) fn registry() -> Registry {
    Registry::new(vec![Box::new(Desk::new()) as Box<dyn Module>]).unwrap()
}

pub(super) fn bearer(who: &str) -> String {
    format!("Bearer {}", who.replace('/', "-"))
}

async fn settle(store: &Store, registry: &Registry) {
    let registry = registry.clone();
    let settled = store.write(move |unit| {
        let registry = registry.clone();
        Box::pin(async move {
            for id in ["acme", "globex"] {
                unit.put_company(&Company { id: id.to_owned(), name: id.to_uppercase(), settings: json!({}) }).await?;
                registry.enable(unit, id).await?;
            }
            for (company, id, roles) in PEOPLE {
                unit.put_person(company, &person(id, roles)).await?;
                unit.put_token(company, &format!("{company}-{id}"), id, "test").await?;
            }
            Ok(())
        })
    });
    settled.await.unwrap();
}

pub(super) fn person(id: &str, roles: &[&str]) -> Person {
    Person {
        id: id.to_owned(),
        name: format!("{} Test", id.to_uppercase()),
        email: format!("{id}@example.com"),
        manager: None,
        department: None,
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        active: true,
    }
}
