//! The files of a module.

mod archive;
mod folder;
mod limits;
mod paths;

use crate::finding::Finding;
use crate::manifest::{self, Manifest};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

pub use limits::MAX_ARCHIVE_BYTES;
pub(crate) use limits::{MAX_LIST_BYTES, too_long};

/// The manifest's path in a package.
pub(crate) const MANIFEST: &str = "module.yaml";

/// Why a package cannot be used.
#[derive(Debug, Error)]
pub enum PackageError {
    /// A file that something names is not there.
    #[error("the package has no file {path}")]
    NoFile {
        /// Its path in the package.
        path: String,
    },
    /// A file that is to be read as text holds something else.
    #[error("{path} is no text in UTF-8; save it as such")]
    NoText {
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
    /// The bytes of a package file are none, or not whole, or too many.
    #[error("{0}")]
    Archive(String),
    /// Its signature is wrong, or it has none that counts and must have one.
    #[error("{0}")]
    Untrusted(String),
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

/// The files of a module, by path. Cheap to clone: the bytes are shared.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Package {
    files: BTreeMap<String, Arc<[u8]>>,
    /// The signature of the checksums of the files, as `minisign` writes it.
    signature: Option<String>,
}

impl Package {
    /// A package of text files: path and content.
    pub fn of(files: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        Self::of_texts(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())))
    }

    /// A package of files that may be no text.
    pub fn of_files(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Self {
        let files = files.into_iter().map(|(path, bytes)| (path, bytes.into())).collect();
        Self { files, signature: None }
    }

    pub(crate) fn of_texts(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (path, text.into_bytes().into())).collect();
        Self { files, signature: None }
    }

    /// Puts a file in place of the one that it had at this path.
    pub fn put(&mut self, path: impl Into<String>, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path.into(), bytes.into());
    }

    /// The same with another file, in place of the one that it had at this path.
    #[cfg(test)]
    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.put(path, text.as_bytes());
        self
    }

    /// The files of a folder and of those in it, but for hidden ones. Links are refused: what they lead to is not part of
    /// the package.
    pub fn read(folder: &Path) -> Result<Self, PackageError> {
        folder::read(folder)
    }

    /// The files of a package file, `name-version.csmod`, after everything was checked that can be checked without reading
    /// them: its size packed and unpacked, its paths, and its checksums. Takes no more memory than a package may have,
    /// whatever the bytes claim. Who signed it is for [`crate::signature`] to say.
    pub fn from_archive(bytes: &[u8]) -> Result<Self, PackageError> {
        archive::read(bytes)
    }

    /// The bytes of the package file. The same files and the same signature give the same bytes.
    pub fn to_archive(&self) -> Result<Vec<u8>, PackageError> {
        archive::write(self)
    }

    /// The checksums of all files, a line for each, as `sha256sum` writes them: what is signed.
    pub fn sums(&self) -> String {
        archive::sums(self)
    }

    /// The signature that came with it, as `minisign` writes it. Whether it is right, [`crate::signature`] says.
    pub fn signature(&self) -> Option<&str> {
        self.signature.as_deref()
    }

    /// The same with this signature, whether it is right or not.
    #[must_use]
    pub fn signed(self, signature: impl Into<String>) -> Self {
        Self { signature: Some(signature.into()), ..self }
    }

    /// What the package is known by: the SHA-256 of its checksums. It is the same signed or not, and however it was packed.
    pub fn digest(&self) -> String {
        archive::digest(self.sums().as_bytes())
    }

    /// The files in the order of their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_ref()))
    }

    /// What a file holds, if it is there.
    pub fn bytes(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(AsRef::as_ref)
    }

    /// A text file, if it is there and is one.
    pub fn get(&self, path: &str) -> Option<&str> {
        std::str::from_utf8(self.bytes(path)?).ok()
    }

    /// A text file.
    pub fn text(&self, path: &str) -> Result<&str, PackageError> {
        let bytes = self.bytes(path).ok_or_else(|| PackageError::NoFile { path: path.to_owned() })?;
        std::str::from_utf8(bytes).map_err(|_| PackageError::NoText { path: path.to_owned() })
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

    /// The manifest, and the document that it was read from.
    pub fn manifest_and_document(&self) -> Result<(Manifest, Value), PackageError> {
        let manifest = self.manifest()?;
        let (document, _) = crate::yaml::read(self.text(MANIFEST)?);
        Ok((manifest, document.value))
    }
}

/// The paths only: the files may be long, and are no text for a log.
impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.files.keys()).finish()
    }
}
