//! The files of a module.

use crate::manifest::Manifest;
use serde_json::Value;
use std::collections::BTreeMap;
use thiserror::Error;

/// Why a package cannot be used.
#[derive(Debug, Error)]
pub enum PackageError {
    /// A file that something names is not there.
    #[error("the package has no file {path}")]
    NoFile {
        /// Its path in the package.
        path: String,
    },
    /// `module.yaml` cannot be read.
    #[error("module.yaml: {0}")]
    Manifest(String),
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
}

/// The files of a module, by path.
#[derive(Debug, Clone, Default)]
pub struct Package {
    files: BTreeMap<String, String>,
}

impl Package {
    /// A package of text files: path and content.
    pub fn of(files: impl IntoIterator<Item = (&'static str, &'static str)>) -> Self {
        Self { files: files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect() }
    }

    /// A text file.
    pub fn text(&self, path: &str) -> Result<&str, PackageError> {
        self.files.get(path).map(String::as_str).ok_or_else(|| PackageError::NoFile { path: path.to_owned() })
    }

    /// A JSON file.
    pub fn json(&self, path: &str) -> Result<Value, PackageError> {
        let wrong = |error: serde_json::Error| PackageError::Json { path: path.to_owned(), error: error.to_string() };
        serde_json::from_str(self.text(path)?).map_err(wrong)
    }

    /// The manifest.
    pub fn manifest(&self) -> Result<Manifest, PackageError> {
        serde_saphyr::from_str(self.text("module.yaml")?).map_err(|error| PackageError::Manifest(error.to_string()))
    }
}
