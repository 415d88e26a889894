//! The effects that this node has in hand. Leases are short and are renewed while the work goes on, so that what a dead
//! node had in hand is taken over within seconds; work whose lease is lost is given up, because somebody else begins it.

use crate::hands::{Hands, LEASE_MS, LIMIT};
use crate::share::Place;
use futures::FutureExt;
use modules::Slot;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use store::{Claimed, EffectKey, StoreError, Verdict};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

/// How long a lease lasts without a word.
const LEASE: Duration = Duration::from_millis(LEASE_MS.unsigned_abs());
/// How old a lease is when it is renewed. What takes less time costs nothing.
const RENEW_AFTER: Duration = Duration::from_secs(1);
/// How often it is looked which leases are so old.
const BEAT: Duration = Duration::from_millis(500);

/// Every effect in hand.
#[derive(Default)]
pub(crate) struct Held(Mutex<HashMap<EffectKey, Grip>>);

struct Grip {
    claimed: Claimed,
    since: Instant,
    /// When the lease ends, by this node's steady clock; nothing if somebody else has taken over.
    until: watch::Sender<Option<Instant>>,
    /// The place of a module's task among the workers, which is free again when this is let go.
    _place: Option<Slot>,
}

impl Grip {
    /// Nobody waits for longer than an effect may take: if its end was not told, the lease brings it back.
    fn is_to_be_renewed(&self, now: Instant) -> bool {
        let soon = now + LEASE - RENEW_AFTER;
        self.since + LIMIT > now && self.until.borrow().is_some_and(|until| until <= soon)
    }
}

impl Held {
    fn grips(&self) -> MutexGuard<'_, HashMap<EffectKey, Grip>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes what was claimed at that moment or later.
    fn take(&self, claimed: Claimed, place: Option<Slot>, since: Instant) {
        let key = claimed.key.clone();
        let grip = Grip { claimed, since, until: watch::Sender::new(Some(since + LEASE)), _place: place };
        // An older claim of the same effect is lost with its sender.
        self.grips().insert(key, grip);
    }

    /// Lets go of what was answered, given back or lost.
    pub(crate) fn let_go(&self, claimed: &Claimed) {
        let mut grips = self.grips();
        if grips.get(&claimed.key).is_some_and(|grip| grip.claimed.attempt == claimed.attempt) {
            grips.remove(&claimed.key);
        }
    }

    /// Lets go of what nobody has let go of although its lease ended long ago, so that no place is taken for ever.
    fn let_go_of_ended(&self, now: Instant) {
        self.grips().retain(|_, grip| grip.until.borrow().is_some_and(|until| until + LEASE > now));
    }

    #[cfg(test)]
    pub(crate) fn is_empty(&self) -> bool {
        self.grips().is_empty()
    }

    fn to_be_renewed(&self, now: Instant) -> Vec<Claimed> {
        let grips = self.grips();
        grips.values().filter(|grip| grip.is_to_be_renewed(now)).map(|grip| grip.claimed.clone()).collect()
    }

    /// Enters what became of the leases that were to be renewed at that moment.
    fn enter(&self, asked: &[Claimed], renewed: &HashSet<EffectKey>, since: Instant) {
        let grips = self.grips();
        for Claimed { key, attempt, .. } in asked {
            let grip = grips.get(key).filter(|grip| grip.claimed.attempt == *attempt);
            if let Some(grip) = grip {
                grip.until.send_replace(renewed.contains(key).then_some(since + LEASE));
            }
        }
    }

    /// Resolves when the lease is lost: somebody else has taken over, or may have.
    async fn lost(&self, claimed: &Claimed) {
        let is_its_own = |grip: &&Grip| grip.claimed.attempt == claimed.attempt;
        let until = self.grips().get(&claimed.key).filter(is_its_own).map(|grip| grip.until.subscribe());
        let Some(mut until) = until else { return };
        loop {
            let Some(end) = *until.borrow_and_update() else { return };
            tokio::select! {
                () = sleep_until(end) => return,
                changed = until.changed() => if changed.is_err() { return },
            }
        }
    }
}

impl Hands {
    /// Claims effects that are due and holds them. What can have no place is put back, and keeps nothing else from being done.
    pub(crate) async fn take_up(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let since = Instant::now();
        let (mut held, mut refused, mut trouble) = (Vec::new(), Vec::new(), None);
        for claimed in self.claim(limit).await? {
            // Where finding places takes long, the rest is better left to a claim with a new lease.
            let place = if since.elapsed() < RENEW_AFTER { self.place(&claimed).await } else { Ok(Place::Refused) };
            match place {
                Ok(Place::Had(place)) => {
                    self.held.take(claimed.clone(), place, since);
                    held.push(claimed);
                }
                Ok(Place::Refused) => refused.push(claimed),
                Err(error) => {
                    trouble = Some(error);
                    refused.push(claimed);
                }
            }
        }
        self.try_to_put_back(refused).await;
        match trouble {
            // Nothing is held, so the worker waits before it claims the same again.
            Some(error) if held.is_empty() => Err(error),
            Some(error) => {
                tracing::warn!(%error, "an effect that was claimed cannot have a place; it is put back");
                Ok(held)
            }
            None => Ok(held),
        }
    }

    /// What cannot be put back comes back when its lease ends; the rest of the claim is not lost for that.
    async fn try_to_put_back(&self, refused: Vec<Claimed>) {
        if let Err(error) = self.put_back(refused).await {
            tracing::warn!(%error, "claims could not be put back; they end with their leases");
        }
    }

    /// Performs an effect that is held. Nothing if its lease was lost, so that there is nothing to answer.
    pub(crate) async fn perform_held(&self, claimed: &Claimed) -> Result<Option<Verdict>, StoreError> {
        tokio::select! {
            // What is done is answered; if somebody else has begun, the answer is refused.
            biased;
            verdict = self.begin(claimed) => verdict.map(Some),
            () = self.held.lost(claimed) => {
                tracing::warn!(effect = %claimed.key, attempt = claimed.attempt, "the lease of this effect is lost: somebody else has taken over, or soon will");
                Ok(None)
            }
        }
    }

    /// Renews leases for as long as it is polled.
    pub(crate) async fn keep_leases(self: Arc<Self>) {
        loop {
            sleep(BEAT).await;
            match self.renew().await {
                Ok(()) => {}
                Err(StoreError::Crashed(_)) => return,
                Err(error) => tracing::warn!(%error, "leases cannot be renewed; trying again"),
            }
        }
    }

    async fn renew(&self) -> Result<(), StoreError> {
        let since = Instant::now();
        self.held.let_go_of_ended(since);
        let asked = self.held.to_be_renewed(since);
        if asked.is_empty() {
            return Ok(());
        }
        let claims = asked.clone();
        let renewed = self.store.write(move |unit| {
            let claims = claims.clone();
            async move { unit.renew_leases(&claims, LEASE_MS).await }.boxed()
        });
        self.held.enter(&asked, &renewed.await?, since);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use workflow::Effect;

    #[test]
    fn what_nobody_lets_go_of_is_let_go_after_its_lease() {
        let (held, since) = (Held::default(), Instant::now());
        let key = EffectKey { company: "acme".to_owned(), instance: "i".to_owned(), version: 1, n: 0 };
        let effect = Effect::CancelChild { instance: "j".to_owned(), reason: String::new() };
        held.take(Claimed { key, effect, attempt: 1, created_at: 0 }, None, since);
        held.let_go_of_ended(since + LEASE);
        assert!(!held.is_empty(), "its end is only just over: a renewal under way may still come");
        held.let_go_of_ended(since + LEASE + LEASE);
        assert!(held.is_empty());
    }
}
