//! What the host does for code that asks for it.
//!
//! Each function says what must stand under `code.asks` of the manifest. What the module may not have, or cannot have there
//! and then, is [`Refused`] with the host's sentence; the call goes on.

use crate::{abi, Failure, Object};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Value};
use std::fmt;

/// Why the host does not answer a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self(refused.0)
    }
}

impl From<Refused> for crate::TaskError {
    fn from(refused: Refused) -> Self {
        Failure::from(refused).into()
    }
}

/// Writes a line to the log of the service, for its operator. A call may write 16 KiB.
pub fn log(line: impl AsRef<str>) {
    abi::log(line.as_ref());
}

/// The time in milliseconds since 1970 (UTC), the same for all of a call.
pub fn now_ms() -> i64 {
    abi::now_ms()
}

/// Random bytes, at most 4,096.
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    abi::chance(&mut bytes);
    bytes
}

/// An object of the module, or nothing if there is none. `asks: [objects]`
///
/// # Errors
/// If the module may not ask for it.
pub fn object(collection: &str, id: &str) -> Result<Option<Object>, Refused> {
    answered(&json!({ "ask": "object", "collection": collection, "id": id }), "object")
}

/// The oldest objects of the module whose fields are these, at most ten: fields that are unique or indexed. `asks: [objects]`,
/// within a commit.
///
/// # Errors
/// If the module may not ask for it, or if a field is neither unique nor indexed.
pub fn find(collection: &str, fields: &impl Serialize) -> Result<Vec<Object>, Refused> {
    answered(&json!({ "ask": "find", "collection": collection, "where": value(fields)? }), "objects")
}

/// Makes an object of the module, checked as one that is sent over the API. `asks: [objects]`, within a commit.
///
/// # Errors
/// If the module may not, or with what is wrong with the object.
pub fn create(collection: &str, data: &impl Serialize) -> Result<Object, Refused> {
    answered(&json!({ "ask": "create", "collection": collection, "data": value(data)? }), "object")
}

/// Changes an object of the module by a merge patch (RFC 7396). `asks: [objects]`, within a commit.
///
/// # Errors
/// If the module may not, if there is no such object, or with what is wrong with the change.
pub fn update(collection: &str, id: &str, patch: &impl Serialize) -> Result<Object, Refused> {
    answered(&json!({ "ask": "update", "collection": collection, "id": id, "patch": value(patch)? }), "object")
}

/// Publishes an event that the manifest names, as part of the commit. `asks: [events]`
///
/// # Errors
/// If the module may not, or if this is no commit: in a worker, and in a `GET`.
pub fn publish(kind: &str, subject: &str, data: &impl Serialize) -> Result<(), Refused> {
    let question = json!({ "ask": "publish", "type": kind, "subject": subject, "data": value(data)? });
    answered::<Value>(&question, "published").map(|_| ())
}

/// The module's configuration in the company, as a type. `asks: [config]`
///
/// # Errors
/// If the module may not, or if the settings do not fit the type.
pub fn config<T: DeserializeOwned>() -> Result<T, Refused> {
    answered(&json!({ "ask": "config" }), "config")
}

fn value(data: &impl Serialize) -> Result<Value, Refused> {
    serde_json::to_value(data).map_err(|error| Refused(error.to_string()))
}

/// Asks, and takes the field of the answer that holds what was asked for.
fn answered<T: DeserializeOwned>(question: &Value, field: &str) -> Result<T, Refused> {
    let unread = |error: serde_json::Error| Refused(format!("the host answered something unknown: {error}"));
    let mut answer: Value = serde_json::from_slice(&abi::ask(question.to_string().as_bytes())).map_err(unread)?;
    match answer.get("error").and_then(Value::as_str) {
        Some(why) => Err(Refused(why.to_owned())),
        None => serde_json::from_value(answer.get_mut(field).map(Value::take).unwrap_or_default()).map_err(unread),
    }
}
