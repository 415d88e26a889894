//! A unit of work on its way to the writer and back to its caller.

use crate::error::StoreError;
use crate::handle::About;
use crate::unit::Unit;
use futures::FutureExt;
use futures::future::BoxFuture;
use std::panic::{AssertUnwindSafe, catch_unwind};
use tokio::sync::oneshot;

/// A unit of work that waits for its turn.
pub(crate) trait Job: Send {
    /// What it will load first. Once: what was read ahead is not looked at again when the unit has to run again.
    fn take_about(&mut self) -> About;
    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Ran>;
    /// Replaces what the last run has made.
    fn fail(&mut self, error: StoreError);
    /// Whether the last run found that somebody else was faster.
    fn was_too_slow(&self) -> bool;
    /// Why the database was not there for the last run.
    fn unavailable(&self) -> Option<&str>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// What became of a unit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    Keep,
    Undo,
    Stop(&'static str),
}

pub(crate) struct Pending<T, F> {
    work: F,
    about: About,
    /// Whether what it does is undone, however it ends.
    is_rehearsal: bool,
    result: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Pending<T, F> {
    pub(crate) fn new(work: F, about: About, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { work, about, is_rehearsal: false, result: None, reply }
    }

    /// The same for a unit of which nothing is to be kept.
    pub(crate) fn rehearsal(work: F, reply: oneshot::Sender<Result<T, StoreError>>) -> Self {
        Self { is_rehearsal: true, ..Self::new(work, About::Nothing, reply) }
    }
}

impl<T, F> Job for Pending<T, F>
where
    T: Send + 'static,
    F: for<'u> Fn(&'u mut Unit) -> BoxFuture<'u, Result<T, StoreError>> + Send + 'static,
{
    fn take_about(&mut self) -> About {
        std::mem::replace(&mut self.about, About::Nothing)
    }

    fn run<'a>(&'a mut self, unit: &'a mut Unit) -> BoxFuture<'a, Ran> {
        Box::pin(async move {
            // A panic of one caller's code must not end the writer for everybody.
            let work = &self.work;
            let called = catch_unwind(AssertUnwindSafe(move || {
                let unit = unit;
                work(unit)
            }));
            let result = match called {
                Ok(work) => AssertUnwindSafe(work).catch_unwind().await,
                Err(panicked) => Err(panicked),
            };
            let panicked = |_| Err(StoreError::Corrupt("the code of a unit of work panicked".to_owned()));
            let result = result.unwrap_or_else(panicked);
            let ran = match &result {
                Ok(_) if self.is_rehearsal => Ran::Undo,
                Ok(_) => Ran::Keep,
                Err(StoreError::Crashed(point)) => Ran::Stop(point),
                Err(_) => Ran::Undo,
            };
            self.result = Some(result);
            ran
        })
    }

    fn fail(&mut self, error: StoreError) {
        self.result = Some(Err(error));
    }

    fn was_too_slow(&self) -> bool {
        matches!(self.result, Some(Err(StoreError::Conflict)))
    }

    fn unavailable(&self) -> Option<&str> {
        match &self.result {
            Some(Err(StoreError::Unavailable(why))) => Some(why),
            _ => None,
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let answer = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            // A unit that failed by itself says why, whatever became of the others.
            (Err(_), Some(Err(own))) => Err(own),
            (Err(error), _) => Err(error),
            (Ok(()), None) => Err(StoreError::Unavailable("the unit was not run".to_owned())),
        };
        // A caller that went away does not need its answer.
        let _ = self.reply.send(answer);
    }
}
