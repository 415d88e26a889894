//! A package as registries keep it: an image manifest with one layer, the package file as it is, by the
//! [OCI Image Specification](https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage).

use super::reference::is_digest;
use anyhow::{Context, Result, bail, ensure};
use modules::{MAX_ARCHIVE_BYTES, Package};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The media type of an image manifest.
pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// What kind of artifact a package is.
const ARTIFACT: &str = "application/vnd.countersign.module.v1";
/// Its configuration: module.yaml as JSON.
const CONFIG: &str = "application/vnd.countersign.module.config.v1+json";
/// Its one layer: the package file.
const LAYER: &str = "application/vnd.countersign.module.v1.tar+zstd";

/// The longest manifest that is read, in bytes; ours have about 2,000.
pub(super) const MAX_MANIFEST_BYTES: usize = 1_048_576;

/// A package, ready to be sent.
pub(super) struct Artifact {
    pub(super) manifest: Vec<u8>,
    pub(super) config: Vec<u8>,
    /// Its version, of which the tag is made if none is given.
    pub(super) version: String,
}

/// What a manifest names.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    #[serde(default)]
    media_type: String,
    pub(super) digest: String,
    pub(super) size: u64,
}

/// The manifest, as far as it matters here.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Image {
    schema_version: u64,
    media_type: Option<String>,
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
}

/// `sha256:` and the hash in hex.
pub(super) fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

impl Artifact {
    /// Makes it of a package file. The same file always gives the same bytes: there is no time in them.
    pub(super) fn of(archive: &[u8], package: &Package) -> Result<Self> {
        let (module, document) = package.manifest_and_document()?;
        let config = document.to_string().into_bytes();
        let version = module.version.to_string();
        let named = |name: &str| format!("org.opencontainers.image.{name}");
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "artifactType": ARTIFACT,
            "config": described(CONFIG, &config),
            "layers": [{
                "mediaType": LAYER, "digest": digest(archive), "size": archive.len(),
                // Under this name other programs save it, such as oras.
                "annotations": { named("title"): module.file_name() },
            }],
            "annotations": {
                named("title"): module.title,
                named("version"): version,
                named("licenses"): module.licence,
                named("description"): module.description,
            },
        });
        Ok(Self { manifest: manifest.to_string().into_bytes(), config, version })
    }
}

fn described(media_type: &str, bytes: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(bytes), "size": bytes.len() })
}

/// The package file that a manifest names.
///
/// # Errors
/// If it is something else than a package, or one that is too large to be looked at.
pub(super) fn layer(manifest: &[u8]) -> Result<Descriptor> {
    let image: Image = serde_json::from_slice(manifest).context("its manifest cannot be read")?;
    let media_type = image.media_type.as_deref().unwrap_or(MANIFEST);
    ensure!(
        media_type == MANIFEST && image.schema_version == 2,
        "it is of the kind {media_type}, and no package of a module; is it the right repository?"
    );
    // Registries from before version 1.1 of the specification know the kind by its configuration only.
    let config = image.config.map(|config| config.media_type);
    let kind = image.artifact_type.or(config).unwrap_or_default();
    ensure!(
        matches!(kind.as_str(), ARTIFACT | CONFIG),
        "it is of the kind \"{kind}\", and no package of a module; is it the right repository?"
    );
    let Ok([layer]) = <[Descriptor; 1]>::try_from(image.layers) else { bail!("a package has one layer") };
    ensure!(layer.media_type == LAYER, "its layer is of the kind \"{}\", and a package is {LAYER}", layer.media_type);
    ensure!(is_digest(&layer.digest), "its layer is known by \"{}\", and only sha256 is known here", layer.digest);
    ensure!(
        layer.size <= MAX_ARCHIVE_BYTES as u64,
        "it has {} bytes, and a package may have {MAX_ARCHIVE_BYTES}",
        layer.size
    );
    Ok(layer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "name: travel\nversion: 1.0.0\ntitle: Travel\ndescription: Trips\nlicence: MIT\n";

    #[test]
    fn a_package_is_found_again_in_what_is_made_of_it() {
        let package = Package::of([("module.yaml", YAML)]);
        let archive = package.to_archive().unwrap();
        let artifact = Artifact::of(&archive, &package).unwrap();
        assert_eq!(artifact.manifest, Artifact::of(&archive, &package).unwrap().manifest);
        let found = layer(&artifact.manifest).unwrap();
        assert_eq!((found.digest, found.size), (digest(&archive), archive.len() as u64));
        let manifest: Value = serde_json::from_slice(&artifact.manifest).unwrap();
        assert_eq!(manifest["annotations"]["org.opencontainers.image.version"], "1.0.0");
        assert_eq!(manifest["layers"][0]["annotations"]["org.opencontainers.image.title"], "travel-1.0.0.csmod");
        assert_eq!(manifest["config"]["digest"], digest(&artifact.config));
    }

    #[test]
    fn what_is_no_package_is_refused() {
        let sha = digest(b"x");
        let good = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": ARTIFACT,
            "layers": [{ "mediaType": LAYER, "digest": sha, "size": 3 }] });
        assert!(layer(good.to_string().as_bytes()).is_ok());
        for (pointer, value, word) in [
            ("/mediaType", json!("application/vnd.oci.image.index.v1+json"), "right repository"),
            ("/artifactType", json!("application/vnd.cncf.helm.config.v1+json"), "right repository"),
            ("/schemaVersion", json!(1), "right repository"),
            ("/layers", json!([]), "one layer"),
            ("/layers/0/mediaType", json!("application/gzip"), "its layer is of the kind"),
            ("/layers/0/digest", json!("md5:00"), "only sha256"),
            ("/layers/0/size", json!(MAX_ARCHIVE_BYTES + 1), "may have 16777216"),
        ] {
            let mut bad = good.clone();
            *bad.pointer_mut(pointer).unwrap() = value;
            let refused = layer(bad.to_string().as_bytes()).unwrap_err().to_string();
            assert!(refused.contains(word), "{pointer}: {refused}");
        }
        assert!(layer(b"<html>").is_err());
    }
}
