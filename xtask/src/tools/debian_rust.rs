//! Debian's Rust, unpacked beside the build and not installed: where `rustup` does not reach its server, it brings the
//! sources of the standard library, and the standard library for WebAssembly is built from them once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::apt;
use super::wasm::{TARGET, builds};
use crate::run::{cargo, find, output, run, say};

/// The compiler and the sources that belong to it.
const COMPILER: &str = "rustc-web";
const SOURCES: &str = "rust-web-src";
/// What of the compiler's dependencies is unpacked with it: its own libraries.
const PARTS: [&str; 2] = ["libstd-rust-web", "libllvm"];

/// A crate of nothing, built for what it depends on.
const MANIFEST: &str = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n";

/// Where the compiler is once it was made.
pub(crate) fn compiler(folder: &Path) -> PathBuf {
    folder.join("rustc")
}

/// Unpacks the compiler and builds the standard library for WebAssembly, which takes a minute or two.
///
/// # Errors
/// If Debian has no such packages, or if the library does not build.
pub(crate) fn get(folder: &Path) -> Result<PathBuf> {
    say(format!(
        "WebAssembly: not found, unpacking Debian's {COMPILER} and building the standard library for {TARGET}"
    ));
    // Whatever is interrupted is left beside it, and is no compiler.
    let part = folder.with_extension("part");
    for old in [&part, &folder.to_path_buf()] {
        if old.exists() {
            fs::remove_dir_all(old).with_context(|| format!("cannot clear {}", old.display()))?;
        }
    }
    make(&part)?;
    fs::rename(&part, folder).with_context(|| format!("cannot move {} to its place", part.display()))?;
    Ok(compiler(folder))
}

fn make(folder: &Path) -> Result<()> {
    let tree = folder.join("tree");
    unpack(folder, &tree)?;
    linker(&tree)?;
    let rustc = wrapper(folder)?;
    library(folder, &tree, &rustc)?;
    if !builds(&rustc) {
        bail!("Debian's Rust was unpacked, but does not build for {TARGET}; run `rustup target add {TARGET}`");
    }
    Ok(())
}

fn unpack(folder: &Path, tree: &Path) -> Result<()> {
    let packages = packages()?;
    let files = folder.join("packages");
    fs::create_dir_all(&files)?;
    run(Command::new("apt-get").args(["download", "--quiet=2"]).args(&packages).current_dir(&files))?;
    for file in fs::read_dir(&files)? {
        run(Command::new("dpkg-deb").arg("--extract").arg(file?.path()).arg(tree))?;
    }
    Ok(fs::remove_dir_all(&files)?)
}

/// The compiler with its own libraries. On a machine that has just started the lists of packages may be missing.
fn packages() -> Result<Vec<String>> {
    let found = match depends() {
        Ok(found) if !found.is_empty() => found,
        _ => {
            apt::refresh()?;
            depends().with_context(|| format!("Debian has no {COMPILER} here; run `rustup target add {TARGET}`"))?
        }
    };
    let parts = found.lines().filter(|name| PARTS.iter().any(|part| name.starts_with(part))).map(str::to_owned);
    Ok(parts.chain([COMPILER, SOURCES].map(str::to_owned)).collect())
}

/// The names of all packages that the compiler needs, each at the beginning of a line.
fn depends() -> Result<String> {
    let only =
        ["recommends", "suggests", "conflicts", "breaks", "replaces", "enhances"].map(|kind| format!("--no-{kind}"));
    output(Command::new("apt-cache").args(["depends", "--recurse"]).args(only).arg(COMPILER))
}

/// Debian keeps the linker elsewhere; the one of the installed Rust links what either compiler makes.
fn linker(tree: &Path) -> Result<()> {
    let rustc = find(&["rustc"]).context("there is no rustc in the PATH")?;
    let root = PathBuf::from(output(Command::new(&rustc).args(["--print", "sysroot"]))?);
    let host = output(Command::new(&rustc).args(["--print", "host-tuple"]))?;
    let place = Path::new("lib/rustlib").join(host).join("bin");
    let own = root.join(&place).join("rust-lld");
    if !own.is_file() {
        bail!("the installed Rust has no {}; run `rustup target add {TARGET}`", own.display());
    }
    let there = tree.join("usr").join(place);
    fs::create_dir_all(&there)?;
    std::os::unix::fs::symlink(own, there.join("rust-lld")).context("cannot link to rust-lld")
}

/// The compiler with its libraries, as one program. It finds them beside itself, because the folder is moved later.
fn wrapper(folder: &Path) -> Result<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let libraries = format!("tree/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
    let text = format!(
        "#!/bin/sh\nhere=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd)\nLD_LIBRARY_PATH=\"$here/{libraries}\" exec \"$here/tree/usr/bin/rustc\" \"$@\"\n"
    );
    let path = compiler(folder);
    fs::write(&path, text)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// Builds the standard library, and puts it where a compiler looks for it.
fn library(folder: &Path, tree: &Path, rustc: &Path) -> Result<()> {
    let project = folder.join("nothing");
    fs::create_dir_all(project.join("src"))?;
    fs::write(project.join("Cargo.toml"), MANIFEST)?;
    fs::write(project.join("src/lib.rs"), "#![no_std]\n")?;
    run(cargo(&["build", "--quiet", "--release", "--target", TARGET])
        .current_dir(&project)
        .env("RUSTC", rustc)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort")
        .env("CARGO_TARGET_DIR", project.join("target"))
        // As the official one: for projects that are optimised as a whole, and for others.
        .env("RUSTFLAGS", "-Cembed-bitcode=yes"))?;
    let there = tree.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&there)?;
    for file in fs::read_dir(project.join("target").join(TARGET).join("release/deps"))? {
        let file = file?;
        if file.path().extension().is_some_and(|ending| ending == "rlib") {
            fs::copy(file.path(), there.join(file.file_name()))?;
        }
    }
    // Hundreds of megabytes that nobody needs any more.
    fs::remove_dir_all(tree.join("usr/src"))?;
    Ok(fs::remove_dir_all(project)?)
}
