//! Where people knock: at the nodes that they were told of, in turn.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// The addresses of nodes.
#[derive(Debug)]
pub(crate) struct Doors {
    open: Mutex<Vec<String>>,
    next: AtomicUsize,
}

impl Doors {
    pub(crate) fn new(open: impl IntoIterator<Item = String>) -> Self {
        Self { open: Mutex::new(open.into_iter().collect()), next: AtomicUsize::new(0) }
    }

    /// From now on these are knocked at.
    pub(crate) fn set(&self, open: Vec<String>) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = open;
    }

    /// The next one.
    pub(crate) fn next(&self) -> String {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        open.get(turn % open.len().max(1)).cloned().unwrap_or_default()
    }
}
