//! Finished instances move out of the database into files of an object store, and stay readable there.
//!
//! The order makes a crash harmless: the file is written first, under a name that is its hash; then one commit puts the
//! rows of the index where the instances were. A crash in between leaves a file that nobody names, and the next run
//! writes the same one again.

mod pack;
mod read;
mod run;
mod verify;

pub use run::ArchiveRun;

use crate::error::StoreError;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{ObjectStore, ObjectStoreExt};
use std::fmt;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Where finished instances are kept.
#[derive(Clone)]
pub struct Archive(Arc<dyn ObjectStore>);

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Archive({})", self.0)
    }
}

impl Archive {
    /// An archive in a folder, which is made if it is not there.
    pub fn folder(path: &Path) -> Result<Self, StoreError> {
        let cannot = |error: String| StoreError::Unavailable(format!("the archive {}: {error}", path.display()));
        std::fs::create_dir_all(path).map_err(|error| cannot(error.to_string()))?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(|error| cannot(error.to_string()))?;
        // A file that is named by a row must be there after a power cut, too.
        Ok(Self(Arc::new(store.with_fsync(true))))
    }

    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.0.put(&ObjectPath::from(name), bytes.into()).await.map_err(unavailable).map(|_| ())
    }

    async fn get(&self, name: &str, range: Range<u64>) -> Result<Vec<u8>, StoreError> {
        let bytes = self.0.get_range(&ObjectPath::from(name), range).await.map_err(unavailable)?;
        Ok(bytes.to_vec())
    }
}

fn unavailable(error: object_store::Error) -> StoreError {
    StoreError::Unavailable(format!("the archive: {error}"))
}
