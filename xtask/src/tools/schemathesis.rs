//! Schemathesis, which sends what an OpenAPI document promises and what it does not: in a Python of its own under `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::apt;
use crate::run::{output, run, say, target};

/// The version that the step is written for.
const VERSION: &str = "4.32.5";
/// What it makes its input with: another version would make another from the same seed.
const HYPOTHESIS: &str = "6.170.17";

/// The program of the right version: from an earlier run, or installed now with `pip` from the index that it is set up with.
///
/// # Errors
/// If there is no Python or no way to the index; the message says what is needed.
pub(crate) fn get() -> Result<PathBuf> {
    let folder = target()?.join("tools").join(format!("schemathesis-{VERSION}"));
    let program = folder.join("bin").join("schemathesis");
    if !is_right(&program) {
        install(&folder).context(format!(
            "schemathesis {VERSION} is needed to check the API against its description: it is installed with `python3 -m venv` \
             and `pip install schemathesis=={VERSION}` into {}; install Python 3.10 or newer with venv, and let pip reach an index",
            folder.display()
        ))?;
    }
    Ok(program)
}

fn is_right(program: &Path) -> bool {
    output(Command::new(program).arg("--version")).is_ok_and(|answer| answer.ends_with(VERSION))
}

fn install(folder: &Path) -> Result<()> {
    say(format!("installing schemathesis {VERSION} into {}", folder.display()));
    if folder.exists() {
        std::fs::remove_dir_all(folder).context("what an installation that broke off has left cannot be removed")?;
    }
    let venv = |folder: &Path| output(Command::new("python3").args(["-m", "venv"]).arg(folder)).map(drop);
    if venv(folder).is_err() {
        apt::install("Python", &["python3", "python3-venv"])?;
        venv(folder)?;
    }
    let (schemathesis, hypothesis) = (format!("schemathesis=={VERSION}"), format!("hypothesis=={HYPOTHESIS}"));
    let mut pip = Command::new(folder.join("bin").join("pip"));
    run(pip.args(["install", "--quiet", "--disable-pip-version-check", &schemathesis, &hypothesis]))
}
