//! `module push` and `module pull`: packages in registries of the Open Container Initiative, where images of containers are
//! kept too.

mod artifact;
mod challenge;
mod login;
mod pull;
mod push;
mod reference;
mod registry;

use super::{pack, source};
use crate::cli::https::Https;
use crate::cli::output;
use anyhow::{Context, Result, bail, ensure};
use artifact::Artifact;
use clap::{Args, ValueEnum};
use modules::Package;
use reference::Reference;
use registry::Registry;
use serde_json::json;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use url::Url;

pub(super) use reference::SCHEME;

/// What `module push` takes.
#[derive(Debug, Args)]
pub(crate) struct PushArgs {
    /// The package file, as module pack writes it
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Where to send it: oci://HOST/REPOSITORY[:TAG]; the tag is the version if absent
    #[arg(value_name = "oci://...")]
    to: String,
    #[command(flatten)]
    access: Access,
    /// A file of certificates in PEM: authorities to trust beside those of the system
    #[arg(long, env = "COUNTERSIGN_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What `module pull` takes.
#[derive(Debug, Args)]
pub(crate) struct PullArgs {
    /// What to fetch: oci://HOST/REPOSITORY[:TAG|@DIGEST]; the newest version if neither is given
    #[arg(value_name = "oci://...")]
    from: String,
    /// The folder to write the package file to
    #[arg(long, short, default_value = ".", value_name = "DIR")]
    output: PathBuf,
    #[command(flatten)]
    access: Access,
    /// A file of certificates in PEM: authorities to trust beside those of the system
    #[arg(long, env = "COUNTERSIGN_CA", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// As whom, and how safely, a registry is asked.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Access {
    /// The name at the registry; its password is in COUNTERSIGN_REGISTRY_PASSWORD. As docker login has it if absent
    #[arg(long, env = "COUNTERSIGN_REGISTRY_USERNAME", value_name = "NAME")]
    username: Option<String>,
    /// Ask the registry without TLS, if it is on this machine; --plain-http=anywhere for others too
    #[arg(long, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_missing_value = "loopback")]
    plain_http: Option<PlainHttp>,
}

/// Where a registry may be that is asked without TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PlainHttp {
    /// On this machine
    Loopback,
    /// Anywhere, where whoever is in between reads passwords
    Anywhere,
}

impl Access {
    /// Whether this may be asked.
    fn check(&self, url: &Url) -> Result<()> {
        match (url.scheme(), self.plain_http) {
            ("https", _) | ("http", Some(PlainHttp::Anywhere)) => Ok(()),
            ("http", Some(PlainHttp::Loopback)) if is_loopback(url) => Ok(()),
            ("http", Some(PlainHttp::Loopback)) => {
                bail!("{url} is not on this machine: use TLS, or give --plain-http=anywhere")
            }
            _ => bail!("{url} is not asked: it has no TLS; --plain-http allows that on this machine"),
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

pub(super) async fn push(args: &PushArgs) -> Result<ExitCode> {
    ensure!(args.file.is_file(), "{} is no package file; make one with module pack", args.file.display());
    let reference = Reference::read(&args.to)?;
    let archive = source::bytes(&args.file)?;
    let package = Package::from_archive(&archive).with_context(|| args.file.display().to_string())?;
    let artifact = Artifact::of(&archive, &package).with_context(|| args.file.display().to_string())?;
    let mut registry = Registry::open(&reference, &args.access, Https::new(args.ca.clone()))?;
    let (bar, bytes) = (output::bytes(archive.len() as u64, "sending"), archive.len());
    let pushed = push::push(&mut registry, &reference, archive, artifact, &bar).await?;
    bar.finish_and_clear();
    let named = |which: String| format!("{SCHEME}{}/{}{which}", reference.host, reference.repository);
    let (tagged, pinned) = (named(format!(":{}", pushed.tag)), named(format!("@{}", pushed.digest)));
    match args.json {
        true => output::json(&json!({ "reference": tagged, "pinned": pinned, "digest": pushed.digest,
                                      "tag": pushed.tag, "bytes": bytes })),
        false => {
            output::line(format!("{tagged}: {bytes} bytes"));
            output::line(format!("Exactly this one is {pinned}"));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn pull(args: &PullArgs) -> Result<ExitCode> {
    let reference = Reference::read(&args.from)?;
    let mut registry = Registry::open(&reference, &args.access, Https::new(args.ca.clone()))?;
    let pulled = pull::pull(&mut registry, &reference).await?;
    let manifest = pulled.package.manifest().with_context(|| reference.to_string())?;
    let path = args.output.join(manifest.file_name());
    write(&path, &pulled.archive)?;
    let (file, digest) = (path.display().to_string(), pulled.package.digest());
    let signed = pulled.package.signature().is_some();
    match args.json {
        true => output::json(&json!({ "file": file, "module": manifest.name, "version": manifest.version.to_string(),
            "digest": digest, "manifest": pulled.digest, "bytes": pulled.archive.len(), "signed": signed })),
        false => {
            let told = if signed { "signed; module verify says by which key" } else { "not signed" };
            output::line(format!("{file}: {} bytes, sha256:{digest}, {told}", pulled.archive.len()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The package file behind a reference, for those who install it.
pub(super) async fn fetch(text: &str, access: &Access, ca: Option<PathBuf>) -> Result<Vec<u8>> {
    let reference = Reference::read(text)?;
    let mut registry = Registry::open(&reference, access, Https::new(ca))?;
    Ok(pull::pull(&mut registry, &reference).await?.archive)
}

/// The file is there whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    pack::write_whole(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_without_tls_unless_it_is_said() {
        let may =
            |plain_http, url: &str| Access { plain_http, username: None }.check(&Url::parse(url).unwrap()).is_ok();
        for plain in [None, Some(PlainHttp::Loopback), Some(PlainHttp::Anywhere)] {
            assert!(may(plain, "https://ghcr.io/v2/") && !may(plain, "ftp://ghcr.io/"));
        }
        for own in ["http://127.0.0.1:5000/", "http://[::1]:5000/", "http://localhost/"] {
            assert!(!may(None, own) && may(Some(PlainHttp::Loopback), own), "{own}");
        }
        for other in ["http://ghcr.io/", "http://192.0.2.1/", "http://localhost.example/"] {
            assert!(!may(Some(PlainHttp::Loopback), other) && may(Some(PlainHttp::Anywhere), other), "{other}");
        }
    }
}
