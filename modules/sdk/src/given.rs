//! What code is given. What a later host adds to a document is ignored.

use crate::{Failure, Result};
use serde::de::DeserializeOwned;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// An object that is about to be stored.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Saving {
    /// The collection: `trips`.
    pub collection: String,
    /// Who saves it: the id of a person, or `module:NAME`.
    pub by: String,
    /// Its data as it is; nothing if it is new.
    pub before: Option<Value>,
    /// Its data as it is to be.
    pub data: Value,
}

impl Saving {
    /// A new object that is about to be stored, for tests.
    pub fn new(collection: &str, by: &str, data: Value) -> Self {
        Self { collection: collection.to_owned(), by: by.to_owned(), before: None, data }
    }

    /// The same object as a change of an earlier one, for tests.
    #[must_use]
    pub fn before(self, before: Value) -> Self {
        Self { before: Some(before), ..self }
    }

    /// The data as a type.
    ///
    /// # Errors
    /// If the data does not fit the type; the failure names the field.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        typed(&self.data)
    }
}

/// An object as it is stored.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Object {
    /// Its id.
    pub id: String,
    /// Its revision, from 1.
    pub revision: u64,
    /// Its status.
    pub status: String,
    /// Its number, if it has one.
    pub number: Option<String>,
    /// Its data.
    pub data: Value,
}

impl Object {
    /// The data as a type.
    ///
    /// # Errors
    /// If the data does not fit the type; the failure names the field.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        typed(&self.data)
    }
}

/// An object that was stored, in the same commit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Saved {
    /// Who has saved it.
    pub by: String,
    /// The object as it was; nothing if it is new.
    pub before: Option<Object>,
    /// The object as it is.
    pub after: Object,
}

impl Saved {
    /// A new object that was stored, for tests.
    pub fn new(by: &str, id: &str, data: Value) -> Self {
        let after = Object { id: id.to_owned(), revision: 1, status: "active".to_owned(), number: None, data };
        Self { by: by.to_owned(), before: None, after }
    }
}

/// A task of a workflow.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Task {
    /// The resource: `travel.book`.
    pub resource: String,
    /// The instance of the workflow that asks.
    pub instance: String,
    /// What the definition gives it.
    #[serde(default)]
    pub arguments: Value,
    /// In a worker, the same text in every attempt: give it on, so that nothing is done twice. Absent within a commit.
    pub key: Option<String>,
}

impl Task {
    /// A task of a worker, for tests.
    pub fn new(resource: &str, arguments: Value) -> Self {
        let (resource, instance) = (resource.to_owned(), "instance".to_owned());
        Self { resource, instance, arguments, key: Some("instance/1/0".to_owned()) }
    }

    /// The arguments as a type.
    ///
    /// # Errors
    /// If the arguments do not fit the type; the failure names the field.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        typed(&self.arguments)
    }
}

/// An event that the manifest names under `consumes`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Consumed {
    /// The name of the subscription, as the manifest has it.
    pub subscription: String,
    /// The event. The host gives the name of the subscription as one of its attributes.
    #[serde(flatten)]
    pub event: Event,
}

/// An event: a CloudEvent 1.0.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Event {
    /// Its id. The same event has the same.
    pub id: String,
    /// Its type: `purchasing.order.sent`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about: `purchasing/orders/1`.
    #[serde(default)]
    pub subject: String,
    /// When it was, as RFC 3339 writes it.
    #[serde(default)]
    pub time: String,
    /// What it says.
    #[serde(default)]
    pub data: Value,
}

impl Consumed {
    /// An event, for tests.
    pub fn new(subscription: &str, kind: &str, subject: &str, data: Value) -> Self {
        let (kind, subject) = (kind.to_owned(), subject.to_owned());
        let event = Event { id: "1".to_owned(), kind, subject, time: String::new(), data };
        Self { subscription: subscription.to_owned(), event }
    }
}

impl Event {
    /// The data as a type.
    ///
    /// # Errors
    /// If the data does not fit the type; the failure names the field.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        typed(&self.data)
    }
}

/// A request to one of the manifest's `endpoints`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Request {
    /// The method: `GET`.
    pub method: String,
    /// The path as the manifest has it: `trips/{id}/cost`.
    pub path: String,
    /// What stands in the request for the names in braces.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    /// What stands behind the question mark, decoded. Every name is there once.
    #[serde(default)]
    pub query: BTreeMap<String, String>,
    /// Who asks.
    pub by: String,
    /// The roles of who asks.
    #[serde(default)]
    pub roles: Vec<String>,
    /// The body, which fits the schema of the manifest; null if there is none.
    #[serde(default)]
    pub body: Value,
}

impl Request {
    /// A request, for tests.
    pub fn new(method: &str, path: &str) -> Self {
        let (parameters, query) = (BTreeMap::new(), BTreeMap::new());
        let (method, path, roles) = (method.to_owned(), path.to_owned(), vec!["employee".to_owned()]);
        Self { method, path, parameters, query, by: "eva".to_owned(), roles, body: Value::Null }
    }

    /// The same request with something for a name in braces, for tests.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same request with a body, for tests.
    #[must_use]
    pub fn body(self, body: Value) -> Self {
        Self { body, ..self }
    }

    /// The body as a type.
    ///
    /// # Errors
    /// If the body does not fit the type; the failure names the field.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        typed(&self.body)
    }

    /// What stands for a name in braces of the path.
    ///
    /// # Errors
    /// If the path has no such name.
    pub fn parameter(&self, name: &str) -> Result<&str> {
        let missing = || Failure::new(format!("the path {} has no {{{name}}}", self.path));
        self.parameters.get(name).map(String::as_str).ok_or_else(missing)
    }
}

/// Data of an older or newer version of the module.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Migration {
    /// The collection: `trips`.
    pub collection: String,
    /// The version that the data is of.
    pub from: String,
    /// The version that it is wanted for.
    pub to: String,
    /// `up` or `down`.
    pub direction: String,
    /// The data of one object.
    pub data: Value,
}

impl Migration {
    /// Whether it goes back.
    pub fn is_down(&self) -> bool {
        self.direction == "down"
    }

    /// The fields of the data.
    ///
    /// # Errors
    /// If the data is no object.
    pub fn fields(&self) -> Result<Map<String, Value>> {
        self.data.as_object().cloned().ok_or_else(|| Failure::new("the data is no object"))
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> Result<T> {
    Ok(T::deserialize(value)?)
}
