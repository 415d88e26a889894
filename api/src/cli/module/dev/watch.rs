//! Whether a folder has changed since it was looked at.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// More than a package may have: a folder that is none is not walked to its end.
const MOST_FILES: usize = 5_000;

/// What the files of a folder looked like.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Folder {
    files: BTreeMap<PathBuf, (u64, Option<SystemTime>)>,
}

impl Folder {
    /// Looks at all files but hidden ones and packages. What cannot be looked at is taken as not there.
    pub(super) fn look(folder: &Path) -> Self {
        let mut looked = Self::default();
        looked.walk(folder);
        looked
    }

    fn walk(&mut self, folder: &Path) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if hidden || path.extension().is_some_and(|ending| ending == "csmod") || self.files.len() >= MOST_FILES {
                continue;
            }
            match entry.metadata() {
                // What building code makes is no change by its author.
                Ok(meta) if meta.is_dir() && path.ends_with("target") && folder.join("Cargo.toml").is_file() => {}
                Ok(meta) if meta.is_dir() => self.walk(&path),
                Ok(meta) => self.add(path, &meta),
                Err(_) => {}
            }
        }
    }

    fn add(&mut self, path: PathBuf, meta: &Metadata) {
        self.files.insert(path, (meta.len(), meta.modified().ok()));
    }
}
