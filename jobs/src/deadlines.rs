//! Telling instances that their time has come.

use crate::hands::Hands;
use futures::FutureExt;
use futures::future::join_all;
use std::collections::HashSet;
use store::{About, StoreError};
use workflow::{Actor, EventKind, Rejected};

/// How many instances share a commit.
const BATCH: u32 = 128;
/// How often one [`Hands::fire_due`] looks for more: instances that are due for ever would never let it end.
const MOST_ROUNDS: usize = 1_000;

impl Hands {
    /// Tells every instance whose deadline has come, the most overdue first, until none is due that no other node has in
    /// hand; how many moved.
    pub async fn fire_due(&self) -> Result<usize, StoreError> {
        let mut moved = 0;
        for _ in 0..MOST_ROUNDS {
            match self.store.write(|unit| async move { unit.fire_due(BATCH).await }.boxed()).await {
                Ok(0) => return Ok(moved),
                Ok(more) => moved += more,
                Err(error @ (StoreError::Unavailable(_) | StoreError::Crashed(_))) => return Err(error),
                // One of them cannot be told, which does not keep the others waiting.
                Err(_) => return Ok(moved + self.fire_each().await?),
            }
        }
        tracing::warn!(moved, "instances stay due; a workflow may be turning in circles");
        Ok(moved)
    }

    /// The same, each in a unit of its own.
    async fn fire_each(&self) -> Result<usize, StoreError> {
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
        let work = self.store.write_about(About::instance(company, id), move |unit| {
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
}
