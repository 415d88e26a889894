//! Whether the file of a SQLite database is still the one that was opened.
//!
//! The system keeps a removed file alive for whoever has it open: reading and writing go on, into something that is gone
//! with the process. Nothing else would notice before the next start.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use store::StoreError;

/// A file as it was when it was opened.
#[derive(Debug)]
pub struct DatabaseFile {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl DatabaseFile {
    /// The file that a database URL names; `None` for a database that is no file. To be asked right after opening.
    ///
    /// # Errors
    /// The file cannot be looked at.
    pub fn of(database: &str) -> std::io::Result<Option<Self>> {
        let Some(path) = database.strip_prefix("sqlite://") else { return Ok(None) };
        // A relative path means the folder that the process was started in, even if that changes.
        let path = Path::new(path).canonicalize()?;
        let found = path.metadata()?;
        Ok(Some(Self { path, device: found.dev(), inode: found.ino() }))
    }

    /// `Unavailable` if there is none or another file in its place.
    pub(crate) async fn still_there(&self) -> Result<(), StoreError> {
        let path = self.path.display();
        match tokio::fs::metadata(&self.path).await {
            Ok(found) if self.is(&found) => Ok(()),
            Ok(_) => Err(StoreError::Unavailable(format!(
                "{path} was replaced while it was open; what is written now goes into the old one, which is gone when the \
                 process ends; stop the process, put the right file there and start it again"
            ))),
            Err(error) => Err(StoreError::Unavailable(format!(
                "{path} cannot be found ({error}), but is still open; put it back, or stop the process and restore a backup"
            ))),
        }
    }

    fn is(&self, found: &Metadata) -> bool {
        (found.dev(), found.ino()) == (self.device, self.inode)
    }
}
