//! The share of the workers that a module has, and what becomes of its tasks when they fail time after time.
//!
//! Tasks of modules that have their share, or that are left alone, are not claimed at all: they stay due, in their order.
//! While some wait, the queue of each module is read by itself, so that a claim costs a look at each module that has tasks,
//! however many of them wait. What was claimed too much of is put back, and does not count as tried.

use crate::failure::Failure;
use crate::hands::Hands;
use futures::FutureExt;
use futures::future::BoxFuture;
use modules::{ActionError, Called, Limit, Meter, Slot};
use serde_json::Value;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use store::{Claimed, Except, StoreError};
use tokio::time::Instant;
use workflow::Effect;
use workflow::definition::code_of;

/// Whether an effect that was claimed may begin.
pub(crate) enum Place {
    /// It may; if it is a module's task, with its place among the workers.
    Had(Option<Slot>),
    /// Not now.
    Refused,
}

impl Hands {
    /// Whose tasks are not claimed now, and when the first of those that are left alone is tried again, in milliseconds since 1970.
    pub(crate) fn shut(&self) -> (Except, Option<i64>) {
        let (shut, next) = self.registry.watch().shut(self.store.now_ms());
        (Except::of(shut.iter().map(|key| (key.company.as_str(), key.module.as_str()))), next)
    }

    /// A place for what was claimed.
    pub(crate) async fn place(&self, claimed: &Claimed) -> Result<Place, StoreError> {
        let Some(meter) = self.meter(claimed).await? else { return Ok(Place::Had(None)) };
        Ok(match self.registry.watch().enter_task(&meter, self.store.now_ms()) {
            Some(slot) => Place::Had(Some(slot)),
            None => Place::Refused,
        })
    }

    /// The meter of the module whose code does this; nothing if the service does it itself, or nobody.
    async fn meter(&self, claimed: &Claimed) -> Result<Option<Arc<Meter>>, StoreError> {
        let (Some(_), Effect::Perform { resource, .. }) = (claimed.module(), &claimed.effect) else { return Ok(None) };
        let company = &claimed.key.company;
        let catalogue = match self.registry.known(company, self.store.installed_changes()) {
            Some(known) => known,
            None => self.registry.of(&mut self.store.read().await?, company).await?,
        };
        let installed = catalogue.action(code_of(resource));
        Ok(installed.map(|installed| self.registry.watch().meter(company, installed)))
    }

    /// Puts back what was claimed and not begun.
    pub(crate) async fn put_back(&self, claims: Vec<Claimed>) -> Result<(), StoreError> {
        if claims.is_empty() {
            return Ok(());
        }
        let work = self.store.write(move |unit| {
            let claims = claims.clone();
            async move { unit.put_back(&claims).await }.boxed()
        });
        work.await
    }

    /// Does a module's task within its time, and notes how it ended.
    pub(crate) async fn watched(
        &self,
        meter: &Meter,
        work: BoxFuture<'_, Result<Value, ActionError>>,
    ) -> Result<Value, Failure> {
        let (begun, limit) = (Instant::now(), Duration::from_millis(u64::from(meter.limits.time_ms)));
        let ended = tokio::time::timeout(limit, AssertUnwindSafe(work).catch_unwind()).await;
        let done = match ended {
            Ok(Ok(done)) => done.map_err(Failure::from),
            Ok(Err(_)) => {
                Err(Failure::later("States.Runtime", "the code for this stopped unexpectedly; the log says where"))
            }
            Err(_) => {
                meter.hit(Limit::Time, self.store.now_ms());
                Err(Failure::later("States.Timeout", format!("it took longer than {} ms", limit.as_millis())))
            }
        };
        meter.task_ended(how(&done), begun.elapsed(), self.store.now_ms());
        done
    }
}

/// Errors that a module names itself are its answers; those of the machine (`States...`), and what may pass, are failures.
fn how(done: &Result<Value, Failure>) -> Called {
    match done {
        Ok(_) => Called::Well,
        Err(Failure::Never { error, .. }) if !error.starts_with("States.") => Called::Well,
        Err(Failure::Never { .. } | Failure::Later { .. }) => Called::Badly,
        Err(Failure::Stopped) => Called::Neither,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_module_refuses_is_no_failure_of_it() {
        assert_eq!(how(&Ok(Value::Null)), Called::Well);
        assert_eq!(how(&Err(Failure::never("Travel.NoSeat", "full"))), Called::Well);
        assert_eq!(how(&Err(Failure::never("States.TaskFailed", "it trapped"))), Called::Badly);
        assert_eq!(how(&Err(Failure::later("Travel.Busy", "later"))), Called::Badly);
        assert_eq!(how(&Err(Failure::Stopped)), Called::Neither);
    }
}
