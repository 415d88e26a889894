//! A folder for one test.

use super::database::unique;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};

/// A new folder, removed with its content when it is dropped.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Makes one among the temporary files.
    pub(crate) fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("countersign-test-{}", unique()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(path))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays behind among the temporary files harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
