//! Debian packages, installed without asking only where that is surely meant: as root, which in practice is a container or a
//! CI machine. Everybody else is told the command.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{find, output, run, say};

/// Whether this process belongs to the system's administrator.
pub(crate) fn is_root() -> bool {
    output(Command::new("id").arg("-u")).is_ok_and(|id| id == "0")
}

/// Installs packages, or fails with the sentence that says how a person installs them.
///
/// # Errors
/// If this is not Debian, if we are not root, or if the installation fails.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<()> {
    let packages_line = packages.join(" ");
    if !Path::new("/etc/debian_version").exists() || find(&["apt-get"]).is_none() {
        bail!("{what}: not found; install the equivalent of Debian's packages `{packages_line}`");
    }
    if !is_root() {
        bail!("{what}: not found; run `sudo apt-get install {packages_line}`");
    }
    say(format!("{what}: not found, installing {packages_line}"));
    refresh()?;
    run(apt().args(["install", "--yes", "--quiet=2", "--no-install-recommends"]).args(packages))
}

/// Reads the lists of packages anew.
///
/// # Errors
/// If we are not root, or if the lists cannot be read.
pub(crate) fn refresh() -> Result<()> {
    // Another installation may be running on a machine that has just started: wait for its lock.
    run(apt().args(["update", "--quiet=2"]))
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    command
}
