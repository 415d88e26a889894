//! chromedriver: found, started on a free port, and ended together with its browser.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};

const BROWSERS: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
const DRIVERS: [&str; 1] = ["chromedriver"];
const HOW: &str = "run the tests with `cargo xtask test`, which gets it, or `apt-get install chromium chromium-driver`";

/// The browser and the driver that belongs to it.
#[derive(Debug)]
pub(super) struct Programs {
    pub(super) chromium: PathBuf,
    pub(super) chromedriver: PathBuf,
}

/// Finds both, first by their environment variables.
///
/// # Errors
/// If one is missing; the message says how to get it.
pub(super) fn programs() -> Result<Programs> {
    let set = |variable| std::env::var_os(variable).map(PathBuf::from);
    Ok(Programs {
        chromium: choose(set("COUNTERSIGN_TEST_CHROMIUM"), &BROWSERS)?,
        chromedriver: choose(set("COUNTERSIGN_TEST_CHROMEDRIVER"), &DRIVERS)?,
    })
}

pub(super) fn choose(set: Option<PathBuf>, names: &[&str]) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = || {
        let all = names.iter().flat_map(|name| std::env::split_paths(&path).map(move |folder| folder.join(name)));
        all.into_iter().find(|program| program.is_file())
    };
    set.or_else(on_path).with_context(|| format!("no {} on this machine: {HOW}", names[0]))
}

/// A running chromedriver.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    port: u16,
    /// Kept open: a driver that cannot write its log would end.
    _log: BufReader<ChildStdout>,
}

impl Driver {
    /// Starts it on a port that it chooses itself, so that tests can run side by side.
    ///
    /// # Errors
    /// If it does not start.
    pub(super) fn start(program: &Path) -> Result<Driver> {
        let mut process = Command::new(program)
            .args(["--port=0", "--log-level=SEVERE"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}: {HOW}", program.display()))?;
        let mut log = BufReader::new(process.stdout.take().context("chromedriver has no output")?);
        match read_port(&mut log) {
            Ok(port) => Ok(Driver { process, port, _log: log }),
            Err(problem) => {
                end(&mut process);
                Err(problem)
            }
        }
    }

    /// Where it takes commands.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Asks it to end its browser and itself. Ending the driver by force would leave the browser behind.
    fn shut_down(&self) -> std::io::Result<()> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET /shutdown HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // If it answers no more, it has crashed, and force is all that is left.
        if self.shut_down().is_err() {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn end(process: &mut Child) {
    let _ = process.kill();
    let _ = process.wait();
}

/// `ChromeDriver was started successfully on port 40713.`
fn read_port(log: &mut impl BufRead) -> Result<u16> {
    for line in log.lines() {
        let line = line?;
        let Some((_, port)) = line.split_once("started successfully on port ") else { continue };
        return port.trim_end_matches('.').parse().with_context(|| format!("chromedriver said: {line}"));
    }
    anyhow::bail!("chromedriver ended before it was ready")
}
