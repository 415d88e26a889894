//! Effects: what must be done outside, claimed with a lease, answered with a verdict.

use crate::backend::{Row, args};
use crate::claims::Except;
use crate::error::StoreError;
use crate::unit::{Session, Unit};
use std::fmt;
use workflow::definition::{FOR_TOKEN, code_of};
use workflow::{Actor, Effect, EventKind, Rejected};

/// The id of an effect, which is its idempotency key too: `instance/version/n`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EffectKey {
    /// The company.
    pub company: String,
    /// The instance.
    pub instance: String,
    /// The transition that caused it.
    pub version: u64,
    /// Its place among the effects of the transition, from 0.
    pub n: u64,
}

impl EffectKey {
    fn place(&self) -> (&str, u64, u64) {
        (&self.instance, self.version, self.n)
    }
}

impl fmt::Display for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.instance, self.version, self.n)
    }
}

/// An effect that a worker has claimed.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Which one.
    pub key: EffectKey,
    /// What is to be done.
    pub effect: Effect,
    /// The how many-th claim this is, from 1. The answer of an older claim is refused.
    pub attempt: u64,
    /// When it was caused, in milliseconds since 1970.
    pub created_at: i64,
}

impl Claimed {
    /// Whose code does it, if it is a task.
    pub fn module(&self) -> Option<&str> {
        module_of(&self.effect)
    }
}

/// Whose code does a task: the first part of its resource. What is part of every installation has a name there too.
pub(crate) fn module_of(effect: &Effect) -> Option<&str> {
    match effect {
        Effect::Perform { resource, .. } => Some(code_of(resource).split_once('.')?.0),
        _ => None,
    }
}

/// How an effect ended, or did not.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is done; the task's result, if it was one.
    Done(serde_json::Value),
    /// It is tried again at that time.
    Again {
        /// In milliseconds since 1970.
        run_at: i64,
        /// What went wrong.
        error: String,
    },
    /// It will not be tried again by itself. A task fails with this; a mail waits for a person to look.
    GaveUp {
        /// The error's name: `Mail.Rejected`.
        error: String,
        /// What happened, for people.
        cause: String,
    },
}

/// An effect that gave up.
#[derive(Debug, Clone)]
pub struct DeadEffect {
    /// Which one.
    pub key: EffectKey,
    /// What was to be done; nothing if the row cannot be read.
    pub effect: Option<Effect>,
    /// What happened.
    pub error: String,
    /// How often it was tried.
    pub attempts: u64,
    /// When it gave up.
    pub ended_at: i64,
}

impl Unit {
    /// Claims effects that are due, the longest due first, for so long. Nobody else gets them until the lease ends.
    ///
    /// A row that cannot be read is set aside as dead, or it would keep all others from being claimed for ever.
    pub async fn claim_effects(&mut self, limit: u32, lease_ms: i64) -> Result<Vec<Claimed>, StoreError> {
        self.claim_effects_except(limit, lease_ms, &Except::default()).await
    }

    /// The same without the tasks of some modules.
    pub async fn claim_effects_except(
        &mut self,
        limit: u32,
        lease_ms: i64,
        except: &Except,
    ) -> Result<Vec<Claimed>, StoreError> {
        let rows = self.claim_rows(limit, lease_ms, except).await?;
        let mut due = Vec::with_capacity(rows.len());
        for row in rows {
            match claimed(row)? {
                (run_at, Ok(claimed)) => due.push((run_at, claimed)),
                (_, Err((key, error))) => self.set_aside(&key, &error).await?,
            }
        }
        // The rows of an UPDATE come in no order.
        due.sort_by(|(at, one), (other_at, other)| (at, one.key.place()).cmp(&(other_at, other.key.place())));
        Ok(due.into_iter().map(|(_, claimed)| claimed).collect())
    }

    async fn set_aside(&mut self, key: &EffectKey, error: &str) -> Result<(), StoreError> {
        tracing::error!(effect = %key, error, "an effect cannot be read; it is set aside");
        let sql = "UPDATE effect SET status = 'dead', error = $5, ended_at = $6, lease_until = NULL \
                   WHERE company = $1 AND instance = $2 AND version = $3 AND n = $4";
        let error = format!("Store.Corrupt: the row of this effect cannot be read: {error}");
        let values = args![&key.company, &key.instance, key.version, key.n, error, self.now_ms()];
        self.execute(sql, values).await.map(|_| ())
    }

    /// Takes a worker's answer. False if the claim is not the latest any more, or was answered before.
    pub async fn answer_effect(&mut self, claimed: &Claimed, verdict: &Verdict) -> Result<bool, StoreError> {
        let now = self.now_ms();
        let (status, run_at, error, ended_at) = match verdict {
            Verdict::Done(_) => ("done", now, None, Some(now)),
            Verdict::Again { run_at, error } => ("ready", *run_at, Some(error.clone()), None),
            // A task that gives up goes on in its workflow, so nobody has to look after the effect.
            Verdict::GaveUp { error, cause } => {
                let status = if matches!(claimed.effect, Effect::Perform { .. }) { "done" } else { "dead" };
                (status, now, Some(format!("{error}: {cause}")), Some(now))
            }
        };
        let key = &claimed.key;
        let sql = "UPDATE effect SET status = $6, run_at = $7, error = $8, ended_at = $9, lease_until = NULL \
                   WHERE company = $1 AND instance = $2 AND version = $3 AND n = $4 AND attempts = $5 AND status = 'ready' AND lease_until IS NOT NULL";
        let values =
            args![&key.company, &key.instance, key.version, key.n, claimed.attempt, status, run_at, error, ended_at];
        if self.execute(sql, values).await? == 0 {
            return Ok(false);
        }
        self.ledger.bells.effects |= matches!(verdict, Verdict::Again { .. });
        self.tell_workflow(claimed, verdict).await?;
        Ok(true)
    }

    async fn tell_workflow(&mut self, claimed: &Claimed, verdict: &Verdict) -> Result<(), StoreError> {
        let Effect::Perform { activity, resource, .. } = &claimed.effect else { return Ok(()) };
        let activity = *activity;
        let kind = match verdict {
            // Whoever holds the token gives the answer.
            Verdict::Done(_) if resource.ends_with(FOR_TOKEN) => return Ok(()),
            Verdict::Done(output) => EventKind::TaskSucceeded { activity, output: output.clone() },
            Verdict::GaveUp { error, cause } => {
                EventKind::TaskFailed { activity, error: error.clone(), cause: cause.clone() }
            }
            Verdict::Again { .. } => return Ok(()),
        };
        match self.advance(&claimed.key.company, &claimed.key.instance, Actor::System, kind).await {
            // The workflow went on without the task: it timed out, or was cancelled.
            Err(StoreError::Rejected(Rejected::Late { .. } | Rejected::NotRunning { .. })) => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// Has a dead effect tried again.
    pub async fn revive_effect(&mut self, key: &EffectKey) -> Result<(), StoreError> {
        let now = self.now_ms();
        let sql = "UPDATE effect SET status = 'ready', run_at = $5, lease_until = NULL, ended_at = NULL \
                   WHERE company = $1 AND instance = $2 AND version = $3 AND n = $4 AND status = 'dead'";
        let changed = self.execute(sql, args![&key.company, &key.instance, key.version, key.n, now]).await?;
        self.ledger.bells.effects = true;
        if changed == 1 { Ok(()) } else { Err(StoreError::Missing { what: "failed effect", id: key.to_string() }) }
    }
}

impl Session {
    /// Effects that gave up, the latest first.
    pub async fn dead_effects(&mut self, company: &str, limit: u32) -> Result<Vec<DeadEffect>, StoreError> {
        let sql = "SELECT company, instance, version, n, body, error, attempts, ended_at FROM effect \
                   WHERE company = $1 AND status = 'dead' ORDER BY ended_at DESC LIMIT $2";
        self.dead(sql, args![company, limit]).await
    }

    /// Effects of an instance that gave up.
    pub async fn dead_effects_of(&mut self, company: &str, instance: &str) -> Result<Vec<DeadEffect>, StoreError> {
        let sql = "SELECT company, instance, version, n, body, error, attempts, ended_at FROM effect \
                   WHERE company = $1 AND instance = $2 AND status = 'dead' ORDER BY version, n";
        self.dead(sql, args![company, instance]).await
    }

    async fn dead(&mut self, sql: &'static str, args: Vec<crate::backend::Arg>) -> Result<Vec<DeadEffect>, StoreError> {
        let rows = self.query(sql, args).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(DeadEffect {
                    key: key(&mut row)?,
                    effect: serde_json::from_str(&row.text()?).ok(),
                    error: row.maybe_text()?.unwrap_or_default(),
                    attempts: row.count()?,
                    ended_at: row.int()?,
                })
            })
            .collect()
    }

    /// The latest revision of the object that the requests of an approval showed; 0 if none was shown.
    pub async fn revision_asked(&mut self, company: &str, instance: &str, activity: u64) -> Result<u64, StoreError> {
        let sql = "SELECT max(revision) FROM link WHERE company = $1 AND instance = $2 AND activity = $3";
        let row = self.query_one(sql, args![company, instance, activity]).await?;
        let revision = row.map(|mut row| row.maybe_int()).transpose()?.flatten();
        Ok(revision.and_then(|revision| u64::try_from(revision).ok()).unwrap_or(0))
    }

    /// How many effects are neither done nor dead.
    pub async fn open_effects(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM effect WHERE status = 'ready'";
        self.query_one(sql, Vec::new()).await?.map_or(Ok(0), |mut row| row.count())
    }
}

pub(crate) fn key(row: &mut Row) -> Result<EffectKey, StoreError> {
    Ok(EffectKey { company: row.text()?, instance: row.text()?, version: row.count()?, n: row.count()? })
}

/// When it was due, and the effect; or why it cannot be read.
type ClaimedRow = (i64, Result<Claimed, (EffectKey, String)>);

fn claimed(mut row: Row) -> Result<ClaimedRow, StoreError> {
    let (key, body) = (key(&mut row)?, row.text()?);
    let (attempt, created_at, run_at) = (row.count()?, row.int()?, row.int()?);
    let read = match serde_json::from_str(&body) {
        Ok(effect) => Ok(Claimed { key, effect, attempt, created_at }),
        Err(error) => Err((key, error.to_string())),
    };
    Ok((run_at, read))
}
