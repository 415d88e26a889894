//! What one module does in one company, on this node.

use super::Thresholds;
use super::circuit::{Admitted, Circuit, LONGEST_PAUSE_MS, LONGEST_REFUSAL_MS};
use super::durations::Durations;
use super::report::Said;
use super::watch::Key;
use super::window::{Counts, Limit, Window};
use crate::limits::{Bucket, Limits, Quota};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Which part of a module is left alone when it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Its tasks in workers, which wait.
    Tasks,
    /// Its code about objects, which is refused.
    Hooks,
}

impl Part {
    fn longest_pause_ms(self) -> i64 {
        match self {
            Self::Tasks => LONGEST_PAUSE_MS,
            Self::Hooks => LONGEST_REFUSAL_MS,
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Called {
    /// It did what it is there for; that it refused something is part of that.
    Well,
    /// It failed by itself: a trap, a panic, too long, or what it says may pass.
    Badly,
    /// Somebody else was in the way; it says nothing about the module.
    Neither,
}

/// Whether a call may begin.
#[derive(Debug)]
pub enum Admission {
    /// It may. The probe, if it is one, is to be told how it ended.
    Open(Option<Probe>),
    /// Not before this time, in milliseconds since 1970.
    ShutUntil(i64),
}

/// What was counted since this node started, or since the module came in another version.
#[derive(Debug, Clone, Copy, Default)]
pub struct Totals {
    /// Requests that were answered, and how long that took.
    pub requests: Durations,
    /// Of these, those that failed because of the service or the module.
    pub requests_failed: u64,
    /// Tasks that ended, and how long they took.
    pub tasks: Durations,
    /// Of these, those that failed.
    pub tasks_failed: u64,
    /// How often each limit was hit.
    hits: Counts,
}

impl Totals {
    /// How often a limit was hit.
    #[must_use]
    pub fn hits(&self, limit: Limit) -> u64 {
        self.hits.hits(limit)
    }
}

/// A module in a company.
#[derive(Debug)]
pub struct Meter {
    /// Company and module.
    pub key: Key,
    /// The version and, unless it is compiled in, the hash of the package.
    pub(crate) version: String,
    /// Its limits.
    pub limits: Limits,
    /// When it counts as unwell.
    pub thresholds: Thresholds,
    /// The places for reading.
    connections: Arc<Semaphore>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    bucket: Bucket,
    pub(super) window: Window,
    pub(super) totals: Totals,
    pub(super) tasks: Circuit,
    pub(super) hooks: Circuit,
    /// How many of its tasks are in the hands of this node.
    pub(super) in_hand: usize,
    /// What its code said last about its health.
    pub(super) said: Option<Said>,
}

impl Meter {
    pub(crate) fn new(key: Key, version: String, limits: Limits, thresholds: Thresholds) -> Self {
        let connections = Arc::new(Semaphore::new(usize::from(limits.pool_connections)));
        Self { key, version, limits, thresholds, connections, inner: Mutex::default() }
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        // A panic elsewhere leaves counters that are still counters.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request, and says whether it was one too many.
    pub fn request(&self, now_ms: i64) -> Quota {
        let quota = self.inner().bucket.take(self.limits.requests_per_minute, now_ms);
        if quota.retry_after_seconds.is_some() {
            self.hit(Limit::Requests, now_ms);
        }
        quota
    }

    /// A request was answered.
    pub fn answered(&self, how: Called, took: Duration, now_ms: i64) {
        let mut inner = self.inner();
        inner.totals.requests.add(took);
        inner.totals.requests_failed += u64::from(how == Called::Badly);
        self.count(&mut inner, how, now_ms);
    }

    /// A task in a worker has ended.
    pub fn task_ended(&self, how: Called, took: Duration, now_ms: i64) {
        let mut inner = self.inner();
        inner.totals.tasks.add(took);
        inner.totals.tasks_failed += u64::from(how == Called::Badly);
        self.count(&mut inner, how, now_ms);
        self.settle(&mut inner, Part::Tasks, how, now_ms);
    }

    /// Code about an object has ended.
    pub fn hook_ended(&self, how: Called, now_ms: i64) {
        self.settle(&mut self.inner(), Part::Hooks, how, now_ms);
    }

    fn count(&self, inner: &mut Inner, how: Called, now_ms: i64) {
        let counts = inner.window.now(self.thresholds.window_seconds, now_ms);
        match how {
            Called::Well => counts.succeeded += 1,
            Called::Badly => counts.failed += 1,
            Called::Neither => {}
        }
    }

    fn settle(&self, inner: &mut Inner, part: Part, how: Called, now_ms: i64) {
        let circuit = inner.circuit(part);
        match how {
            Called::Well => circuit.succeeded(),
            Called::Badly => {
                if circuit.failed(self.thresholds.isolate_after, part.longest_pause_ms(), now_ms) {
                    let Key { company, module } = &self.key;
                    tracing::warn!(company, module, ?part, "a module is isolated: it failed time after time");
                }
            }
            Called::Neither => circuit.probe_ended(),
        }
    }

    /// A limit was hit.
    pub fn hit(&self, limit: Limit, now_ms: i64) {
        let mut inner = self.inner();
        inner.totals.hits.hit(limit);
        inner.window.now(self.thresholds.window_seconds, now_ms).hit(limit);
    }

    /// Whether its code about objects may be called.
    pub fn enter_hooks(self: &Arc<Self>, now_ms: i64) -> Admission {
        match self.inner().hooks.enter(now_ms) {
            Ok(Admitted::Plainly) => Admission::Open(None),
            Ok(Admitted::AsProbe) => Admission::Open(Some(Probe { meter: self.clone(), part: Part::Hooks })),
            Err(until) => Admission::ShutUntil(until),
        }
    }

    /// A place to read from the database, waited for as long as a call may take; nothing if none became free.
    pub async fn connection(&self, now_ms: i64) -> Option<OwnedSemaphorePermit> {
        let free = self.connections.clone();
        if let Ok(place) = free.clone().try_acquire_owned() {
            return Some(place);
        }
        self.hit(Limit::Connections, now_ms);
        let patience = Duration::from_millis(u64::from(self.limits.time_ms));
        // The semaphore is never closed.
        tokio::time::timeout(patience, free.acquire_owned()).await.ok()?.ok()
    }

    /// How many of its reads have a connection now.
    pub fn connections_in_use(&self) -> usize {
        usize::from(self.limits.pool_connections).saturating_sub(self.connections.available_permits())
    }

    /// How many of its tasks are in the hands of this node.
    pub fn tasks_in_hand(&self) -> usize {
        self.inner().in_hand
    }

    /// What was counted.
    pub fn totals(&self) -> Totals {
        self.inner().totals
    }

    /// Since when a part is left alone and until when it is at least, in milliseconds since 1970.
    pub fn isolated(&self, part: Part) -> Option<(i64, i64)> {
        self.inner().circuit(part).open()
    }

    /// What its code says about its health.
    pub fn says(&self, said: Said) {
        self.inner().said = Some(said);
    }

    /// What its code said last.
    pub fn said(&self) -> Option<Said> {
        self.inner().said.clone()
    }
}

impl Inner {
    pub(super) fn circuit(&mut self, part: Part) -> &mut Circuit {
        match part {
            Part::Tasks => &mut self.tasks,
            Part::Hooks => &mut self.hooks,
        }
    }
}

/// A call that shows whether a module works again. If nobody says how it ended, the next call may show it.
#[derive(Debug)]
pub struct Probe {
    pub(super) meter: Arc<Meter>,
    pub(super) part: Part,
}

impl Drop for Probe {
    fn drop(&mut self) {
        // Does nothing if it was told how it ended: the circuit is closed then, or shut for some time.
        self.meter.inner().circuit(self.part).probe_ended();
    }
}
