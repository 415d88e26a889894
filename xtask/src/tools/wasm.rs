//! A Rust that builds for WebAssembly, for the tests that build the code of a module.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::debian_rust;
use crate::run::{find, output, run, say, target};

/// What code of modules is built for.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Names a compiler that builds for WebAssembly.
const VARIABLE: &str = "COUNTERSIGN_TEST_WASM_RUSTC";

/// Finds a compiler that has the standard library for WebAssembly, or gets one.
///
/// # Errors
/// If `COUNTERSIGN_TEST_WASM_RUSTC` names a compiler that cannot do it, or if there is none and none can be had; the message
/// says how to get it.
pub(crate) fn get(folder: &Path) -> Result<PathBuf> {
    let rustc = match std::env::var_os(VARIABLE).map(PathBuf::from) {
        Some(named) if builds(&named) => named,
        Some(named) => {
            bail!("{VARIABLE} is set to {}, which does not build for {TARGET}; correct it or unset it", named.display())
        }
        None => installed().map_or_else(|| add(folder), Ok)?,
    };
    say(format!("WebAssembly: {}", rustc.display()));
    Ok(rustc)
}

/// Prints the compiler, for `RUSTC=$(cargo xtask wasm) cargo build --target wasm32-unknown-unknown`.
///
/// # Errors
/// See [`get`].
pub(crate) fn print() -> Result<()> {
    let rustc = get(&target()?.join("test-wasm"))?;
    Ok(writeln!(std::io::stdout(), "{}", rustc.display())?)
}

/// Whether the standard library is there for this compiler.
pub(crate) fn builds(rustc: &Path) -> bool {
    let folder = output(Command::new(rustc).args(["--print", "target-libdir", "--target", TARGET]));
    let libraries = folder.ok().and_then(|folder| std::fs::read_dir(folder).ok());
    libraries.is_some_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libstd-")))
    })
}

fn installed() -> Option<PathBuf> {
    find(&["rustc"]).filter(|rustc| builds(rustc))
}

/// `rustup` where it reaches its server, else what Debian has.
fn add(folder: &Path) -> Result<PathBuf> {
    let kept = debian_rust::compiler(folder);
    if builds(&kept) {
        return Ok(kept);
    }
    if find(&["rustup"]).is_some() {
        say(format!("WebAssembly: not found, running `rustup target add {TARGET}`"));
        let added = run(Command::new("rustup").args(["target", "add", TARGET]));
        if let (Ok(()), Some(rustc)) = (added, installed()) {
            return Ok(rustc);
        }
    }
    if find(&["apt-get", "dpkg-deb"]).is_none() {
        bail!("no Rust that builds for {TARGET}; run `rustup target add {TARGET}`");
    }
    debian_rust::get(folder)
}
