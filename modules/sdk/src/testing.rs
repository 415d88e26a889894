//! A host for tests: it has what a test gives it, and remembers what code has done.
//!
//! ```
//! use countersign_module::{host, testing::Host};
//! use serde_json::json;
//!
//! let host = Host::new().at(1_795_424_400_000).object("trips", "1", json!({ "to": "Oslo" }));
//! let (trip, host) = host.run(|| host::object("trips", "1").unwrap().unwrap());
//! assert_eq!(trip.data["to"], "Oslo");
//! assert!(host.published().is_empty());
//! ```

use crate::Object;
use serde_json::{json, Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// A host for tests. Its chance is always the same.
#[derive(Default)]
pub struct Host {
    now_ms: i64,
    config: Value,
    objects: BTreeMap<(String, String), Object>,
    published: Vec<Published>,
    logged: Vec<String>,
}

/// An event that code has published.
#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// Its type.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// What it says.
    pub data: Value,
}

thread_local! {
    /// The host of the test that this thread runs.
    static HERE: RefCell<Host> = RefCell::default();
}

/// Does something with the host of this thread.
pub(crate) fn with<T>(work: impl FnOnce(&mut Host) -> T) -> T {
    HERE.with(|host| work(&mut host.borrow_mut()))
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { now_ms, objects, published, logged, .. } = self;
        let mut host = f.debug_struct("Host");
        host.field("now_ms", now_ms).field("objects", objects).field("published", published);
        host.field("logged", logged).finish_non_exhaustive()
    }
}

impl Host {
    /// A host that has nothing, in 1970.
    pub fn new() -> Self {
        Self { config: json!({}), ..Self::default() }
    }

    /// The same at another time, in milliseconds since 1970.
    #[must_use]
    pub fn at(self, now_ms: i64) -> Self {
        Self { now_ms, ..self }
    }

    /// The same with a configuration.
    #[must_use]
    pub fn config(self, config: Value) -> Self {
        Self { config, ..self }
    }

    /// The same with an object of the module.
    #[must_use]
    pub fn object(mut self, collection: &str, id: &str, data: Value) -> Self {
        self.keep(collection, id.to_owned(), 1, data);
        self
    }

    /// Runs code with this host, and gives the host back as the code has left it.
    pub fn run<T>(self, code: impl FnOnce() -> T) -> (T, Self) {
        let before = with(|host| std::mem::replace(host, self));
        let done = code();
        (done, with(|host| std::mem::replace(host, before)))
    }

    /// What was published, in order.
    pub fn published(&self) -> &[Published] {
        &self.published
    }

    /// What was logged, in order.
    pub fn logged(&self) -> &[String] {
        &self.logged
    }

    /// An object as it is now.
    pub fn kept(&self, collection: &str, id: &str) -> Option<&Object> {
        self.objects.get(&(collection.to_owned(), id.to_owned()))
    }

    pub(crate) fn now(&self) -> i64 {
        self.now_ms
    }

    pub(crate) fn log(&mut self, line: &str) {
        self.logged.push(line.to_owned());
    }

    pub(crate) fn chance(&mut self, bytes: &mut [u8]) {
        bytes.iter_mut().zip(1..).for_each(|(byte, n)| *byte = n);
    }

    pub(crate) fn ask(&mut self, question: &[u8]) -> Vec<u8> {
        let question = serde_json::from_slice(question).unwrap_or_default();
        self.answer(&question).unwrap_or_else(|why| json!({ "error": why })).to_string().into_bytes()
    }

    fn answer(&mut self, question: &Value) -> Result<Value, String> {
        let text = |name: &str| question[name].as_str().unwrap_or_default().to_owned();
        match text("ask").as_str() {
            "object" => Ok(json!({ "object": self.kept(&text("collection"), &text("id")).map(shown) })),
            "find" => Ok(json!({ "objects": self.found(&text("collection"), &question["where"]) })),
            "create" => {
                let id = format!("new-{}", self.objects.len() + 1);
                Ok(json!({ "object": self.keep(&text("collection"), id, 1, question["data"].clone()) }))
            }
            "update" => self.patch(&text("collection"), text("id"), &question["patch"]),
            "publish" => {
                let (kind, subject) = (text("type"), text("subject"));
                self.published.push(Published { kind: kind.clone(), subject, data: question["data"].clone() });
                Ok(json!({ "published": kind }))
            }
            "config" => Ok(json!({ "config": self.config })),
            other => Err(format!("nobody here knows \"{other}\"")),
        }
    }

    fn found(&self, collection: &str, fields: &Value) -> Vec<Value> {
        let fits = |object: &Object| {
            fields.as_object().into_iter().flatten().all(|(name, wanted)| match (name.as_str(), wanted) {
                ("id", wanted) => wanted.as_str() == Some(&object.id),
                // A list stands for one of its values.
                (name, Value::Array(several)) => object.data.get(name).is_some_and(|value| several.contains(value)),
                (name, wanted) => object.data.get(name) == Some(wanted),
            })
        };
        let all = self.objects.iter().filter(|((kind, _), object)| kind == collection && fits(object));
        all.map(|(_, object)| shown(object)).collect()
    }

    fn keep(&mut self, collection: &str, id: String, revision: u64, data: Value) -> Value {
        let object = Object { id: id.clone(), revision, status: "active".to_owned(), number: None, data };
        let answer = shown(&object);
        self.objects.insert((collection.to_owned(), id), object);
        answer
    }

    fn patch(&mut self, collection: &str, id: String, patch: &Value) -> Result<Value, String> {
        let before = self.kept(collection, &id).ok_or_else(|| format!("there is no {collection}/{id}"))?;
        let (revision, mut data) = (before.revision + 1, before.data.clone());
        merge(&mut data, patch);
        if data == before.data {
            return Ok(json!({ "object": shown(before) }));
        }
        Ok(json!({ "object": self.keep(collection, id, revision, data) }))
    }
}

fn shown(object: &Object) -> Value {
    let Object { id, revision, status, number, data } = object;
    json!({ "id": id, "revision": revision, "status": status, "number": number, "data": data })
}

/// A merge patch (RFC 7396).
fn merge(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    for (name, change) in changes {
        match change {
            Value::Null => drop(target.as_object_mut().map(|fields| fields.remove(name))),
            _ => merge(&mut target[name], change),
        }
    }
}
