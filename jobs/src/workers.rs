//! The workers: apalis over our own table of effects. The only file that names apalis.
//!
//! The table is the durable record; apalis claims from it through [`Claims`] and acknowledges through [`Verdicts`], and
//! gives the rest: one worker with its concurrency, its middleware and an orderly shutdown.

use crate::hands::Hands;
use crate::running::LOOK_AGAIN;
use apalis::prelude::WorkerBuilderExt;
use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{Backend, BackendConfig};
use apalis_core::error::{BoxDynError, WorkerError};
use apalis_core::task::builder::TaskBuilder;
use apalis_core::task::data::Data;
use apalis_core::task::task_id::TaskId;
use apalis_core::task::{ExecutionContext, Task};
use apalis_core::worker::builder::WorkerBuilder;
use apalis_core::worker::context::WorkerContext;
use apalis_core::worker::ext::ack::{Acknowledge, AcknowledgeLayer};
use apalis_core::worker::ext::parallelize::ParallelizeExt;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use store::{Claimed, StoreError, Verdict};
use tokio_util::sync::CancellationToken;

/// Performs effects, so many at a time, until it is told to stop and those under way have ended.
///
/// Not an `async fn`: the compiler cannot see that the worker's type is `Send` once it is held across an await.
pub(crate) fn run(hands: Arc<Hands>, workers: usize, stop: CancellationToken) -> BoxFuture<'static, ()> {
    let claims = Claims::new(hands.clone(), workers, stop.clone());
    let worker = WorkerBuilder::new("effects")
        .backend(claims)
        .data(hands)
        .concurrency(workers)
        .parallelize(tokio::spawn)
        // Inside of `parallelize`, so that the span goes with the effect to its thread.
        .enable_tracing()
        .build(perform);
    let signal = async move {
        stop.cancelled().await;
        Ok::<(), WorkerError>(())
    };
    let ended = |ended: Result<(), WorkerError>| match ended {
        Ok(()) => tracing::info!("the workers have stopped"),
        Err(error) => tracing::error!(%error, "the workers have ended"),
    };
    worker.run_until(signal).map(ended).boxed()
}

/// No verdict if the lease was lost meanwhile.
async fn perform(claimed: Claimed, hands: Data<Arc<Hands>>) -> Result<Option<Verdict>, BoxDynError> {
    Ok(hands.perform_held(&claimed).await?)
}

/// Where tasks come from: claims of effects that are due, as many as there are idle workers.
struct Claims {
    hands: Arc<Hands>,
    workers: usize,
    /// How many effects are in the workers' hands.
    busy: Arc<AtomicUsize>,
    stop: CancellationToken,
    /// Claimed, and not yet begun.
    ready: VecDeque<Claimed>,
    /// The claim under way, which may be waiting for something to claim.
    claiming: Option<BoxFuture<'static, Vec<Claimed>>>,
    /// Claims on their way back into the table.
    returning: Option<BoxFuture<'static, ()>>,
}

impl Claims {
    fn new(hands: Arc<Hands>, workers: usize, stop: CancellationToken) -> Self {
        let busy = Arc::new(AtomicUsize::new(0));
        Self { hands, workers, busy, stop, ready: VecDeque::new(), claiming: None, returning: None }
    }

    fn claiming(&mut self) -> &mut BoxFuture<'static, Vec<Claimed>> {
        let (hands, workers) = (self.hands.clone(), self.workers);
        let (busy, stop) = (self.busy.clone(), self.stop.clone());
        self.claiming.get_or_insert_with(|| claim(hands, workers, busy, stop).boxed())
    }

    fn task(&self, claimed: Claimed) -> Task<Claimed> {
        self.busy.fetch_add(1, Ordering::SeqCst);
        let attempt = usize::try_from(claimed.attempt).unwrap_or(usize::MAX);
        let id = TaskId::from_string(claimed.key.to_string());
        let mut task = TaskBuilder::new(claimed.clone()).task_id(id).attempt(attempt.saturating_sub(1)).build();
        // The acknowledgement is given the context of the task, not the task.
        task.inject_data(claimed);
        task
    }
}

/// Waits for effects and claims them. Nothing, once the service stops.
async fn claim(hands: Arc<Hands>, workers: usize, busy: Arc<AtomicUsize>, stop: CancellationToken) -> Vec<Claimed> {
    while !stop.is_cancelled() {
        let idle = workers.saturating_sub(busy.load(Ordering::SeqCst)).max(1);
        match hands.take_up(u32::try_from(idle).unwrap_or(u32::MAX)).await {
            Ok(claimed) if !claimed.is_empty() => return claimed,
            Ok(_) => {
                stop.run_until_cancelled(hands.wait_for_effects()).await;
            }
            Err(StoreError::Crashed(_)) => break,
            Err(error) => {
                tracing::warn!(%error, "effects cannot be claimed; trying again");
                stop.run_until_cancelled(tokio::time::sleep(LOOK_AGAIN)).await;
            }
        }
    }
    Vec::new()
}

impl Backend for Claims {
    type Task = Task<Claimed>;
    // A worker ends with the first error of its backend, so trouble with the database is waited out in `claim`.
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Option<Result<Self::Task, Infallible>>> {
        if self.ready.is_empty() {
            let claimed = ready!(self.claiming().poll_unpin(cx));
            self.claiming = None;
            self.ready.extend(claimed);
        }
        Poll::Ready(self.ready.pop_front().map(|claimed| Ok(self.task(claimed))))
    }

    /// Gives back what was claimed and not begun.
    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        self.stop.cancel();
        if let Some(claiming) = &mut self.claiming {
            let claimed = ready!(claiming.poll_unpin(cx));
            self.claiming = None;
            self.ready.extend(claimed);
        }
        let (hands, unbegun) = (self.hands.clone(), std::mem::take(&mut self.ready));
        let returning = self.returning.get_or_insert_with(|| give_back(hands, unbegun).boxed());
        returning.poll_unpin(cx).map(Ok)
    }
}

async fn give_back(hands: Arc<Hands>, unbegun: VecDeque<Claimed>) {
    let returned = join_all(unbegun.iter().map(|claimed| hands.give_back(claimed))).await;
    unbegun.iter().for_each(|claimed| hands.held.let_go(claimed));
    for error in returned.into_iter().filter_map(Result::err) {
        tracing::warn!(%error, "a claim could not be given back; it ends with its lease");
    }
}

impl BackendConfig for Claims {
    type Args = Claimed;
    type Id = String;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = AcknowledgeLayer<Verdicts>;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        AcknowledgeLayer::new(Verdicts { hands: self.hands.clone(), busy: self.busy.clone() })
    }
}

/// Stores the verdict of every effect that ended. Those of a moment share a commit.
#[derive(Clone)]
struct Verdicts {
    hands: Arc<Hands>,
    busy: Arc<AtomicUsize>,
}

impl Acknowledge<Option<Verdict>> for Verdicts {
    type Error = StoreError;
    type Future = BoxFuture<'static, Result<(), StoreError>>;

    fn ack(&mut self, result: &Result<Option<Verdict>, BoxDynError>, context: &ExecutionContext) -> Self::Future {
        let verdict = result.as_ref().ok().cloned().flatten();
        let (claimed, Self { hands, busy }) = (context.data().get::<Claimed>().cloned(), self.clone());
        async move {
            let stored = match (&claimed, verdict) {
                (Some(claimed), Some(verdict)) => hands.end(claimed, verdict).await,
                // Stopped before it began, lost, or ended by the runtime: the lease brings it back.
                _ => Ok(()),
            };
            claimed.iter().for_each(|claimed| hands.held.let_go(claimed));
            busy.fetch_sub(1, Ordering::SeqCst);
            if let Err(error) = &stored {
                tracing::warn!(%error, "a verdict could not be stored; the effect is performed again");
            }
            stored
        }
        .boxed()
    }
}
