//! Finished instances are moved into the archive from time to time.

use std::time::Duration;
use store::{Store, StoreError};

/// How often it is looked whether there is something to move.
const EVERY: Duration = Duration::from_secs(3_600);
/// A day in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Moves what has been over for so many days, every hour, until the store has stopped. On several nodes the first one
/// moves it; the others find it gone.
pub(crate) async fn keep_moving(store: Store, days: i64) {
    loop {
        match store.archive_ended(store.now_ms() - days * DAY_MS, |_| {}).await {
            Ok(run) if run.instances > 0 => {
                tracing::info!(instances = run.instances, files = run.files, bytes = run.bytes, "archived");
            }
            // Another node was faster: what is left is moved the next time.
            Ok(_) | Err(StoreError::Conflict) => {}
            Err(error) => tracing::warn!(%error, "nothing could be archived; trying again in an hour"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            () = store.wakes().wait_stopped() => return,
        }
    }
}
