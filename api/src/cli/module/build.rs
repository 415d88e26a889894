//! The code of a module, built from its crate by the author's own Rust.

use crate::cli::output;
use anyhow::{Context, bail, ensure};
use modules::{Package, yaml};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// What code runs as.
const TARGET: &str = "wasm32-unknown-unknown";
/// So many lines of what cargo says are told: the first errors are at the end of a long build's progress.
const MOST_LINES: usize = 100;

/// The package of a folder with its code, if the manifest says under `code.build` what that is built from.
pub(super) fn built(folder: &Path, mut package: Package) -> anyhow::Result<Package> {
    let Some((build, file)) = wanted(&package) else { return Ok(package) };
    let source = folder.join(&build);
    let has_crate = source.join("Cargo.toml").is_file();
    ensure!(
        has_crate,
        "module.yaml builds its code from {build}, and there is no {build}/Cargo.toml; add it, or leave out code.build"
    );
    let wasm = compile(&source)?;
    let bytes = std::fs::read(&wasm).with_context(|| wasm.display().to_string())?;
    package.put(file, bytes);
    Ok(package)
}

/// `code.build` and `code.file`. Whatever else is wrong with the manifest is told when it is checked.
fn wanted(package: &Package) -> Option<(String, String)> {
    let (document, _) = yaml::read(package.text("module.yaml").ok()?);
    let text = |name: &str| document.value.pointer(name)?.as_str().map(str::to_owned);
    let (build, file) = (text("/code/build")?, text("/code/file")?);
    let inside = |path: &str| path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'));
    (inside(&build) && inside(&file)).then_some((build, file))
}

/// Builds a crate; the file that came of it.
fn compile(source: &Path) -> anyhow::Result<PathBuf> {
    let bar = output::progress(1, "building the code");
    bar.enable_steady_tick(Duration::from_millis(100));
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--target", TARGET, "--message-format=json-render-diagnostics"]);
    let done = cargo.current_dir(source).stdin(Stdio::null()).output();
    bar.finish_and_clear();
    let done =
        done.context("the code is written in Rust, and cargo cannot be started; install it from https://rustup.rs")?;
    if !done.status.success() {
        bail!("the code in {} does not build:\n{}", source.display(), said(&done.stderr));
    }
    made(source, &done.stdout)
}

/// What cargo says, and what to do where the target is missing: that is no error of the author's.
fn said(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    let lines: Vec<&str> = text.trim_end().lines().collect();
    let shown = lines.get(lines.len().saturating_sub(MOST_LINES)..).unwrap_or_default().join("\n");
    match text.contains(&format!("the `{TARGET}` target may not be installed")) {
        true => format!("{shown}\nRust has nothing for {TARGET} here yet; run `rustup target add {TARGET}` once"),
        false => shown,
    }
}

/// The file that cargo names: only cargo knows where its folder is.
fn made(source: &Path, stdout: &[u8]) -> anyhow::Result<PathBuf> {
    let own = source.join("Cargo.toml").canonicalize()?;
    let messages = String::from_utf8_lossy(stdout).into_owned();
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_crate = |message: &Value| message["manifest_path"].as_str().is_some_and(|path| Path::new(path) == own);
    let mut files =
        messages.filter(of_crate).flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default());
    let wasm = files.find_map(|file| file.as_str().filter(|path| path.ends_with(".wasm")).map(PathBuf::from));
    wasm.with_context(|| {
        format!("the crate in {} makes no WebAssembly; add `crate-type = [\"cdylib\"]` under [lib]", source.display())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(code: &str) -> Package {
        Package::of_files([("module.yaml".to_owned(), format!("name: travel\ncode: {code}\n").into_bytes())])
    }

    #[test]
    fn what_is_built_stands_in_the_manifest() {
        let named = wanted(&with("{ file: code.wasm, build: code }"));
        assert_eq!(named, Some(("code".to_owned(), "code.wasm".to_owned())));
        for other in [
            "{ file: code.wasm }",
            "{ build: code }",
            "{ file: code.wasm, build: ../code }",
            "{ file: a, build: /tmp }",
        ] {
            assert_eq!(wanted(&with(other)), None, "{other}");
        }
    }

    #[test]
    fn a_target_that_is_missing_is_told_with_the_remedy() {
        let told = said(b"error[E0463]: can't find crate for `std`\n  = note: the `wasm32-unknown-unknown` target may not be installed\n");
        assert!(told.ends_with("run `rustup target add wasm32-unknown-unknown` once"), "{told}");
        let long = (0..500).map(|n| format!("{n}\n")).collect::<String>();
        assert!(said(long.as_bytes()).starts_with("400\n") && said(b"error: no").ends_with("error: no"));
    }

    #[test]
    fn a_crate_that_is_missing_is_told() {
        let error =
            built(Path::new("/nowhere"), with("{ file: code.wasm, build: code }")).err().map(|error| error.to_string());
        assert!(error.is_some_and(|error| error.contains("there is no code/Cargo.toml")));
    }
}
