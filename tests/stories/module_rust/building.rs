//! From `module new --code rust` to a module that is installed.

use super::super::lifecycle::travel::installed;
use crate::support::folder::Folder;
use crate::support::process::Program;
use crate::support::{App, Database, stories};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

/// The crate that authors use, as it is here.
pub(super) const SDK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../modules/sdk");
const HOW: &str = "run the tests with `cargo xtask test`, or get it with `rustup target add wasm32-unknown-unknown`";

/// A command of an author in a folder. What it builds is kept beside other builds, so that a second run is short.
pub(super) fn author(folder: &Path, program: &Path, arguments: &[&str]) -> Result<String> {
    let target = Program::find()?.path().parent().context("the program lies in no folder")?.join("test-modules");
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).env("CARGO_TARGET_DIR", target).env("COUNTERSIGN_SDK", SDK);
    if let Some(rustc) = std::env::var_os("COUNTERSIGN_TEST_WASM_RUSTC") {
        command.env("RUSTC", rustc);
    }
    let done = command.output().with_context(|| format!("{} cannot be started", program.display()))?;
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    ensure!(done.status.success(), "{arguments:?}: {out}{err}\n(if WebAssembly is missing: {HOW})");
    Ok(out.into_owned())
}

/// The package of a folder.
pub(super) fn packed(folder: &Path) -> Result<Vec<u8>> {
    let file = folder.join("packed.csmod");
    author(folder, Program::find()?.path(), &["module", "pack", "--output", "packed.csmod"])?;
    Ok(std::fs::read(file)?)
}

/// A module as `module new` makes it, tested by its own tests and scenarios, and packed. Once for both databases.
fn new_module() -> Result<Vec<u8>> {
    static MADE: OnceLock<std::result::Result<Vec<u8>, String>> = OnceLock::new();
    let make = || -> Result<Vec<u8>> {
        let parent = Folder::new()?;
        let (folder, countersign) = (parent.path().join("travel"), Program::find()?);
        let new = [
            "module",
            "new",
            "--name",
            "travel",
            "--object",
            "request",
            "--workflow",
            "approval",
            "--code",
            "rust",
            "--yes",
        ];
        author(parent.path(), countersign.path(), &new)?;
        author(&folder.join("code"), Path::new("cargo"), &["test", "--quiet"])?;
        let said = author(&folder, countersign.path(), &["module", "test"])?;
        ensure!(said.ends_with("5 scenarios passed, 0 failed\n"), "{said}");
        packed(&folder)
    };
    MADE.get_or_init(|| make().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

stories! {
    async fn what_new_makes_with_code_is_tested_packed_and_installed(app: App) {
        installed(app, "/modules", &new_module()?).await?;
        let request = |subject: &str| json!({ "subject": subject, "amount": "12.00", "currency": "EUR" });
        let (status, refused) = app.call("eva", "POST", "/travel/requests", Some(&request("THREE DAYS"))).await?;
        ensure!(status == 422 && refused["errors"][0]["pointer"] == "/subject", "{status} {refused}");
        let (status, made) = app.call("eva", "POST", "/travel/requests", Some(&request(" Three days "))).await?;
        ensure!(status == 201 && made["data"]["subject"] == "Three days", "{status} {made}");
        app.work().await
    }
}

#[test]
fn what_is_packed_is_the_code_and_not_its_source() -> Result<()> {
    let package = modules::Package::from_archive(&new_module()?)?;
    let paths: Vec<&str> = package.files().map(|(path, _)| path).collect();
    ensure!(paths.contains(&"code.wasm") && !paths.iter().any(|path| path.starts_with("code/")), "{paths:?}");
    Ok(())
}

#[test]
fn code_that_does_not_build_is_told_as_the_compiler_tells_it() -> Result<()> {
    let parent = Folder::new()?;
    let countersign = Program::find()?;
    author(parent.path(), countersign.path(), &["module", "new", "--name", "travel", "--code", "rust", "--yes"])?;
    let folder = parent.path().join("travel");
    std::fs::write(folder.join("code/src/lib.rs"), "fn broken( {}")?;
    let error = author(&folder, countersign.path(), &["module", "check"]).err().map(|error| error.to_string());
    let error = error.context("code that does not build is packed")?;
    ensure!(error.contains("does not build") && error.contains("src/lib.rs:1"), "{error}");
    std::fs::remove_file(folder.join("code/Cargo.toml"))?;
    let error = author(&folder, countersign.path(), &["module", "pack"]).err().map(|error| error.to_string());
    ensure!(error.is_some_and(|error| error.contains("there is no code/Cargo.toml")));
    Ok(())
}
