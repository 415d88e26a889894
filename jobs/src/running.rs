//! The hands at work: the workers, and the timer that tells instances that their time has come.

use crate::hands::Hands;
use crate::workers;
use futures::FutureExt;
use futures::future::{join, join_all};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use workflow::{Actor, EventKind, Rejected};

/// The longest sleep. Bells ring within this process only; what other nodes commit is found by looking.
pub(crate) const SLOW_POLL: Duration = Duration::from_secs(1);
/// The shortest sleep: whatever happens, nothing here turns in a tight loop.
const SHORTEST: Duration = Duration::from_millis(20);
/// How many instances share a commit.
const BATCH: u32 = 128;
/// How often one [`Hands::fire_due`] looks for more: instances that are due for ever would never let it end.
const MOST_ROUNDS: usize = 1_000;

/// Workers and timer under way. They go on when this is dropped; [`Running::stop`] ends them.
#[must_use = "stop it, so that effects under way can finish"]
pub struct Running {
    stop: CancellationToken,
    workers: JoinHandle<()>,
    timer: JoinHandle<()>,
}

impl Running {
    /// Claims nothing more and waits for what is under way, at most so long. What does not finish in time is performed
    /// again when its lease ends.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.cancel();
        let finished = join(&mut self.workers, &mut self.timer);
        if tokio::time::timeout(patience, finished).await.is_err() {
            tracing::warn!("some effects did not finish in time; they are performed again after the next start");
            self.workers.abort();
            self.timer.abort();
        }
    }
}

impl Hands {
    /// Starts so many workers and the timer. Must be called within a tokio runtime. Without workers nothing is
    /// performed here: another node does it.
    pub fn start(self: Arc<Self>, workers: usize) -> Running {
        let stop = CancellationToken::new();
        let timer = tokio::spawn(self.clone().keep_time(stop.clone()));
        let workers = match workers {
            0 => tokio::spawn(async {}),
            workers => tokio::spawn(workers::run(self, workers, stop.clone())),
        };
        Running { stop, workers, timer }
    }

    /// Tells every instance whose deadline has come, the most overdue first, until none is due; how many moved.
    pub async fn fire_due(&self) -> Result<usize, StoreError> {
        let mut moved = 0;
        let mut idle = HashSet::new();
        for _ in 0..MOST_ROUNDS {
            let limit = BATCH.saturating_add(u32::try_from(idle.len()).unwrap_or(u32::MAX));
            let now = self.store.now_ms();
            let mut due = self.store.read().await?.due_instances(now, limit).await?;
            due.retain(|instance| !idle.contains(instance));
            if due.is_empty() {
                return Ok(moved);
            }
            // Sent in order, so performed in order, and those of a moment share a commit.
            let fired = join_all(due.iter().map(|(company, id)| self.fire(company, id))).await;
            for (instance, fired) in due.into_iter().zip(fired) {
                if fired? {
                    moved += 1;
                } else {
                    idle.insert(instance);
                }
            }
        }
        tracing::warn!(moved, "instances stay due; a workflow may be turning in circles");
        Ok(moved)
    }

    /// Whether the instance moved. What is wrong with one instance does not keep the others waiting.
    async fn fire(&self, company: &str, id: &str) -> Result<bool, StoreError> {
        let (of, instance) = (company.to_owned(), id.to_owned());
        let work = self.store.write_about(Some((company, id)), move |unit| {
            let (company, instance) = (of.clone(), instance.clone());
            async move {
                unit.advance(&company, &instance, Actor::System, EventKind::DeadlineReached).await.map(|_| ())
            }
            .boxed()
        });
        match work.await {
            Ok(()) => Ok(true),
            // Somebody else was faster, on this node or another.
            Err(StoreError::Rejected(Rejected::NotDue | Rejected::NotRunning { .. }) | StoreError::Conflict) => {
                Ok(false)
            }
            Err(error @ (StoreError::Unavailable(_) | StoreError::Crashed(_))) => Err(error),
            Err(error) => {
                tracing::error!(instance = id, %error, "the deadline of an instance cannot be taken");
                Ok(false)
            }
        }
    }

    async fn keep_time(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.fire_due().await {
                Ok(_) => self.until_deadline().await.unwrap_or(SLOW_POLL),
                Err(StoreError::Crashed(_)) => return,
                Err(error) => {
                    tracing::warn!(%error, "deadlines cannot be read; trying again");
                    SLOW_POLL
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.store.wakes().deadlines.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// How long to sleep until the next deadline. One that has come and was not taken is left to the slow poll.
    async fn until_deadline(&self) -> Result<Duration, StoreError> {
        let next = self.store.read().await?.earliest_deadline().await?;
        let now = self.store.now_ms();
        Ok(next.filter(|at| *at > now).map_or(SLOW_POLL, |at| pause(at - now)))
    }

    /// Sleeps until an effect may be due: the bell, the time of the next one, or the slow poll.
    pub(crate) async fn wait_for_effects(&self) {
        let next = match self.store.read().await {
            Ok(mut reader) => reader.next_effect_at().await.unwrap_or_default(),
            Err(_) => None,
        };
        let now = self.store.now_ms();
        tokio::select! {
            () = self.store.wakes().effects.notified() => {}
            () = tokio::time::sleep(next.map_or(SLOW_POLL, |at| pause(at - now))) => {}
        }
    }
}

fn pause(ms: i64) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0)).clamp(SHORTEST, SLOW_POLL)
}
