//! What comes from a registry is not what it should be.

use super::Author;
use crate::support::registry::{CutLine, Door, Registry};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A registry with the package under the tag 0.1.0, and what its manifest says.
async fn pushed() -> Result<(Author, Registry, String, Value)> {
    let (author, registry) = (Author::begin().await?, Registry::start(Door::Open).await?);
    let place = format!("oci://{}/acme/purchasing", registry.address);
    author.push(&place).await?;
    let url = format!("http://{}/v2/acme/purchasing/manifests/0.1.0", registry.address);
    let manifest = reqwest::Client::new().get(url).header("Accept", MANIFEST).send().await?.json().await?;
    Ok((author, registry, place, manifest))
}

fn layer(registry: &Registry, manifest: &Value) -> Result<std::path::PathBuf> {
    registry.blob(manifest["layers"][0]["digest"].as_str().context("a digest")?)
}

#[tokio::test]
async fn a_package_that_was_changed_in_the_registry_is_not_taken() -> Result<()> {
    let (author, registry, place, manifest) = pushed().await?;
    let file = layer(&registry, &manifest)?;
    let mut bytes = std::fs::read(&file)?;
    let middle = bytes.len() / 2;
    bytes.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
    std::fs::write(&file, &bytes)?;
    let said = author.pull_refused(&place).await?;
    ensure!(said.contains("the registry has it wrong"), "{said}");
    bytes.truncate(middle);
    std::fs::write(&file, &bytes)?;
    let said = author.pull_refused(&place).await?;
    ensure!(said.contains("the file of the package should have") || said.contains("bytes came"), "{said}");
    std::fs::remove_file(&file)?;
    let said = author.pull_refused(&place).await?;
    ensure!(said.contains("does not give the file of the package"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_line_that_is_cut_leaves_nothing_behind() -> Result<()> {
    let (author, registry, _, manifest) = pushed().await?;
    let size = manifest["layers"][0]["size"].as_u64().context("a size")?;
    // Within the head of the first answer, within the manifest, within the package.
    for after in [20, 1_000, usize::try_from(size)? - 500] {
        let line = CutLine::before(registry.address.clone(), after).await?;
        let said = author.pull_refused(&format!("oci://{}/acme/purchasing:0.1.0", line.address)).await?;
        ensure!(said.contains("broke off"), "{after}: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_told() -> Result<()> {
    let (author, registry, place, _) = pushed().await?;
    let said = author.pull_refused(&format!("{place}:9.9.9")).await?;
    ensure!(said.contains("the registry has no such package: 404 MANIFEST_UNKNOWN"), "{said}");
    let said = author.pull_refused(&format!("{place}@sha256:{}", "0".repeat(64))).await?;
    ensure!(said.contains("the registry has no such package"), "{said}");
    let said = author.pull_refused(&format!("oci://{}/acme/nothing", registry.address)).await?;
    ensure!(said.contains("does not list what it has"), "{said}");
    let address = registry.address.clone();
    drop(registry);
    let said = author.pull_refused(&format!("oci://{address}/acme/purchasing")).await?;
    ensure!(said.contains("is not to be reached; is it running?"), "{said}");
    let said = author.pull_refused("oci://192.0.2.1/acme/purchasing").await?;
    ensure!(said.contains("is not on this machine"), "{said}");
    let said = author.refused(&["pull", &format!("oci://{address}/Acme")]).await?;
    ensure!(said.contains("is no name of a repository"), "{said}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_package_or_too_large_is_not_fetched() -> Result<()> {
    let (author, registry, place, good) = pushed().await?;
    let changes = [
        (
            "image",
            "/artifactType",
            json!("application/vnd.docker.container.image.v1+json"),
            "is it the right repository?",
        ),
        (
            "other",
            "/layers/0/mediaType",
            json!("application/vnd.oci.image.layer.v1.tar+gzip"),
            "its layer is of the kind",
        ),
        ("large", "/layers/0/size", json!(17_000_000), "it has 17000000 bytes, and a package may have 16777216"),
        ("short", "/layers/0/size", json!(10), "the file of the package should have 10 bytes"),
    ];
    for (tag, pointer, value, words) in changes {
        let mut manifest = good.clone();
        *manifest.pointer_mut(pointer).context("a field of the manifest")? = value;
        let url = format!("http://{}/v2/acme/purchasing/manifests/{tag}", registry.address);
        let request = reqwest::Client::new().put(url).header("Content-Type", MANIFEST).body(manifest.to_string());
        let answer = request.send().await?;
        ensure!(answer.status().as_u16() == 201, "{tag}: {}", answer.text().await?);
        let said = author.pull_refused(&format!("{place}:{tag}")).await?;
        ensure!(said.contains(words), "{tag}: {said}");
    }
    // A file that is no package is not sent in the first place.
    std::fs::write(author.path("mine.csmod"), "PK\u{3}\u{4}")?;
    let said = author.refused(&["push", &author.package(), &place, "--plain-http"]).await?;
    ensure!(said.contains("it is no package"), "{said}");
    Ok(())
}
