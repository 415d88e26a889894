//! A database that is full before anything is measured: instances that wait for their approval.

use super::engine::NAME;
use super::house::{COMPANY, Place, furnish};
use anyhow::Result;
use futures::FutureExt;
use modules::Registry;
use serde_json::json;
use std::sync::Arc;
use store::{NewInstance, Options, Store, StoreError, Unit};
use workflow::Actor;

/// How many share a commit.
const BATCH: usize = 500;
/// After how many it is told how far it is.
const TOLD_EVERY: usize = 100_000;

/// Starts so many instances, whose requests nobody sends.
pub(super) async fn prefill(place: &Place, registry: &Registry, open: usize, say: &impl Fn(String)) -> Result<()> {
    if open == 0 {
        return Ok(());
    }
    let options = Options { inline: Arc::new(registry.clone()), ..Options::default() };
    let store = Store::open(&place.database, options).await?;
    furnish(&store).await?;
    store
        .write(|unit| async move { unit.save_definition(COMPANY, NAME, &super::engine::definition()).await }.boxed())
        .await?;
    for first in (0..open).step_by(BATCH) {
        store.write(move |unit| start(unit, first, BATCH.min(open - first)).boxed()).await?;
        store.write(|unit| async move { unit.retire_effects().await }.boxed()).await?;
        if (first + BATCH).is_multiple_of(TOLD_EVERY) {
            say(format!("{} instances are open", first + BATCH));
        }
    }
    store.close().await;
    Ok(())
}

async fn start(unit: &mut Unit, first: usize, count: usize) -> Result<(), StoreError> {
    for n in first..first + count {
        let (company, definition, input) = (COMPANY.to_owned(), NAME.to_owned(), json!({ "n": n }));
        unit.start(Actor::System, NewInstance { company, definition, input, requester: None, subject: None }).await?;
    }
    Ok(())
}
