//! SQLite's log is moved into the database from beside the writer, and begun anew before it grows long.
//!
//! In the commit path a checkpoint would cost the slowest answers tens of milliseconds, so it runs on a connection of its
//! own. But SQLite begins the log anew only with a transaction that finds all of it moved, and under writing that never
//! pauses there is always a commit that was not. So once the log is long the writer waits between two batches for a
//! checkpoint, of which the one from beside has left it little to do.

use crate::backend::{Backend, Checkpoint};
use crate::handle::Shared;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often the log is moved into the database.
pub(crate) const CHECKPOINT_EVERY: Duration = Duration::from_millis(500);
/// The log is long from so many pages on, which are 64 MiB. All of it is read again after a crash.
pub(crate) const LONG_LOG_PAGES: u64 = 16_384;

/// Whether the writer is to let the log begin anew.
#[derive(Debug, Default)]
pub(crate) struct Log {
    is_long: AtomicBool,
}

impl Log {
    /// Between two batches: nothing is written meanwhile, so that the next one finds all of the log moved.
    pub(crate) async fn begin_anew(&self, backend: &dyn Backend) {
        if self.is_long.swap(false, Ordering::Relaxed) {
            checkpoint(backend).await;
        }
    }
}

/// Moves the log for as long as the store is there.
pub(crate) async fn keep_checkpointing(shared: Weak<Shared>, backend: Arc<dyn Backend>) {
    loop {
        tokio::time::sleep(CHECKPOINT_EVERY).await;
        if shared.strong_count() == 0 {
            return;
        }
        let is_long = leaves_long(backend.as_ref()).await;
        if let Some(shared) = shared.upgrade() {
            shared.log.is_long.store(is_long, Ordering::Relaxed);
        }
    }
}

/// Whether the log is long although it was moved. A long one is moved twice: what was written during the first time is
/// little, and the less is left, the shorter the writer waits.
async fn leaves_long(backend: &dyn Backend) -> bool {
    is_long(checkpoint(backend).await) && is_long(checkpoint(backend).await)
}

/// While somebody reads what is older, a backup perhaps, the log cannot begin anew, and nobody is to wait for it.
fn is_long(log: Checkpoint) -> bool {
    log.pages >= LONG_LOG_PAGES && log.pages - log.moved.min(log.pages) < LONG_LOG_PAGES / 2
}

/// If the database fails the writer hears of it, and
/// what was not moved now is moved later.
async fn checkpoint(backend: &dyn Backend) -> Checkpoint {
    backend.checkpoint().await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the checkpoint did not run");
        Checkpoint::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Connection, Statement, args};
    use crate::sqlite::SqliteBackend;

    const MIB: usize = 1_048_576;

    /// A commit with a checkpoint in its middle, as under writing that never pauses: never is all of the log moved.
    async fn write(writer: &mut dyn Connection, backend: &dyn Backend, bytes: usize) {
        writer.begin().await.unwrap();
        let sql = "INSERT INTO setting (company, name, value) VALUES ('', $1, $2)".into();
        let name = writer.query(Statement::of("SELECT count(*) FROM setting")).await.unwrap().remove(0).int().unwrap();
        let args = args![name.to_string(), "x".repeat(bytes)];
        writer.run(vec![Statement { sql, args }]).await.unwrap();
        backend.checkpoint().await.unwrap();
        writer.run(vec![Statement::of("COMMIT")]).await.unwrap();
    }

    #[tokio::test]
    async fn a_log_that_has_become_long_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let backend = SqliteBackend::open(&folder.path().join("test.db")).await.unwrap();
        backend.migrate().await.unwrap();
        let mut writer = backend.writer().await.unwrap();
        write(writer.as_mut(), &backend, MIB).await;
        assert!(!leaves_long(&backend).await);
        for _ in 0..66 {
            write(writer.as_mut(), &backend, MIB).await;
        }
        let log = Log { is_long: AtomicBool::new(leaves_long(&backend).await) };
        assert!(log.is_long.load(Ordering::Relaxed));
        // As if a commit had come between, which is not moved.
        write(writer.as_mut(), &backend, 1).await;
        log.begin_anew(&backend).await;
        write(writer.as_mut(), &backend, 1).await;
        let log = backend.checkpoint().await.unwrap();
        assert!(log.pages < 100, "{log:?}");
    }
}
