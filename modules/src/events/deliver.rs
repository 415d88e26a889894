//! One event, handled and passed in one unit of work.

use super::cloud_event;
use super::look::{Found, Looked};
use crate::manifest::Consumes;
use crate::module::Consumed;
use crate::registry::Registry;
use serde_json::Value;
use store::{
    HeldEvent, HeldStatus, MAX_HELD, NewHeldEvent, NewInstance, PublishedEvent, StoreError, SubscriptionKey,
    SubscriptionState, Unit,
};
use workflow::{Actor, Status};

/// The longest cause that is kept of a failure.
const MAX_CAUSE_CHARS: usize = 2_000;

/// What became of a try to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// Somebody else has it in hand, or was faster; or it is not delivered any more.
    Elsewhere,
    /// The subscription has moved on; nothing was to be done.
    Passed,
    /// The event is handled.
    Handled,
    /// It waits behind another about the same subject.
    Waits,
    /// It could not be handled, and is held.
    Failed(String),
    /// It could not be handled, and is not tried again until somebody says so.
    GaveUp(String),
    /// Too many are held; the subscription stands still.
    Full,
}

impl Registry {
    /// Handles what was looked up, and moves the subscription on. What fails is held until `again_at`.
    pub async fn deliver(
        &self,
        unit: &mut Unit,
        key: &SubscriptionKey,
        looked: &Looked,
        source: &str,
        again_at: i64,
    ) -> Result<Delivered, StoreError> {
        if self.take_in_hand(unit, key).await? != Some(looked.from) {
            return Ok(Delivered::Elsewhere);
        }
        let Some(Found { event, doubt }) = &looked.event else {
            unit.move_subscription(key, looked.from, looked.to).await?;
            return Ok(Delivered::Passed);
        };
        if unit.count_held(key, None).await? >= MAX_HELD {
            unit.set_subscription_state(key, SubscriptionState::Full).await?;
            return Ok(Delivered::Full);
        }
        if unit.is_subject_held(key, &event.subject).await? {
            unit.move_subscription(key, looked.from, looked.to).await?;
            unit.hold_event(key, &held(event, HeldStatus::Waiting, 0, 0, None)).await?;
            return Ok(Delivered::Waits);
        }
        let handled = match doubt {
            Some(doubt) => Err(doubt.clone()),
            None => match self.handle(unit, key, event, source).await? {
                Some(handled) => handled,
                // Its module was disabled since it was looked up.
                None => return Ok(Delivered::Elsewhere),
            },
        };
        unit.move_subscription(key, looked.from, looked.to).await?;
        match handled {
            Ok(()) => Ok(Delivered::Handled),
            Err(cause) => {
                unit.hold_event(key, &held(event, HeldStatus::Ready, 1, again_at, Some(&cause))).await?;
                Ok(Delivered::Failed(cause))
            }
        }
    }

    /// Tries a held event once more. `again_at` is when after that; nothing if this was the last time.
    pub async fn deliver_held(
        &self,
        unit: &mut Unit,
        key: &SubscriptionKey,
        known: &HeldEvent,
        source: &str,
        again_at: Option<i64>,
    ) -> Result<Delivered, StoreError> {
        let is_mine = self.take_in_hand(unit, key).await?.is_some();
        let same = unit.held_event(key, known.seq).await?.filter(|same| is_mine && same == known);
        let (Some(known), now) = (same, unit.now_ms()) else { return Ok(Delivered::Elsewhere) };
        if known.status != HeldStatus::Ready || known.run_at > now {
            return Ok(Delivered::Elsewhere);
        }
        let Some(event) = unit.event_at(&key.company, known.seq).await? else {
            let cause = format!("{key} holds the event {}, which is not in the log; skip it", known.seq);
            return fail(unit, key, &known, again_at, cause).await;
        };
        match self.handle(unit, key, &event, source).await? {
            None => Ok(Delivered::Elsewhere),
            Some(Ok(())) => {
                unit.let_event_go(key, &known).await?;
                Ok(Delivered::Handled)
            }
            Some(Err(cause)) => fail(unit, key, &known, again_at, cause).await,
        }
    }

    /// Holds what was looked up, because handling it has undone the whole unit.
    pub async fn hold_looked(
        &self,
        unit: &mut Unit,
        key: &SubscriptionKey,
        looked: &Looked,
        cause: &str,
        again_at: i64,
    ) -> Result<(), StoreError> {
        let Some(Found { event, .. }) = &looked.event else { return Ok(()) };
        if self.take_in_hand(unit, key).await? == Some(looked.from) {
            unit.move_subscription(key, looked.from, looked.to).await?;
            unit.hold_event(key, &held(event, HeldStatus::Ready, 1, again_at, Some(cause))).await?;
        }
        Ok(())
    }

    /// The same of an event that is held already.
    pub async fn hold_again(
        &self,
        unit: &mut Unit,
        key: &SubscriptionKey,
        known: &HeldEvent,
        cause: &str,
        again_at: Option<i64>,
    ) -> Result<(), StoreError> {
        let is_mine = self.take_in_hand(unit, key).await?.is_some();
        if !is_mine || unit.held_event(key, known.seq).await?.as_ref() != Some(known) {
            return Ok(());
        }
        fail(unit, key, known, again_at, cause.to_owned()).await.map(|_| ())
    }

    /// Takes a subscription in hand: where it is. The list of modules is locked first, as everybody does who changes what
    /// is installed, so that nobody waits for each other.
    async fn take_in_hand(&self, unit: &mut Unit, key: &SubscriptionKey) -> Result<Option<u64>, StoreError> {
        self.of(unit, &key.company).await?;
        unit.take_subscription(key).await
    }

    /// Does what the subscription says; why it could not be done, and nothing of it is left. Nothing at all if the
    /// subscription is not delivered now.
    async fn handle(
        &self,
        unit: &mut Unit,
        key: &SubscriptionKey,
        event: &PublishedEvent,
        source: &str,
    ) -> Result<Option<Result<(), String>>, StoreError> {
        let catalogue = self.of(unit, &key.company).await?;
        let usable = catalogue.module(&key.module).filter(|_| catalogue.refuses_new(&key.module).is_none());
        let subscription = usable.and_then(|installed| installed.manifest.subscription(&key.name));
        let (Some(installed), Some(subscription)) = (usable, subscription) else { return Ok(None) };
        if let Some(broken) = installed.broken() {
            return Ok(Some(Err(broken.to_owned())));
        }
        let event = cloud_event(source, event);
        let attempt = unit.begin_attempt().await?;
        let consumed = Consumed { company: &key.company, subscription: &key.name, event: &event };
        let mut done = match subscription.calls_code() {
            true => installed.module().on_event(unit, &consumed).await,
            false => Ok(()),
        };
        if done.is_ok() {
            done = start(unit, &key.company, subscription, event.clone()).await;
        }
        let done = unit.end_attempt(attempt, done).await?;
        Ok(Some(done.map_err(|error| error.to_string())))
    }
}

/// Starts the workflow. One that fails before it first waits has not taken the event.
async fn start(unit: &mut Unit, company: &str, subscription: &Consumes, event: Value) -> Result<(), StoreError> {
    let Some(definition) = subscription.start.clone() else { return Ok(()) };
    let company = company.to_owned();
    let new = NewInstance { company, definition: definition.clone(), input: event, requester: None, subject: None };
    let instance = unit.start(Actor::System, new).await?;
    match &instance.status {
        Status::Failed { state, error, cause, .. } => {
            let sentence = format!("the workflow {definition} failed in {state}: {error}: {cause}");
            Err(StoreError::refused("workflow-failed", sentence))
        }
        _ => Ok(()),
    }
}

/// Notes that a held event has failed once more.
async fn fail(
    unit: &mut Unit,
    key: &SubscriptionKey,
    known: &HeldEvent,
    again_at: Option<i64>,
    cause: String,
) -> Result<Delivered, StoreError> {
    let (status, run_at) = again_at.map_or((HeldStatus::Dead, 0), |again_at| (HeldStatus::Ready, again_at));
    let (seq, subject, error) = (known.seq, known.subject.clone(), Some(kept(&cause)));
    let failed = NewHeldEvent { seq, subject, status, attempts: known.attempts + 1, run_at, error };
    unit.change_held_event(key, &failed).await?;
    Ok(match status {
        HeldStatus::Dead => Delivered::GaveUp(cause),
        _ => Delivered::Failed(cause),
    })
}

/// What is kept of a cause. PostgreSQL stores no U+0000.
fn kept(cause: &str) -> String {
    cause.chars().filter(|letter| *letter != '\0').take(MAX_CAUSE_CHARS).collect()
}

fn held(event: &PublishedEvent, status: HeldStatus, attempts: u64, run_at: i64, cause: Option<&str>) -> NewHeldEvent {
    let error = cause.map(kept);
    NewHeldEvent { seq: event.seq, subject: event.subject.clone(), status, attempts, run_at, error }
}
