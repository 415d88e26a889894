//! Crash points: places at which a test can stop the service as if its power were cut.

use crate::error::StoreError;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// Every crash point, in the order in which one unit of work passes them.
pub const CRASH_POINTS: [&str; 10] = [
    "before_begin",
    "after_work",
    "before_flush",
    "after_flush",
    "before_commit",
    "after_commit",
    "before_effect",
    "after_effect",
    "after_link",
    "after_archive_file",
];

/// Counts the crash points that are passed, and stops the service at the chosen one.
#[derive(Debug, Default)]
pub struct Crash {
    passed: AtomicI64,
    armed: AtomicI64,
    dead: AtomicBool,
}

impl Crash {
    /// Never stops.
    pub fn never() -> Self {
        Self::default()
    }

    /// Stops at the n-th point that is passed, counted from 1.
    pub fn at(n: i64) -> Self {
        Self { armed: AtomicI64::new(n), ..Self::default() }
    }

    /// How many points were passed.
    pub fn passed(&self) -> i64 {
        self.passed.load(Ordering::SeqCst)
    }

    /// Whether it has stopped.
    pub fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    /// Passes a point. Once stopped, nothing passes any more.
    pub fn point(&self, name: &'static str) -> Result<(), StoreError> {
        let n = self.passed.fetch_add(1, Ordering::SeqCst) + 1;
        if self.armed.load(Ordering::SeqCst) == n {
            self.dead.store(true, Ordering::SeqCst);
        }
        if self.is_dead() { Err(StoreError::Crashed(name)) } else { Ok(()) }
    }
}
