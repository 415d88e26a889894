//! `countersign module push` and `pull`: packages in a registry, and all that can be wrong with what comes from there.

mod access;
mod wrong;

use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use crate::support::registry::{Door, Registry};
use crate::support::tls::{AUTHORITY, TlsProxy};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::PathBuf;

const PURCHASING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/purchasing");

/// Somebody with a package, at a terminal.
struct Author {
    folder: Folder,
    program: Program,
}

impl Author {
    async fn begin() -> Result<Self> {
        let folder = Folder::new()?;
        // What whoever runs the tests has noted at registries is nobody's business here.
        let program = Program::find()?.with("DOCKER_CONFIG", folder.path().display().to_string());
        let author = Self { folder, program };
        author.fine(&["pack", PURCHASING, "--output", &author.package()]).await?;
        Ok(author)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn package(&self) -> String {
        self.path("mine.csmod").display().to_string()
    }

    async fn run(&self, arguments: &[&str]) -> Result<Ended> {
        let arguments: Vec<&str> = std::iter::once("module").chain(arguments.iter().copied()).collect();
        self.program.run(&arguments).await
    }

    async fn fine(&self, arguments: &[&str]) -> Result<String> {
        let ended = self.run(arguments).await?;
        ensure!(ended.code == Some(0), "{arguments:?}: {}{}", ended.out, ended.err);
        Ok(ended.out)
    }

    async fn refused(&self, arguments: &[&str]) -> Result<String> {
        let ended = self.run(arguments).await?;
        ensure!(ended.code == Some(1), "{arguments:?} was not refused: {}{}", ended.out, ended.err);
        Ok(ended.err)
    }

    /// Sends the package; what the command tells.
    async fn push(&self, to: &str) -> Result<Value> {
        let said = self.fine(&["push", &self.package(), to, "--plain-http", "--json"]).await?;
        Ok(serde_json::from_str(&said)?)
    }

    /// Fetching must fail, and leave nothing behind; what is said.
    async fn pull_refused(&self, from: &str) -> Result<String> {
        let to = self.path("fetched");
        std::fs::create_dir_all(&to)?;
        let said = self.refused(&["pull", from, "--plain-http", "-o", &to.display().to_string()]).await?;
        ensure!(std::fs::read_dir(&to)?.count() == 0, "something was written");
        Ok(said)
    }
}

#[tokio::test]
async fn what_was_pushed_is_pulled_by_tag_by_digest_and_as_the_newest() -> Result<()> {
    let (author, registry) = (Author::begin().await?, Registry::start(Door::Open).await?);
    let place = format!("oci://{}/acme/purchasing", registry.address);
    let pushed = author.push(&place).await?;
    ensure!(pushed["tag"] == "0.1.0" && pushed["reference"] == format!("{place}:0.1.0"), "{pushed}");
    ensure!(author.push(&place).await? == pushed, "the same package is the same, sent twice");
    author.push(&format!("{place}:latest")).await?;
    let (sent, pinned) = (std::fs::read(author.package())?, pushed["pinned"].as_str().context("a place")?);
    for from in [&place, &format!("{place}:latest"), pinned] {
        let to = Folder::new()?;
        let folder = to.path().display().to_string();
        let said = author.fine(&["pull", from, "--plain-http", "-o", &folder, "--json"]).await?;
        let said: Value = serde_json::from_str(&said)?;
        ensure!(said["manifest"] == pushed["digest"] && said["module"] == "purchasing", "{said}");
        ensure!(std::fs::read(to.path().join("purchasing-0.1.0.csmod"))? == sent, "{from}: other bytes came");
        ensure!(std::fs::read_dir(to.path())?.count() == 1, "more than the package was written");
    }
    Ok(())
}

/// As the specification wants it, so that other programs know it too.
#[tokio::test]
async fn the_registry_holds_an_artifact_with_one_layer() -> Result<()> {
    let (author, registry) = (Author::begin().await?, Registry::start(Door::Open).await?);
    author.push(&format!("oci://{}/acme/purchasing:1", registry.address)).await?;
    let url = format!("http://{}/v2/acme/purchasing/manifests/1", registry.address);
    let request = reqwest::Client::new().get(url).header("Accept", "application/vnd.oci.image.manifest.v1+json");
    let manifest: Value = request.send().await?.json().await?;
    ensure!(manifest["artifactType"] == "application/vnd.countersign.module.v1", "{manifest}");
    ensure!(manifest["config"]["mediaType"] == "application/vnd.countersign.module.config.v1+json", "{manifest}");
    let layer = &manifest["layers"][0];
    ensure!(layer["mediaType"] == "application/vnd.countersign.module.v1.tar+zstd", "{manifest}");
    ensure!(layer["annotations"]["org.opencontainers.image.title"] == "purchasing-0.1.0.csmod", "{manifest}");
    ensure!(manifest["annotations"]["org.opencontainers.image.licenses"] == "Apache-2.0", "{manifest}");
    let kept = std::fs::read(registry.blob(layer["digest"].as_str().context("a digest")?)?)?;
    ensure!(kept == std::fs::read(author.package())?, "the layer is not the package file");
    Ok(())
}

/// Both over TLS with an authority that the system does not know: the registry, and the service.
#[tokio::test]
async fn a_module_is_installed_from_a_registry_over_tls() -> Result<()> {
    let (author, registry) = (Author::begin().await?, Registry::start(Door::Tls).await?);
    let (travel, data) = (author.path("travel").display().to_string(), author.path("demo").display().to_string());
    author.fine(&["new", "--name", "travel", "--object", "request", "--yes", "--folder", &travel]).await?;
    author.fine(&["pack", &travel, "--output", &author.package()]).await?;
    let port = registry.address.rsplit_once(':').context("a port")?.1;
    let place = format!("oci://localhost:{port}/acme/travel");
    let said = author.refused(&["push", &author.package(), &place]).await?;
    ensure!(said.contains("is not to be trusted; give the authority that has signed it with --ca FILE"), "{said}");
    author.fine(&["push", &author.package(), &place, "--ca", AUTHORITY]).await?;

    let mut demo = author.program.start(&["demo", "--data", &data, "--port", "0"])?;
    demo.says("Stop with Ctrl-C.").await?;
    let shown: Value = serde_json::from_slice(&std::fs::read(author.path("demo/demo.json"))?)?;
    let text = |pointer: &str| shown.pointer(pointer).and_then(Value::as_str).context("a text of demo.json");
    let proxy = TlsProxy::before(text("/base_url")?.trim_start_matches("http://").to_owned()).await?;
    let url = format!("https://localhost:{}", proxy.port());
    let service = ["--url", &url, "--company", "acme", "--token", text("/tokens/ada")?];
    let command = |words: &[&str]| words.iter().chain(&service).map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let run = async |words: &[&str]| {
        let words = command(words);
        author.run(&words.iter().map(String::as_str).collect::<Vec<_>>()).await
    };
    let ended = run(&["list"]).await?;
    ensure!(ended.code == Some(1) && ended.err.contains("--ca FILE"), "{}", ended.err);
    let ended = run(&["install", &place, "--yes", "--ca", AUTHORITY]).await?;
    ensure!(ended.code == Some(0) && ended.out.contains("install travel 0.1.0: done"), "{}{}", ended.out, ended.err);
    let ended = run(&["list", "--ca", AUTHORITY]).await?;
    ensure!(ended.out.contains("travel") && ended.out.contains("uploaded"), "{}{}", ended.out, ended.err);
    let ended = run(&["update", &place, "--yes", "--ca", AUTHORITY]).await?;
    ensure!(ended.code == Some(1) && ended.err.contains("is what is installed already"), "{}", ended.err);
    Ok(())
}
