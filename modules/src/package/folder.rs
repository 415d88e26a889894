//! A package from a folder, as its author has it.

use super::archive::{SIGNATURE, SUMS};
use super::limits::{MAX_BYTES, MAX_FILE_BYTES, MAX_FILES};
use super::paths::{Paths, Refused};
use super::{Package, PackageError};
use std::path::Path;

pub(super) fn read(folder: &Path) -> Result<Package, PackageError> {
    let mut reading = Reading::default();
    reading.folder(folder, "")?;
    Ok(reading.package)
}

/// A folder that is being read.
#[derive(Default)]
struct Reading {
    package: Package,
    paths: Paths,
    bytes: u64,
}

impl Reading {
    fn folder(&mut self, folder: &Path, inside: &str) -> Result<(), PackageError> {
        let mut entries = std::fs::read_dir(folder)
            .and_then(|entries| entries.collect::<Result<Vec<_>, _>>())
            .map_err(|error| refused(folder, format!("it cannot be read: {error}")))?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let name =
                entry.file_name().into_string().map_err(|_| refused(&path, "its name is not UTF-8; rename it"))?;
            if name.starts_with('.') || (inside.is_empty() && is_packing(&name)) {
                continue;
            }
            let kind = entry.file_type().map_err(|error| refused(&path, format!("it cannot be looked at: {error}")))?;
            let inside = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            if kind.is_dir() && is_source(&path) {
                continue;
            }
            match (kind.is_dir(), kind.is_file()) {
                (true, _) => self.folder(&path, &inside)?,
                (_, true) => self.file(&path, inside)?,
                _ => return Err(refused(&path, "it is a link or a device; put a file in its place")),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, inside: String) -> Result<(), PackageError> {
        let unfit = |unfit: Refused| refused(path, format!("{}; {}", unfit.message, unfit.remedy));
        self.paths.add(&inside).map_err(unfit)?;
        let length = path.metadata().map_err(|error| refused(path, format!("it cannot be looked at: {error}")))?.len();
        self.bytes += length;
        if length > MAX_FILE_BYTES || self.bytes > MAX_BYTES {
            let most =
                format!("a file may have {MAX_FILE_BYTES} bytes, a package {MAX_BYTES}; leave out what is not needed");
            return Err(refused(path, most));
        }
        if self.package.files.len() >= MAX_FILES {
            return Err(refused(path, format!("a package may have {MAX_FILES} files; is this the module's folder?")));
        }
        let bytes = std::fs::read(path).map_err(|error| refused(path, format!("it cannot be read: {error}")))?;
        self.package.put(inside, bytes);
        Ok(())
    }
}

/// What packing makes in the folder, or unpacking by hand leaves there: it is made anew.
fn is_packing(name: &str) -> bool {
    name == SUMS || name == SIGNATURE || Path::new(name).extension().is_some_and(|ending| ending == "csmod")
}

/// What code is built from, and what building it makes, stays with its author.
fn is_source(folder: &Path) -> bool {
    folder.join("Cargo.toml").is_file()
}

fn refused(path: &Path, error: impl Into<String>) -> PackageError {
    PackageError::Folder { path: path.display().to_string(), error: error.into() }
}
