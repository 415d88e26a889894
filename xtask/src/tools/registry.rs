//! `docker-registry`, to which the tests send packages.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::apt;
use crate::run::{find, say};

/// Finds the program, or installs it where that is possible.
///
/// # Errors
/// If `COUNTERSIGN_TEST_REGISTRY` names a file that does not exist, or if there is none and none can be installed; the
/// message says how to get it.
pub(crate) fn get() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("COUNTERSIGN_TEST_REGISTRY").map(PathBuf::from) {
        if !named.is_file() {
            bail!(
                "COUNTERSIGN_TEST_REGISTRY is set to {}, which is not a file; correct it or unset it",
                named.display()
            );
        }
        return Ok(named);
    }
    let found = match find(&["docker-registry"]) {
        Some(found) => found,
        None => {
            apt::install("docker-registry", &["docker-registry"])?;
            find(&["docker-registry"]).context("docker-registry was installed but is not on the PATH")?
        }
    };
    say(format!("registry of packages: {}", found.display()));
    Ok(found)
}
