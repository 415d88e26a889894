//! `cargo xtask ci`: everything that has to hold before a change is merged, cheapest first.

use std::time::Instant;

use anyhow::{Context, Result};

use crate::run::{cargo, run, say};
use crate::{deny, fuzz, schemathesis, test, tidy};

/// A named check.
type Step = (&'static str, fn() -> Result<()>);

/// How long each target is fed with random input.
const FUZZ_SECONDS: u64 = 20;

const STEPS: [Step; 8] = [
    ("format", format),
    ("tidy", tidy::check),
    ("clippy", clippy),
    ("tests", || test::run_tests(&[])),
    ("API", schemathesis::check),
    ("random input", || fuzz::run_targets(FUZZ_SECONDS, &[])),
    ("documentation", documentation),
    ("dependencies", deny::check),
];

/// Runs all steps; the first that fails ends the run.
///
/// # Errors
/// The failed step with its problem.
pub(crate) fn run_checks() -> Result<()> {
    components()?;
    let start = Instant::now();
    for (name, step) in STEPS {
        say(format!("=== {name}"));
        let begin = Instant::now();
        step().with_context(|| format!("`{name}` failed"))?;
        say(format!("=== {name}: passed in {} s", begin.elapsed().as_secs()));
    }
    say(format!("everything passed in {} s", start.elapsed().as_secs()));
    Ok(())
}

/// A minimal installation of Rust has no formatter and no linter.
fn components() -> Result<()> {
    let here = |tool: &str| crate::run::output(cargo(&[tool]).arg("--version")).is_ok();
    if here("fmt") && here("clippy") {
        return Ok(());
    }
    say("installing rustfmt and clippy");
    run(std::process::Command::new("rustup").args(["component", "add", "rustfmt", "clippy"]))
        .context("rustfmt and clippy are needed: install them with your Rust")
}

fn format() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]))
}

fn documentation() -> Result<()> {
    run(cargo(&["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "--deny warnings"))
}
