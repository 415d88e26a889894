//! The real program, as an operator runs it: a process with its own environment, that can be killed.

use super::folder::Folder;
use anyhow::{Context, Result, bail, ensure};
use std::ffi::OsStr;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::{Instant, sleep};

const HOW: &str = "run the tests with `cargo xtask test`, or build it with `cargo build -p api --bin countersign` and set \
                   COUNTERSIGN_TEST_BINARY if it lies elsewhere";
/// How long a command may take, and a service to start or to end. Only reached by a test that is going to fail.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is looked whether something has happened.
const LOOK: Duration = Duration::from_millis(5);

/// The binary `countersign` with the variables that it is started with.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    path: PathBuf,
    variables: Vec<(String, String)>,
    logs: Arc<Folder>,
}

/// What a command that has ended left behind.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    /// The standard output.
    pub(crate) out: String,
    /// The standard error.
    pub(crate) err: String,
}

impl Program {
    /// Finds it: `COUNTERSIGN_TEST_BINARY`, or beside the folder of the test program.
    ///
    /// # Errors
    /// If it is not there; the message says how to get it.
    pub(crate) fn find() -> Result<Self> {
        let path = match std::env::var_os("COUNTERSIGN_TEST_BINARY") {
            Some(path) => PathBuf::from(path),
            None => {
                let test = std::env::current_exe()?;
                test.ancestors().nth(2).context("the test program lies in no target folder")?.join("countersign")
            }
        };
        ensure!(path.is_file(), "there is no {}: {HOW}", path.display());
        Ok(Self { path, variables: Vec::new(), logs: Arc::new(Folder::new()?) })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    /// With this variable too. Nothing is inherited but `PATH` and `HOME`.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// If it cannot be started.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Process> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let [out, err] = ["out", "err"].map(|name| self.logs.path().join(format!("{number}.{name}")));
        let kept = ["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
        let child = Command::new(&self.path)
            .args(arguments)
            .env_clear()
            .envs(kept)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(File::create(&out)?)
            .stderr(File::create(&err)?)
            .spawn()
            .with_context(|| format!("cannot start {}", self.path.display()))?;
        Ok(Process { child, out, err, _logs: Arc::clone(&self.logs) })
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// If it does not start or does not end. An exit code other than 0 is no error.
    pub(crate) async fn run<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<Ended> {
        let mut process = self.start(arguments)?;
        let status = process.ended(PATIENCE).await?;
        Ok(Ended { code: status.code(), out: process.out(), err: process.err() })
    }

    /// Runs a command that must succeed; its standard output.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) async fn must<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Result<String> {
        let Ended { code, out, err } = self.run(arguments).await?;
        ensure!(code == Some(0), "exit code {code:?}\n{out}\n{err}");
        Ok(out)
    }
}

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    out: PathBuf,
    err: PathBuf,
    _logs: Arc<Folder>,
}

impl Process {
    /// The standard output so far.
    pub(crate) fn out(&self) -> String {
        std::fs::read_to_string(&self.out).unwrap_or_default()
    }

    /// The standard error so far.
    pub(crate) fn err(&self) -> String {
        std::fs::read_to_string(&self.err).unwrap_or_default()
    }

    /// Waits until it has printed this, and returns all that it has printed.
    ///
    /// # Errors
    /// If it ends before, or does not print it.
    pub(crate) async fn says(&mut self, words: &str) -> Result<String> {
        let begun = Instant::now();
        while !self.out().contains(words) {
            self.must_live()?;
            ensure!(begun.elapsed() < PATIENCE, "it does not say \"{words}\":\n{}\n{}", self.out(), self.err());
            sleep(LOOK).await;
        }
        Ok(self.out())
    }

    /// Waits until `GET /readyz` below this address answers 200.
    ///
    /// # Errors
    /// If it ends before, or never does.
    pub(crate) async fn ready(&mut self, http: &reqwest::Client, base: &str) -> Result<()> {
        let begun = Instant::now();
        loop {
            let answer = http.get(format!("{base}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().as_u16() == 200) {
                return Ok(());
            }
            self.must_live()?;
            ensure!(begun.elapsed() < PATIENCE, "it does not become ready:\n{}\n{}", self.out(), self.err());
            sleep(LOOK).await;
        }
    }

    fn must_live(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("it has ended with {status}:\n{}\n{}", self.out(), self.err()),
            None => Ok(()),
        }
    }

    /// `kill -9`: it gets no chance to put anything in order.
    ///
    /// # Errors
    /// If it has ended by itself before.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.must_live()?;
        self.child.kill()?;
        let status = self.child.wait()?;
        ensure!(status.code().is_none(), "it ended with {status} before it was killed:\n{}", self.err());
        Ok(())
    }

    /// Sends a signal: `STOP` and `CONT` pause it and let it go on.
    ///
    /// # Errors
    /// If it cannot be sent.
    pub(crate) fn signal(&self, name: &str) -> Result<()> {
        // The standard library sends no other signal than SIGKILL; every POSIX shell has `kill`.
        let sent = Command::new("sh").arg("-c").arg(format!("kill -{name} {}", self.child.id())).status()?;
        ensure!(sent.success(), "the signal {name} was not sent");
        Ok(())
    }

    /// SIGTERM: it is asked to end, and does.
    ///
    /// # Errors
    /// If it does not end.
    pub(crate) async fn terminate(self) -> Result<Ended> {
        self.signal("TERM")?;
        self.ends().await
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// If it does not.
    pub(crate) async fn ends(mut self) -> Result<Ended> {
        let status = self.ended(PATIENCE).await?;
        Ok(Ended { code: status.code(), out: self.out(), err: self.err() })
    }

    async fn ended(&mut self, patience: Duration) -> Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(begun.elapsed() < patience, "it does not end:\n{}\n{}", self.out(), self.err());
            sleep(LOOK).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address on loopback that nobody uses, below those that the system gives out by itself: a service that is dead for a
/// moment must find its own port free again, and a client that knocks must not be connected with itself.
///
/// # Errors
/// If there is none.
pub(crate) fn fixed_address() -> Result<String> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    for _ in 0..1_000 {
        let number = std::process::id().wrapping_mul(61).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let address = format!("127.0.0.1:{}", 12_000 + number % 18_000);
        if std::net::TcpListener::bind(&address).is_ok() {
            return Ok(address);
        }
    }
    bail!("no port is free on loopback")
}
