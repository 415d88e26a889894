//! The files of a module.

use crate::finding::Finding;
use crate::manifest::{self, Manifest};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use thiserror::Error;

/// The manifest's path in a package.
pub(crate) const MANIFEST: &str = "module.yaml";
/// The most files of a package.
const MAX_FILES: usize = 1_000;
/// The longest file, in bytes.
const MAX_FILE_BYTES: u64 = 4_194_304;
/// All files together, in bytes.
const MAX_BYTES: u64 = 33_554_432;

/// Why a package cannot be used.
#[derive(Debug, Error)]
pub enum PackageError {
    /// A file that something names is not there.
    #[error("the package has no file {path}")]
    NoFile {
        /// Its path in the package.
        path: String,
    },
    /// All that is wrong with its files.
    #[error("{}", Lines(.0))]
    Findings(Vec<Finding>),
    /// The code of a module cannot be used.
    #[error("{0}")]
    Code(String),
    /// A JSON file cannot be read.
    #[error("{path}: {error}")]
    Json {
        /// Its path in the package.
        path: String,
        /// What is wrong, with line and column.
        error: String,
    },
    /// A schema is not a JSON Schema.
    #[error("{path}: {error}")]
    Schema {
        /// Its path in the package.
        path: String,
        /// What is wrong.
        error: String,
    },
    /// The folder cannot be taken as a package.
    #[error("{path}: {error}")]
    Folder {
        /// The file or folder.
        path: String,
        /// What is wrong, and what to do.
        error: String,
    },
}

/// A line for each.
struct Lines<'f>(&'f [Finding]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// The files of a module, by path.
#[derive(Debug, Clone, Default)]
pub struct Package {
    files: BTreeMap<String, String>,
}

impl Package {
    /// A package of text files: path and content.
    pub fn of(files: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        Self::of_texts(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())))
    }

    pub(crate) fn of_texts(files: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { files: files.into_iter().collect() }
    }

    /// The same with another file, in place of the one that it had at this path.
    #[cfg(test)]
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }

    /// The files of a folder and of those in it, but for hidden ones and those that are no text. Links are refused: what
    /// they lead to is not part of the package.
    pub fn read(folder: &Path) -> Result<Self, PackageError> {
        let mut reading = Reading { package: Self::default(), bytes: 0 };
        reading.folder(folder, "")?;
        Ok(reading.package)
    }

    /// A text file, if it is there.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// A text file.
    pub fn text(&self, path: &str) -> Result<&str, PackageError> {
        self.get(path).ok_or_else(|| PackageError::NoFile { path: path.to_owned() })
    }

    /// A JSON file.
    pub fn json(&self, path: &str) -> Result<Value, PackageError> {
        let wrong = |error: serde_json::Error| PackageError::Json { path: path.to_owned(), error: error.to_string() };
        serde_json::from_str(self.text(path)?).map_err(wrong)
    }

    /// The manifest, after everything that it names was looked at.
    pub fn manifest(&self) -> Result<Manifest, PackageError> {
        manifest::check(self).map_err(PackageError::Findings)
    }
}

/// A folder that is being read.
struct Reading {
    package: Package,
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
            if name.starts_with('.') {
                continue;
            }
            let kind = entry.file_type().map_err(|error| refused(&path, format!("it cannot be looked at: {error}")))?;
            let inside = if inside.is_empty() { name } else { format!("{inside}/{name}") };
            match (kind.is_dir(), kind.is_file()) {
                (true, _) => self.folder(&path, &inside)?,
                (_, true) => self.file(&path, inside)?,
                _ => return Err(refused(&path, "it is a link or a device; put a file in its place")),
            }
        }
        Ok(())
    }

    fn file(&mut self, path: &Path, inside: String) -> Result<(), PackageError> {
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
        // What is no text is named by nothing yet.
        if let Ok(text) = String::from_utf8(bytes) {
            self.package.files.insert(inside, text);
        }
        Ok(())
    }
}

fn refused(path: &Path, error: impl Into<String>) -> PackageError {
    PackageError::Folder { path: path.display().to_string(), error: error.into() }
}
