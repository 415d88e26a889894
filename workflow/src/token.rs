//! The tokens of callbacks: whoever holds one may answer one task, from outside and without an account.
//!
//! A token is made from the instance's secret, so that it needs no row of its own and replay makes the same one.

use crate::instance::{Activity, Instance};
use sha2::{Digest, Sha256};
use std::fmt;

/// What `$states.context.Task.Token` holds: `instance.activity.proof`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskToken {
    /// The instance.
    pub instance: String,
    /// Its task.
    pub activity: u64,
    proof: String,
}

impl TaskToken {
    pub(crate) fn new(instance: &str, activity: u64, secret: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in [secret, instance, &activity.to_string()] {
            hasher.update(part.len().to_be_bytes());
            hasher.update(part);
        }
        Self { instance: instance.to_owned(), activity, proof: hex::encode(hasher.finalize()) }
    }

    /// Reads a token; `None` if it has another form. Whether it is a true one, [`TaskToken::opens`] says.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (instance, activity, proof) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
        let hexadecimal = proof.len() == 64 && proof.bytes().all(|byte| byte.is_ascii_hexdigit());
        (!instance.is_empty() && hexadecimal).then(|| Self {
            instance: instance.to_owned(),
            activity,
            proof: proof.to_owned(),
        })
    }

    /// Whether this is the token of a task of `instance` that waits for an answer.
    pub fn opens(&self, instance: &Instance) -> bool {
        let Some(running) = instance.running().filter(|running| !running.secret.is_empty()) else { return false };
        let waits =
            |activity: &Activity| matches!(activity, Activity::Task { activity, .. } if *activity == self.activity);
        instance.id == self.instance
            && running.branch.all().iter().any(|branch| waits(&branch.activity))
            && equal(&self.proof, &Self::new(&instance.id, self.activity, &running.secret).proof)
    }
}

/// Compares in a time that does not depend on where the texts differ.
fn equal(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

impl fmt::Display for TaskToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.instance, self.activity, self.proof)
    }
}
