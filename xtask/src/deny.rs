//! `cargo deny`: licences, sources and known vulnerabilities of everything that is compiled in (`deny.toml`).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{cargo, find, output, root, run, say, target};

/// The version that `deny.toml` is written for.
const VERSION: &str = "0.20.2";

/// Checks licences, bans and sources, and the advisories if their database can be reached.
///
/// # Errors
/// If a check fails, or if `cargo-deny` is missing and cannot be installed.
pub(crate) fn check() -> Result<()> {
    let program = program()?;
    run(deny(&program).args(["check", "--hide-inclusion-graph", "licenses", "bans", "sources"]))?;
    match output(deny(&program).args(["fetch", "db"])) {
        Ok(_) => run(deny(&program).args(["check", "--disable-fetch", "advisories"])),
        // A machine without access to the database can still say something about everything else.
        Err(problem) => {
            say(format!(
                "WARNING: known vulnerabilities were NOT checked, their database is out of reach: {problem:#}"
            ));
            Ok(())
        }
    }
}

fn deny(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root()).env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// The `cargo-deny` of the right version: on the `PATH`, from an earlier run, or built now.
fn program() -> Result<PathBuf> {
    let tools = target()?.join("tools");
    let own = tools.join("bin").join("cargo-deny");
    if let Some(found) = find(&[Path::new("cargo-deny"), &own]).filter(|path| is_right(path)) {
        return Ok(found);
    }
    if !is_right(&own) {
        install(&tools)?;
    }
    Ok(own)
}

fn is_right(program: &Path) -> bool {
    output(Command::new(program).arg("--version")).is_ok_and(|answer| answer.ends_with(VERSION))
}

/// Without optimisation, because the program runs for five seconds and optimising it would take ten minutes.
fn install(tools: &Path) -> Result<()> {
    say(format!("installing cargo-deny {VERSION} into {}", tools.display()));
    let build = tools.join("build");
    let name = format!("cargo-deny@{VERSION}");
    let mut install =
        cargo(&["install", &name, "--locked", "--debug", "--quiet", "--config", "profile.dev.debug=false"]);
    install.arg("--root").arg(tools).arg("--target-dir").arg(&build);
    run(&mut install).context("cargo-deny is needed to check licences and sources")?;
    std::fs::remove_dir_all(build).context("cannot remove what the installation left")
}
