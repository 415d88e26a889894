//! Delivering events to the modules that have subscribed to them.
//!
//! The log and the places of subscriptions are in the store, and so is who has one in hand; here is only who looks when. A
//! bell rings on every publication, on other nodes too; whoever has nothing to do sleeps until then, until something that
//! failed is to be tried again, or until the slow poll.

use crate::hands::Hands;
use crate::policy::{Attempt, RetryPolicy};
use crate::running::LOOK_AGAIN;
use futures::future::BoxFuture;
use futures::stream::iter;
use futures::{FutureExt, StreamExt};
use modules::{Delivered, Looked};
use rand::RngCore;
use std::sync::Arc;
use std::time::Duration;
use store::{HeldEvent, HeldStatus, StoreError, SubscriptionKey};
use tokio_util::sync::CancellationToken;
use workflow::expression::Moment;

/// An event is tried so often before somebody has to look: within about five minutes.
const MAX_ATTEMPTS: u64 = 8;
/// So many subscriptions are delivered at once; those of a moment share a commit.
const AT_ONCE: usize = 16;
/// So many are looked up at once.
const MANY: u32 = 256;
/// So many events of one subscription are delivered before others are looked at.
const IN_A_ROW: usize = 100;
/// How often one [`Hands::deliver_events`] looks for more: modules that answer each other for ever would never let it end.
const MOST_ROUNDS: usize = 1_000;

/// What became of one look at everything.
#[derive(Default)]
struct Round {
    /// How many events were delivered or passed.
    count: usize,
    /// Why some subscription was not delivered, if one was not. It is told already, and all others were.
    failed: Option<StoreError>,
}

impl Hands {
    /// Delivers events until there is nothing more to deliver now; how many.
    ///
    /// # Errors
    /// Why a subscription cannot be delivered, once all others are.
    pub async fn deliver_events(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for _ in 0..MOST_ROUNDS {
            match self.deliver_round().await? {
                Round { count: 0, failed: None } => return Ok(count),
                Round { count: 0, failed: Some(error) } => return Err(error),
                round => count += round.count,
            }
        }
        tracing::warn!(count, "there is always one more event; modules may be answering each other for ever");
        Ok(count)
    }

    pub(crate) async fn keep_delivering(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let pause = match self.deliver_round().await {
                Ok(Round { count: 0, failed: None }) => self.until_next_held().await,
                Ok(Round { count: 0, failed: Some(_) }) => LOOK_AGAIN,
                Ok(_) => continue,
                Err(StoreError::Crashed(_)) => return,
                Err(error) => {
                    tracing::warn!(%error, "events cannot be delivered; trying again");
                    LOOK_AGAIN
                }
            };
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.store.wakes().events.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn until_next_held(&self) -> Duration {
        let next = async { self.store.read().await?.next_held_at().await };
        let now = self.store.now_ms();
        match next.await {
            // What is due and cannot be delivered is in the hands of another node, or its module is not there.
            Ok(Some(at)) if at <= now => LOOK_AGAIN,
            Ok(Some(at)) => self.pause(at - now),
            Ok(None) => self.longest_pause(),
            Err(_) => LOOK_AGAIN,
        }
    }

    /// Looks once at everything. A subscription that cannot be delivered is in nobody's way.
    ///
    /// # Errors
    /// `Crashed`, and `Unavailable` if the database is not there at all.
    async fn deliver_round(&self) -> Result<Round, StoreError> {
        let mut reader = self.store.read().await?;
        let lagging = reader.lagging_subscriptions(MANY).await?;
        let due = reader.due_held_events(self.store.now_ms(), MANY).await?;
        drop(reader);
        let mut work: Vec<BoxFuture<'_, (SubscriptionKey, Result<usize, StoreError>)>> =
            Vec::with_capacity(due.len() + lagging.len());
        for (key, seq) in due {
            work.push(async move { (key.clone(), self.retry(key, seq).await) }.boxed());
        }
        for key in lagging {
            work.push(async move { (key.clone(), self.deliver_some(key).await) }.boxed());
        }
        let mut ended = iter(work).buffer_unordered(AT_ONCE);
        let mut round = Round::default();
        while let Some((key, delivered)) = ended.next().await {
            match delivered {
                Ok(count) => round.count += count,
                Err(error @ StoreError::Crashed(_)) => return Err(error),
                Err(error) => round.failed = Some(self.not_delivered(&key, error).await?),
            }
        }
        Ok(round)
    }

    /// Tells that a subscription was not delivered; ends the round if the database is there for nobody.
    async fn not_delivered(&self, key: &SubscriptionKey, error: StoreError) -> Result<StoreError, StoreError> {
        drop(self.store.read().await?);
        tracing::error!(subscription = %key, %error, "events of a subscription cannot be delivered; trying again");
        Ok(error)
    }

    /// Delivers what comes next for a subscription; how many events.
    async fn deliver_some(&self, key: SubscriptionKey) -> Result<usize, StoreError> {
        for count in 0..IN_A_ROW {
            let source = self.source(&key.company);
            let looked = {
                let mut reader = self.store.read().await?;
                self.registry.next_event(&mut reader, &key, &source, self.moment()).await?
            };
            let Some(looked) = looked else { return Ok(count) };
            match self.deliver_event(&key, looked, source).await? {
                Delivered::Elsewhere | Delivered::Full => return Ok(count),
                _ => {}
            }
        }
        Ok(IN_A_ROW)
    }

    async fn deliver_event(
        &self,
        key: &SubscriptionKey,
        looked: Looked,
        source: String,
    ) -> Result<Delivered, StoreError> {
        // It cannot be the last: there are more attempts than one.
        let again_at = self.again_at(1).unwrap_or_else(|| self.store.now_ms());
        let (registry, of, what) = (self.registry.clone(), key.clone(), looked.clone());
        let work = self.store.write(move |unit| {
            let (registry, key, looked, source) = (registry.clone(), of.clone(), what.clone(), source.clone());
            async move { registry.deliver(unit, &key, &looked, &source, again_at).await }.boxed()
        });
        let delivered = match work.await {
            Ok(delivered) => delivered,
            // Somebody was faster, or the module is left alone for a while.
            Err(StoreError::Conflict | StoreError::Busy { .. }) => Delivered::Elsewhere,
            Err(error @ (StoreError::Unavailable(_) | StoreError::Crashed(_))) => return Err(error),
            Err(error) => self.hold_looked(key, &looked, error, again_at).await?,
        };
        tell(key, looked.event(), &delivered);
        Ok(delivered)
    }

    /// The unit was undone by what the handler did: the failure is stored alone.
    async fn hold_looked(
        &self,
        key: &SubscriptionKey,
        looked: &Looked,
        error: StoreError,
        again_at: i64,
    ) -> Result<Delivered, StoreError> {
        let (registry, of, what, cause) = (self.registry.clone(), key.clone(), looked.clone(), error.to_string());
        let told = cause.clone();
        let work = self.store.write(move |unit| {
            let (registry, key, looked, cause) = (registry.clone(), of.clone(), what.clone(), told.clone());
            async move { registry.hold_looked(unit, &key, &looked, &cause, again_at).await }.boxed()
        });
        work.await.map(|()| Delivered::Failed(cause))
    }

    /// Tries an event again that is held; how many were delivered.
    async fn retry(&self, key: SubscriptionKey, seq: u64) -> Result<usize, StoreError> {
        let known = self.store.read().await?.held_event(&key, seq).await?;
        let Some(known) = known.filter(|known| known.status == HeldStatus::Ready) else { return Ok(0) };
        let again_at = self.again_at(known.attempts + 1);
        let (registry, of, held, source) =
            (self.registry.clone(), key.clone(), known.clone(), self.source(&key.company));
        let work = self.store.write(move |unit| {
            let (registry, key, held, source) = (registry.clone(), of.clone(), held.clone(), source.clone());
            async move { registry.deliver_held(unit, &key, &held, &source, again_at).await }.boxed()
        });
        let delivered = match work.await {
            Ok(delivered) => delivered,
            // Somebody was faster, or the module is left alone for a while.
            Err(StoreError::Conflict | StoreError::Busy { .. }) => Delivered::Elsewhere,
            Err(error @ (StoreError::Unavailable(_) | StoreError::Crashed(_))) => return Err(error),
            Err(error) => self.hold_again(&key, known, error, again_at).await?,
        };
        tell(&key, Some(seq), &delivered);
        Ok(usize::from(delivered != Delivered::Elsewhere))
    }

    async fn hold_again(
        &self,
        key: &SubscriptionKey,
        known: HeldEvent,
        error: StoreError,
        again_at: Option<i64>,
    ) -> Result<Delivered, StoreError> {
        let (registry, of, cause) = (self.registry.clone(), key.clone(), error.to_string());
        let told = cause.clone();
        let work = self.store.write(move |unit| {
            let (registry, key, known, cause) = (registry.clone(), of.clone(), known.clone(), told.clone());
            async move { registry.hold_again(unit, &key, &known, &cause, again_at).await }.boxed()
        });
        work.await.map(|()| Delivered::Failed(cause))
    }

    /// When an event is tried again whose attempt of that number has failed; nothing if it was the last.
    fn again_at(&self, number: u64) -> Option<i64> {
        let now = self.store.now_ms();
        let policy = RetryPolicy { work_max_attempts: MAX_ATTEMPTS, ..self.settings.policy };
        policy.next(Attempt { now, created_at: now, number, is_mail: false }, rand::rng().next_u64())
    }

    /// The `source` of a company's events.
    pub(crate) fn source(&self, company: &str) -> String {
        format!("{}/api/v1/{company}", self.settings.base_url)
    }

    fn moment(&self) -> Moment {
        Moment { at_ms: self.store.now_ms(), seed: rand::rng().next_u64() }
    }
}

fn tell(subscription: &SubscriptionKey, event: Option<u64>, delivered: &Delivered) {
    match delivered {
        Delivered::Failed(cause) => {
            tracing::warn!(%subscription, event, cause, "an event could not be handled; it is tried again later");
        }
        Delivered::GaveUp(cause) => {
            tracing::error!(%subscription, event, cause, "an event could not be handled, and is set aside");
        }
        Delivered::Full => {
            tracing::error!(%subscription, "too many events could not be handled; the subscription stands still");
        }
        Delivered::Elsewhere | Delivered::Passed | Delivered::Handled | Delivered::Waits => {}
    }
}
