//! `cargo xtask fuzz`: hostile and random input for the core, for some seconds a target.
//!
//! The crate `workflow/fuzz` is a workspace of its own, because cargo-fuzz builds it with other flags; here it is built with
//! the compiler that everything else is built with.

use anyhow::{Context, Result};

use crate::run::{cargo, run, target};

/// Runs the targets, or those that are named.
///
/// # Errors
/// If the crate does not compile, or if an input breaks a promise; it is kept in `workflow/fuzz/artifacts`.
pub(crate) fn run_targets(seconds: u64, targets: &[String]) -> Result<()> {
    let mut command = cargo(&["run", "--quiet", "--release", "--locked", "--bin", "bounded"]);
    command.args(["--manifest-path", "workflow/fuzz/Cargo.toml", "--target-dir"]).arg(target()?.join("fuzz"));
    command.arg("--").arg(seconds.to_string()).args(targets);
    run(&mut command).context("an input broke a promise of the core, or the targets cannot be built")
}
