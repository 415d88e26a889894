//! What is sent to install or update: a package file as it is, as a field of a form, or the name of a known one.

use crate::problem::ProblemDetails;
use crate::rest::body::Body;
use crate::rest::post::Post;
use axum::http::StatusCode;
use modules::{Finding, Manifest, Offered, Package, PackageError, Registry, module_of};
use serde_json::json;
use sha2::{Digest, Sha256};
use store::{NewPackage, PackageSigner};

/// A module, and its package if one was sent.
pub(super) struct Sent {
    pub(super) module: String,
    pub(super) version: Option<String>,
    pub(super) package: Option<SentPackage>,
}

/// A package file that was read and checked.
pub(super) struct SentPackage {
    pub(super) manifest: Manifest,
    pub(super) sha256: String,
    pub(super) stored: NewPackage,
    /// Who has signed it, of those who are trusted.
    pub(super) signer: Option<PackageSigner>,
}

impl Sent {
    /// The newest that is known of a module.
    pub(super) fn known(module: &str) -> Self {
        Self { module: module.to_owned(), version: None, package: None }
    }

    pub(super) async fn read(post: &Post, registry: &Registry) -> Result<Self, ProblemDetails> {
        match post.media_type().as_str() {
            "application/json" => Self::named(post),
            "multipart/form-data" => Self::packed(post.file().await?, registry.clone()).await,
            "application/octet-stream" | "application/zstd" | "application/vnd.countersign.module" => {
                Self::packed(post.bytes().to_vec(), registry.clone()).await
            }
            _ => {
                let detail = "send the package file as \"application/octet-stream\" or as a field of a form, or \
                              {\"module\", \"version\"} as \"application/json\"";
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                Err(ProblemDetails::new(status, "content-type", "Another kind of content is needed", detail))
            }
        }
    }

    fn named(post: &Post) -> Result<Self, ProblemDetails> {
        let mut body = Body::of(post.json()?)?;
        let (module, version) = (body.required("module"), body.text("version"));
        body.finish()?;
        Ok(Self { module, version, package: None })
    }

    /// Reading a package and compiling its schemas takes long enough to keep others of the same thread waiting.
    async fn packed(bytes: Vec<u8>, registry: Registry) -> Result<Self, ProblemDetails> {
        let read = tokio::task::spawn_blocking(move || SentPackage::read(bytes, &registry)).await;
        let stopped = |error: tokio::task::JoinError| {
            tracing::error!(%error, "a package was not read");
            ProblemDetails::internal()
        };
        let package = read.map_err(stopped)?.map_err(|error| invalid(&error))?;
        let Manifest { name, version, .. } = &package.manifest;
        let (module, version) = (name.clone(), Some(version.to_string()));
        Ok(Self { module, version, package: Some(package) })
    }
}

impl SentPackage {
    /// What is to be stored, and what a plan is made of.
    pub(super) fn parts(self) -> ((NewPackage, Option<PackageSigner>), Offered) {
        let Self { manifest, sha256, stored, signer } = self;
        let bytes = stored.bytes.clone();
        ((stored, signer.clone()), Offered { manifest, sha256, bytes, signer })
    }

    fn read(bytes: Vec<u8>, registry: &Registry) -> Result<Self, PackageError> {
        let package = Package::from_archive(&bytes)?;
        let (manifest, document) = package.manifest_and_document()?;
        let signer = registry.trust().check(&package, &manifest.name)?;
        // What its code lacks is told before anything is kept.
        module_of(package)?;
        let sha256 = hex::encode(Sha256::digest(&bytes));
        let stored = NewPackage {
            module: manifest.name.clone(),
            version: manifest.version.to_string(),
            manifest: document.to_string(),
            bytes,
        };
        Ok(Self { manifest, sha256, stored, signer })
    }
}

/// 422 with every problem of the package, each with its place.
fn invalid(error: &PackageError) -> ProblemDetails {
    let errors = match error {
        PackageError::Findings(findings) => findings.iter().take(100).map(told).collect(),
        _ => Vec::new(),
    };
    let detail = match (error, errors.len()) {
        (PackageError::Findings(findings), _) => match findings.as_slice() {
            [only] => only.to_string(),
            [first, rest @ ..] => format!("{first} (and {} more)", rest.len()),
            [] => "the package cannot be used".to_owned(),
        },
        (other, _) => other.to_string(),
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    if let PackageError::Untrusted(_) = error {
        return ProblemDetails::new(status, "untrusted-package", "The package is not trusted", detail);
    }
    ProblemDetails { errors, ..ProblemDetails::new(status, "package", "The package cannot be used", detail) }
}

fn told(finding: &Finding) -> serde_json::Value {
    let Finding { file, line, column, pointer, message, remedy } = finding;
    json!({ "pointer": pointer, "code": "package", "message": format!("{message}; {remedy}"),
            "file": file, "line": line, "column": column })
}
