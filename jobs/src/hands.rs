//! One effect from claim to verdict, and all that are due one after the other.

use crate::act::SEND_MAIL;
use crate::failure::Failure;
use crate::held::Held;
use crate::mail::{Address, Mail, Postman};
use crate::policy::{Attempt, RetryPolicy};
use crate::release::Released;
use crate::share::Place;
use crate::templates::Templates;
use futures::FutureExt;
use modules::Registry;
use rand::RngCore;
use serde_json::{Value, json};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use store::{About, Claimed, EffectKey, Store, StoreError, Verdict};
use thiserror::Error;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use workflow::Effect;
use workflow::definition::code_of;

/// How long a claim keeps others away, in milliseconds, unless it is renewed: after a crash, an effect waits so long for
/// its next attempt.
pub(crate) const LEASE_MS: i64 = 4_000;
/// How long an effect may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(100);
/// How many effects [`Hands::drain`] claims at a time.
const BATCH: u32 = 64;
/// How many effects one [`Hands::drain`] performs at most: workflows that cause new ones for ever would never let it end.
const MOST: usize = 100_000;

/// What the hands need to know of their installation.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where the pages are: `https://approve.acme.example`, without a slash at the end.
    pub base_url: String,
    /// The sender of all mail: `Countersign <no-reply@acme.example>`.
    pub mail_from: String,
    /// The right side of Message-IDs: `acme.example`.
    pub mail_domain: String,
    /// How often and how long effects are tried.
    pub policy: RetryPolicy,
}

/// What is wrong with the settings or the templates. The operator must mend it before the service can start.
#[derive(Debug, Error)]
pub enum HandsError {
    /// The links in mails would lead nowhere.
    #[error("the base URL \"{0}\" must start with http:// or https:// and must not end with a slash")]
    BaseUrl(String),
    /// The sender is no mail address.
    #[error("the sender of mail \"{0}\" must be an address such as: Countersign <no-reply@acme.example>")]
    From(String),
    /// The right side of Message-IDs is no host name.
    #[error("the mail domain \"{0}\" must be a host name such as acme.example")]
    Domain(String),
    /// A mail template cannot be used.
    #[error("a mail template cannot be used: {0}")]
    Template(String),
}

/// Performs effects.
pub struct Hands {
    pub(crate) store: Store,
    pub(crate) registry: Registry,
    pub(crate) settings: Settings,
    pub(crate) templates: Templates,
    pub(crate) from: Address,
    pub(crate) held: Held,
    postman: Arc<dyn Postman>,
}

impl Hands {
    /// Checks the settings and reads all templates.
    pub fn new(
        store: Store,
        registry: Registry,
        postman: Arc<dyn Postman>,
        settings: Settings,
    ) -> Result<Self, HandsError> {
        let Settings { base_url, mail_from, mail_domain, .. } = &settings;
        if !(base_url.starts_with("http://") || base_url.starts_with("https://")) || base_url.ends_with('/') {
            return Err(HandsError::BaseUrl(base_url.clone()));
        }
        let host = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
        if mail_domain.is_empty() || !mail_domain.chars().all(host) {
            return Err(HandsError::Domain(mail_domain.clone()));
        }
        let from = Address::parse(mail_from).map_err(|_| HandsError::From(mail_from.clone()))?;
        let templates = Templates::new(registry.built_in()).map_err(|error| HandsError::Template(error.to_string()))?;
        Ok(Self { store, registry, settings, templates, from, held: Held::default(), postman })
    }

    /// Performs one effect and says how it ended. It never panics and takes at most 100 seconds.
    pub async fn perform(&self, claimed: &Claimed) -> Verdict {
        let begun = Instant::now();
        let work = AssertUnwindSafe(self.carry_out(claimed)).catch_unwind();
        let done = match tokio::time::timeout(LIMIT, work).await {
            Ok(Ok(done)) => done,
            Ok(Err(_)) => {
                Err(Failure::later("States.Runtime", "the code for this stopped unexpectedly; the log says where"))
            }
            Err(_) => Err(Failure::later("States.Timeout", format!("it took longer than {} s", LIMIT.as_secs()))),
        };
        let verdict = self.verdict(claimed, done);
        self.registry.watch().performed(kind(&claimed.effect), ended(&verdict), begun.elapsed());
        verdict
    }

    async fn carry_out(&self, claimed: &Claimed) -> Result<Value, Failure> {
        match &claimed.effect {
            Effect::Perform { activity, resource, arguments, .. } => {
                match self.is_awaited(&claimed.key, *activity).await? {
                    true => self.act(&claimed.key, code_of(resource), arguments).await,
                    // Another branch has failed, or time has run out: nobody waits for the result any more.
                    false => Ok(Value::Null),
                }
            }
            Effect::Ask(asking) => self.ask(&claimed.key, asking).await,
            Effect::Release { activity, person, because, by } => {
                let released = Released { activity: *activity, person, because, by: by.as_deref() };
                self.release(claimed, released).await
            }
            // The store answers these within the commit; a row of one has nothing left to do.
            Effect::FindApprovers { .. } | Effect::CancelChild { .. } => Ok(Value::Null),
        }
    }

    async fn is_awaited(&self, key: &EffectKey, activity: u64) -> Result<bool, Failure> {
        let (instance, _) = self.store.read().await?.instance(&key.company, &key.instance).await?;
        Ok(instance.waits_for(activity))
    }

    /// Hands a mail over: `{message_id, to, at}`.
    pub(crate) async fn deliver(&self, mail: &Mail) -> Result<Value, Failure> {
        self.postman.send(mail).await?;
        tracing::info!(message_id = mail.message_id, "a mail has left");
        let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(mail.at) * 1_000_000);
        let at = at.ok().and_then(|at| at.format(&Rfc3339).ok());
        Ok(json!({ "message_id": mail.message_id, "to": mail.to.email(), "at": at }))
    }

    fn verdict(&self, claimed: &Claimed, done: Result<Value, Failure>) -> Verdict {
        let now = self.store.now_ms();
        match done {
            Ok(output) => Verdict::Done(output),
            // Not stored: the store is dead.
            Err(Failure::Stopped) => Verdict::Again { run_at: now, error: "stopped".to_owned() },
            Err(Failure::Never { error, cause }) => {
                tracing::warn!(effect = %claimed.key, %error, %cause, "an effect was given up");
                Verdict::GaveUp { error, cause }
            }
            Err(Failure::Later { error, cause }) => self.again(claimed, now, error, cause),
        }
    }

    fn again(&self, claimed: &Claimed, now: i64, error: String, cause: String) -> Verdict {
        let number = claimed.attempt;
        let attempt = Attempt { now, created_at: claimed.created_at, number, is_mail: is_mail(&claimed.effect) };
        match self.settings.policy.next(attempt, rand::rng().next_u64()) {
            Some(run_at) => {
                tracing::info!(effect = %claimed.key, attempt = number, %error, %cause, "an effect is tried again later");
                Verdict::Again { run_at, error: format!("{error}: {cause}") }
            }
            None => {
                tracing::warn!(effect = %claimed.key, attempt = number, %error, %cause, "an effect was given up");
                Verdict::GaveUp { error, cause: format!("{cause} (attempt {number}, the last one)") }
            }
        }
    }

    /// Performs everything that is due now, one after the other, oldest first, and delivers every event, until nothing is
    /// left; how many it were.
    /// For tests with a clock of their own, and for commands that run once.
    pub async fn drain(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        while count < MOST {
            let mut batch = self.claim(BATCH).await?;
            if batch.is_empty() {
                match self.deliver_events().await? {
                    0 => return Ok(count),
                    delivered => count += delivered,
                }
                continue;
            }
            batch.sort_by_cached_key(|claimed| {
                (claimed.created_at, claimed.key.instance.clone(), claimed.key.version, claimed.key.n)
            });
            for claimed in &batch {
                let _place = match self.place(claimed).await? {
                    Place::Had(place) => place,
                    Place::Refused => {
                        self.put_back(vec![claimed.clone()]).await?;
                        continue;
                    }
                };
                let verdict = self.begin(claimed).await?;
                self.end(claimed, verdict).await?;
                count += 1;
            }
        }
        tracing::warn!(count, "there is always one more effect; a workflow may be turning in circles");
        Ok(count)
    }

    /// Claims effects that are due, without the tasks of modules that have their share or are left alone.
    pub(crate) async fn claim(&self, limit: u32) -> Result<Vec<Claimed>, StoreError> {
        let (except, _) = self.shut();
        let work = self.store.write(move |unit| {
            let except = except.clone();
            async move { unit.claim_effects_except(limit, LEASE_MS, &except).await }.boxed()
        });
        work.await
    }

    /// The first half of an effect: the deed.
    pub(crate) async fn begin(&self, claimed: &Claimed) -> Result<Verdict, StoreError> {
        self.store.crash_point("before_effect")?;
        Ok(self.perform(claimed).await)
    }

    /// The second half: the verdict is stored, and the workflow goes on.
    pub(crate) async fn end(&self, claimed: &Claimed, verdict: Verdict) -> Result<(), StoreError> {
        self.store.crash_point("after_effect")?;
        match self.answer(claimed, verdict).await {
            // The workflow cannot take the answer. Left as it is, the effect would be performed again after each lease.
            Err(error @ (StoreError::Corrupt(_) | StoreError::Problems(_) | StoreError::Rejected(_))) => {
                tracing::error!(effect = %claimed.key, %error, "the workflow cannot take the answer");
                let gave_up = Verdict::GaveUp { error: "States.Runtime".to_owned(), cause: error.to_string() };
                self.answer(claimed, gave_up).await
            }
            answered => answered,
        }
    }

    /// Gives a claim back, for somebody else to take up at once.
    pub(crate) async fn give_back(&self, claimed: &Claimed) -> Result<(), StoreError> {
        let error = "the service was stopped before this began".to_owned();
        self.answer(claimed, Verdict::Again { run_at: self.store.now_ms(), error }).await
    }

    async fn answer(&self, claimed: &Claimed, verdict: Verdict) -> Result<(), StoreError> {
        let (answered, key) = (claimed.clone(), &claimed.key);
        // Only a task's answer moves the instance.
        let is_task = matches!(claimed.effect, Effect::Perform { .. });
        let about = if is_task { About::instance(&key.company, &key.instance) } else { About::Nothing };
        let work = self.store.write_about(about, move |unit| {
            let (claimed, verdict) = (answered.clone(), verdict.clone());
            async move { unit.answer_effect(&claimed, &verdict).await }.boxed()
        });
        if !work.await? {
            tracing::warn!(effect = %claimed.key, attempt = claimed.attempt, "somebody else has taken over this effect");
        }
        Ok(())
    }
}

/// Kinds of effects, as they are counted.
fn kind(effect: &Effect) -> &'static str {
    match effect {
        Effect::Perform { resource, .. } if resource == SEND_MAIL => "mail",
        Effect::Perform { .. } => "task",
        Effect::Ask(_) => "ask",
        Effect::Release { .. } => "release",
        Effect::FindApprovers { .. } | Effect::CancelChild { .. } => "other",
    }
}

fn ended(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Done(_) => "done",
        Verdict::Again { .. } => "again",
        Verdict::GaveUp { .. } => "gave_up",
    }
}

fn is_mail(effect: &Effect) -> bool {
    match effect {
        Effect::Ask(_) | Effect::Release { .. } => true,
        Effect::Perform { resource, .. } => resource == SEND_MAIL,
        Effect::FindApprovers { .. } | Effect::CancelChild { .. } => false,
    }
}
