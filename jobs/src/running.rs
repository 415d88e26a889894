//! The hands at work: the workers, the timer that tells instances that their time has come, the leases of what is in
//! hand, and the delivery of events.

use crate::hands::Hands;
use crate::workers;
use futures::future::join3;
use std::sync::Arc;
use std::time::Duration;
use store::StoreError;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The longest sleep where bells ring for what other nodes commit, too. One may be missed.
const SLOW_POLL: Duration = Duration::from_secs(5);
/// The longest sleep otherwise, and the pause after trouble.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The shortest sleep: whatever happens, nothing here turns in a tight loop.
const SHORTEST: Duration = Duration::from_millis(20);

/// Workers and timer under way. They go on when this is dropped; [`Running::stop`] ends them.
#[must_use = "stop it, so that effects under way can finish"]
pub struct Running {
    stop: CancellationToken,
    workers: JoinHandle<()>,
    timer: JoinHandle<()>,
    leases: JoinHandle<()>,
    events: JoinHandle<()>,
}

impl Running {
    /// Claims nothing more and waits for what is under way, at most so long. What does not finish in time is performed
    /// again when its lease ends.
    pub async fn stop(mut self, patience: Duration) {
        self.stop.cancel();
        let finished = join3(&mut self.workers, &mut self.timer, &mut self.events);
        if tokio::time::timeout(patience, finished).await.is_err() {
            tracing::warn!("some effects did not finish in time; they are performed again after the next start");
            self.workers.abort();
            self.timer.abort();
            self.events.abort();
        }
        self.leases.abort();
    }
}

impl Hands {
    /// Starts so many workers and the timer. Must be called within a tokio runtime. Without workers nothing is
    /// performed here: another node does it.
    pub fn start(self: Arc<Self>, workers: usize) -> Running {
        self.store.listen();
        self.registry.watch().has_workers(workers);
        let stop = CancellationToken::new();
        let timer = tokio::spawn(self.clone().keep_time(stop.clone()));
        let leases = tokio::spawn(self.clone().keep_leases());
        let (workers, events) = match workers {
            0 => (tokio::spawn(async {}), tokio::spawn(async {})),
            workers => {
                let events = tokio::spawn(self.clone().keep_delivering(stop.clone()));
                (tokio::spawn(workers::run(self, workers, stop.clone())), events)
            }
        };
        Running { stop, workers, timer, leases, events }
    }

    async fn keep_time(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.keep_deadlines().await {
                Ok(pause) => pause,
                Err(StoreError::Crashed(_)) => return,
                Err(error) => {
                    tracing::warn!(%error, "deadlines cannot be read; trying again");
                    LOOK_AGAIN
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.store.wakes().deadlines.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Fires what is due, and says how long to sleep. Most bells tell of deadlines that are far away, so it is looked first.
    async fn keep_deadlines(&self) -> Result<Duration, StoreError> {
        let next = self.store.read().await?.earliest_deadline().await?;
        let now = self.store.now_ms();
        match next {
            // What is due and cannot be taken is in the hands of another node, or nobody can take it.
            Some(at) if at <= now => Ok(if self.fire_due().await? > 0 { SHORTEST } else { LOOK_AGAIN }),
            Some(at) => Ok(self.pause(at - now)),
            None => Ok(self.longest_pause()),
        }
    }

    /// Sleeps until an effect may be due: the bell, the time of the next one, the end of a lease, or the slow poll.
    pub(crate) async fn wait_for_effects(&self) {
        let (except, reopens_at) = self.shut();
        let reopens_in = reopens_at.map(|at| at - self.store.now_ms());
        let pause = match self.store.next_effect_in_except(&except).await {
            Ok(next) => next.into_iter().chain(reopens_in).min().map_or(self.longest_pause(), |ms| self.pause(ms)),
            Err(_) => LOOK_AGAIN,
        };
        tokio::select! {
            () = self.store.wakes().effects.notified() => {}
            () = self.registry.watch().freed() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }

    pub(crate) fn pause(&self, ms: i64) -> Duration {
        Duration::from_millis(u64::try_from(ms).unwrap_or(0)).clamp(SHORTEST, self.longest_pause())
    }

    pub(crate) fn longest_pause(&self) -> Duration {
        if self.store.wakes().hear_others() { SLOW_POLL } else { LOOK_AGAIN }
    }
}
