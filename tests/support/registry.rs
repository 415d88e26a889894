//! A real registry of images, Debian's `docker-registry`, on a port and a folder of its own.

use super::folder::Folder;
use super::process::fixed_address;
use super::tls;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

const HOW: &str = "run the tests with `cargo xtask test`, which gets it, or install Debian's package docker-registry, or set \
                   COUNTERSIGN_TEST_REGISTRY to the program";
/// Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(30);

/// The name and the password that a guarded registry knows.
pub(crate) const LOGIN: (&str, &str) = ("eva", "open sesame");
/// The same as a line of htpasswd.
const HTPASSWD: &str = "eva:$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW\n";

/// Who is let in.
pub(crate) enum Door {
    /// Everybody.
    Open,
    /// Whoever has the password.
    Password,
    /// Whoever has a token of this address.
    Token(String),
    /// Everybody, over TLS.
    Tls,
}

/// The registry. It ends with this value.
pub(crate) struct Registry {
    /// Host and port.
    pub(crate) address: String,
    folder: Folder,
    child: Child,
}

impl Registry {
    /// Starts one that is empty.
    pub(crate) async fn start(door: Door) -> Result<Self> {
        let (folder, address) = (Folder::new()?, fixed_address()?);
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(folder.path().join("htpasswd"), HTPASSWD)?;
        let guard = match &door {
            Door::Open | Door::Tls => String::new(),
            Door::Password => format!("auth: {{ htpasswd: {{ realm: tests, path: {} }} }}\n", at("htpasswd")),
            Door::Token(realm) => format!("auth: {{ silly: {{ realm: \"{realm}\", service: tests }} }}\n"),
        };
        let tls = match door {
            Door::Tls => format!(", tls: {{ certificate: {}, key: {} }}", tls::CERTIFICATE, tls::KEY),
            _ => String::new(),
        };
        let config = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\n\
             http: {{ addr: \"{address}\"{tls} }}\n{guard}",
            at("data")
        );
        std::fs::write(folder.path().join("config.yml"), config)?;
        let child = Command::new(program()?)
            .args(["serve", &at("config.yml")])
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("err"))?)
            .spawn()
            .with_context(|| format!("docker-registry cannot be started: {HOW}"))?;
        let mut registry = Self { address, folder, child };
        registry.listens().await?;
        Ok(registry)
    }

    async fn listens(&mut self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(&self.address).await.is_err() {
            let said = std::fs::read_to_string(self.folder.path().join("err")).unwrap_or_default();
            ensure!(self.child.try_wait()?.is_none(), "docker-registry has ended: {said}");
            ensure!(begun.elapsed() < PATIENCE, "docker-registry does not listen: {said}");
            sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// The file that holds the bytes of a digest.
    pub(crate) fn blob(&self, digest: &str) -> Result<PathBuf> {
        let hex = digest.strip_prefix("sha256:").context("a digest")?;
        let (begin, _) = hex.split_at(2);
        Ok(self.folder.path().join(format!("data/docker/registry/v2/blobs/sha256/{begin}/{hex}/data")))
    }
}

/// Finds it: `COUNTERSIGN_TEST_REGISTRY`, or on the `PATH`.
fn program() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("COUNTERSIGN_TEST_REGISTRY") {
        return Ok(PathBuf::from(named));
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&paths).map(|path| path.join("docker-registry")).find(|path| path.is_file());
    found.with_context(|| format!("this test needs docker-registry: {HOW}"))
}

impl Drop for Registry {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line to a server that is cut after so many bytes of its answers.
pub(crate) struct CutLine {
    /// Host and port.
    pub(crate) address: String,
    accepting: JoinHandle<()>,
}

impl CutLine {
    /// Stands before the server that listens at this address.
    pub(crate) async fn before(server: String, after: usize) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server.clone(), after));
            }
        });
        Ok(Self { address, accepting })
    }
}

async fn carry(client: TcpStream, server: String, after: usize) -> Option<()> {
    let server = TcpStream::connect(server).await.ok()?;
    let ((mut asked, mut told), (mut answered, mut asks)) = (client.into_split(), server.into_split());
    let asking = tokio::spawn(async move { tokio::io::copy(&mut asked, &mut asks).await });
    let (mut left, mut bytes) = (after, [0; 4_096]);
    while left > 0 {
        let read = answered.read(bytes.get_mut(..left.min(4_096))?).await.ok()?;
        told.write_all(bytes.get(..read).filter(|read| !read.is_empty())?).await.ok()?;
        left -= read;
    }
    asking.abort();
    Some(())
}

impl Drop for CutLine {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
