//! Sending a package to a registry: its parts first, then the manifest that names them.

use super::artifact::{Artifact, MANIFEST, digest};
use super::reference::{Reference, Which, tag_of};
use super::registry::{Registry, Sending, refusal};
use anyhow::{Result, bail, ensure};
use hyper::header::{CONTENT_TYPE, HeaderName};
use hyper::{Method, StatusCode};
use indicatif::ProgressBar;

/// The hash of a manifest as the registry has it.
const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a registry has after a push.
pub(super) struct Pushed {
    /// Under which tag.
    pub(super) tag: String,
    /// The digest of its manifest.
    pub(super) digest: String,
}

/// Sends it. What the registry has already is not sent again; the tag is moved last.
pub(super) async fn push(
    registry: &mut Registry,
    reference: &Reference,
    archive: Vec<u8>,
    artifact: Artifact,
    bar: &ProgressBar,
) -> Result<Pushed> {
    let tag = match &reference.which {
        Which::Newest => tag_of(&artifact.version),
        Which::Tag(tag) => tag.clone(),
        Which::Digest(_) => bail!("{reference}: a package is sent under a tag; its digest follows from what it is"),
    };
    blob(registry, archive, bar).await?;
    blob(registry, artifact.config, &ProgressBar::hidden()).await?;
    let own = digest(&artifact.manifest);
    let sending = Sending { headers: vec![(CONTENT_TYPE, MANIFEST)], body: artifact.manifest.into() };
    let url = registry.at(&format!("manifests/{tag}"))?;
    let answer = registry.ask(Method::PUT, url, sending, &ProgressBar::hidden()).await?;
    let kept = answer.header(CONTENT_DIGEST).map(str::to_owned);
    if answer.status != StatusCode::CREATED {
        bail!("{reference} was not accepted: {}", refusal(answer).await);
    }
    ensure!(
        kept.as_ref().is_none_or(|kept| *kept == own),
        "{reference}: the registry has kept something else than what was sent: {} instead of {own}",
        kept.unwrap_or_default()
    );
    Ok(Pushed { tag, digest: own })
}

/// Sends a part, unless it is there.
async fn blob(registry: &mut Registry, bytes: Vec<u8>, bar: &ProgressBar) -> Result<()> {
    let (hidden, digest) = (ProgressBar::hidden(), digest(&bytes));
    let there = registry.at(&format!("blobs/{digest}"))?;
    if registry.ask(Method::HEAD, there, Sending::default(), &hidden).await?.status == StatusCode::OK {
        return Ok(());
    }
    let begin = registry.at("blobs/uploads/")?;
    let begun = registry.ask(Method::POST, begin.clone(), Sending::default(), &hidden).await?;
    if begun.status != StatusCode::ACCEPTED {
        bail!("the registry takes no package: {}", refusal(begun).await);
    }
    let mut to = registry.location(&begin, &begun)?;
    to.query_pairs_mut().append_pair("digest", &digest);
    let sending = Sending { headers: vec![(CONTENT_TYPE, "application/octet-stream")], body: bytes.into() };
    let sent = registry.ask(Method::PUT, to, sending, bar).await?;
    if sent.status != StatusCode::CREATED {
        bail!("the registry has not kept what was sent: {}", refusal(sent).await);
    }
    Ok(())
}
