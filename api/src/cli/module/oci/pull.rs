//! Fetching a package: the manifest, then the file that it names, each looked at before it is believed.

use super::artifact::{Descriptor, MANIFEST, MAX_MANIFEST_BYTES, digest, layer};
use super::reference::{Reference, Which};
use super::registry::{Registry, Sending, refusal, short};
use crate::cli::output;
use anyhow::{Context, Result, bail, ensure};
use hyper::header::{ACCEPT, CONTENT_LENGTH};
use hyper::{Method, StatusCode};
use indicatif::ProgressBar;
use modules::Package;
use semver::Version;
use serde_json::Value;

/// So many tags are looked at for the newest version.
const MOST_TAGS: usize = 1_000;

/// A package that came from a registry.
pub(super) struct Pulled {
    pub(super) archive: Vec<u8>,
    pub(super) package: Package,
    /// The digest of the manifest that named it.
    pub(super) digest: String,
}

/// Fetches it.
pub(super) async fn pull(registry: &mut Registry, reference: &Reference) -> Result<Pulled> {
    let name = match reference.name() {
        Some(name) => name.to_owned(),
        None => newest(registry, reference).await?,
    };
    let manifest = manifest(registry, reference, &name).await?;
    let layer = layer(&manifest).with_context(|| reference.to_string())?;
    let archive = archive(registry, &layer).await.with_context(|| reference.to_string())?;
    let package = Package::from_archive(&archive).with_context(|| reference.to_string())?;
    Ok(Pulled { archive, package, digest: digest(&manifest) })
}

async fn manifest(registry: &mut Registry, reference: &Reference, name: &str) -> Result<Vec<u8>> {
    let sending = Sending { headers: vec![(ACCEPT, MANIFEST)], ..Sending::default() };
    let url = registry.at(&format!("manifests/{name}"))?;
    let answer = registry.ask(Method::GET, url, sending, &ProgressBar::hidden()).await?;
    match answer.status {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND => bail!("{reference}: the registry has no such package: {}", refusal(answer).await),
        _ => bail!("{reference}: the registry does not give it: {}", refusal(answer).await),
    }
    let bytes =
        answer.bytes(MAX_MANIFEST_BYTES, &ProgressBar::hidden()).await.with_context(|| reference.to_string())?;
    if let Which::Digest(wanted) = &reference.which {
        let found = digest(&bytes);
        ensure!(found == *wanted, "{reference}: what came is {found}; do not use this registry until it is known why");
    }
    Ok(bytes)
}

/// The package file. No more is read than the manifest says, and nothing else is taken for it.
async fn archive(registry: &mut Registry, layer: &Descriptor) -> Result<Vec<u8>> {
    let Descriptor { digest: wanted, size, .. } = layer;
    let bar = output::bytes(*size, "receiving");
    let url = registry.at(&format!("blobs/{wanted}"))?;
    let answer = registry.ask(Method::GET, url, Sending::default(), &bar).await?;
    if answer.status != StatusCode::OK {
        bail!("the registry does not give the file of the package: {}", refusal(answer).await);
    }
    let told: Option<u64> = answer.header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    ensure!(
        told.is_none_or(|told| told == *size),
        "the file of the package should have {size} bytes and has {}; push it again",
        told.unwrap_or_default()
    );
    let bytes = answer.bytes(usize::try_from(*size)?, &bar).await?;
    bar.finish_and_clear();
    ensure!(bytes.len() as u64 == *size, "only {} of {size} bytes came; pull it again", bytes.len());
    let found = digest(&bytes);
    ensure!(found == *wanted, "what came is {found} and not {wanted}: the registry has it wrong; push it again");
    Ok(bytes)
}

/// The tag of the highest version. Versions before a release count only if there is nothing else.
async fn newest(registry: &mut Registry, reference: &Reference) -> Result<String> {
    let url = registry.at(&format!("tags/list?n={MOST_TAGS}"))?;
    let answer = registry.ask(Method::GET, url, Sending::default(), &ProgressBar::hidden()).await?;
    if answer.status != StatusCode::OK {
        bail!("{reference}: the registry does not list what it has: {}", refusal(answer).await);
    }
    let list: Value = serde_json::from_slice(&short(answer).await?).context("the list of tags is no JSON")?;
    let tags = list.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    newest_of(tags).with_context(|| format!("{reference}: no tag there is a version; name one with :TAG"))
}

fn newest_of<'t>(tags: impl Iterator<Item = &'t str>) -> Option<String> {
    let versions = tags.filter_map(|tag| Some((Version::parse(&tag.replace('_', "+")).ok()?, tag)));
    let newest = versions.max_by(|(one, _), (two, _)| (one.pre.is_empty(), one).cmp(&(two.pre.is_empty(), two)));
    newest.map(|(_, tag)| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_the_highest_version_that_is_released() {
        let newest = |tags: &[&str]| newest_of(tags.iter().copied());
        assert_eq!(newest(&["latest", "1.9.0", "1.10.0", "2.0.0-rc.1"]).as_deref(), Some("1.10.0"));
        assert_eq!(newest(&["2.0.0-rc.1", "main"]).as_deref(), Some("2.0.0-rc.1"));
        assert_eq!(newest(&["1.0.0_build.1"]).as_deref(), Some("1.0.0_build.1"));
        assert_eq!(newest(&["latest"]), None);
    }
}
