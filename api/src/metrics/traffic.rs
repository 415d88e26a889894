//! The requests that were answered, by route. Routes are few, whatever is asked for; paths would be without end.

use axum::http::Method;
use modules::Durations;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A kind of answer: method, route, status.
pub(super) type Kind = (&'static str, String, u16);

/// Counts of answers.
#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<BTreeMap<Kind, Durations>>);

impl Traffic {
    /// Counts one.
    pub(crate) fn answered(&self, method: &Method, route: &str, status: u16, took: Duration) {
        let kind = (known(method), route.to_owned(), status);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default().add(took);
    }

    /// Everything so far.
    pub(super) fn all(&self) -> Vec<(Kind, Durations)> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(kind, durations)| (kind.clone(), *durations)).collect()
    }
}

/// Clients may make up methods.
fn known(method: &Method) -> &'static str {
    let all = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    all.into_iter().find(|name| *name == method.as_str()).unwrap_or("other")
}
