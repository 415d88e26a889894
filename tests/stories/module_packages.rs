//! `countersign module pack`, `key`, `sign`, `verify` and `info`: a folder becomes a file that others can trust.

use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use anyhow::{Result, ensure};
use serde_json::Value;
use std::path::Path;

const PURCHASING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/purchasing");

async fn module(arguments: &[&str]) -> Result<Ended> {
    let arguments: Vec<&str> = std::iter::once("module").chain(arguments.iter().copied()).collect();
    Program::find()?.run(&arguments).await
}

async fn fine(arguments: &[&str]) -> Result<String> {
    let ended = module(arguments).await?;
    ensure!(ended.code == Some(0), "{arguments:?}: {}{}", ended.out, ended.err);
    Ok(ended.out)
}

async fn refused(arguments: &[&str]) -> Result<String> {
    let ended = module(arguments).await?;
    ensure!(ended.code == Some(1), "{arguments:?} was not refused: {}{}", ended.out, ended.err);
    Ok(format!("{}{}", ended.out, ended.err))
}

fn path(folder: &Folder, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

#[tokio::test]
async fn a_folder_packed_twice_is_the_same_file() -> Result<()> {
    let folder = Folder::new()?;
    let (one, two) = (path(&folder, "one.csmod"), path(&folder, "two.csmod"));
    let said = fine(&["pack", PURCHASING, "--output", &one]).await?;
    ensure!(said.starts_with(&format!("{one}: ")) && said.contains("sha256:"), "{said}");
    fine(&["pack", PURCHASING, "--output", &two]).await?;
    ensure!(std::fs::read(&one)? == std::fs::read(&two)?, "the two differ");
    ensure!(fine(&["check", &one]).await? == "purchasing 0.1.0: fine\n");
    let info: Value = serde_json::from_str(&fine(&["info", "--json", &one]).await?)?;
    ensure!(info["name"] == "purchasing" && info["signed"] == false && info["objects"][1] == "orders", "{info}");
    Ok(())
}

#[tokio::test]
async fn a_signature_holds_until_a_byte_changes() -> Result<()> {
    let folder = Folder::new()?;
    let file = path(&folder, "purchasing-0.1.0.csmod");
    let (mine, other) = (path(&folder, "mine"), path(&folder, "other"));
    fine(&["pack", PURCHASING, "--output", &file]).await?;
    fine(&["key", &mine, "--no-password"]).await?;
    fine(&["key", &other, "--no-password"]).await?;
    let public = format!("{mine}.pub");
    let said = refused(&["verify", &file, "--key", &public]).await?;
    ensure!(said.contains("the package is not signed"), "{said}");
    fine(&["sign", &file, "--key", &format!("{mine}.key")]).await?;
    let said = fine(&["verify", &file, "--key", &public]).await?;
    ensure!(said == format!("{file}: signed with this key, as \"purchasing 0.1.0\"\n"), "{said}");
    let said = refused(&["verify", &file, "--key", &format!("{other}.pub")]).await?;
    ensure!(said.contains("signed with another key"), "{said}");
    let said = refused(&["key", &mine, "--no-password"]).await?;
    ensure!(said.contains("is there already"), "{said}");
    changed(Path::new(&file))?;
    refused(&["verify", &file, "--key", &public]).await?;
    Ok(())
}

/// Flips a bit in the middle.
fn changed(file: &Path) -> Result<()> {
    let mut bytes = std::fs::read(file)?;
    let middle = bytes.len() / 2;
    bytes.iter_mut().skip(middle).take(1).for_each(|byte| *byte ^= 1);
    Ok(std::fs::write(file, bytes)?)
}

#[tokio::test]
async fn what_is_not_in_order_is_not_packed() -> Result<()> {
    let folder = Folder::new()?;
    std::fs::write(folder.path().join("module.yaml"), "name: travel\nversion: 1\n")?;
    let said = refused(&["pack", &folder.path().display().to_string()]).await?;
    ensure!(said.contains("is not packed") && said.contains("module.yaml:2:1"), "{said}");
    ensure!(std::fs::read_dir(folder.path())?.count() == 1, "something was written");
    std::fs::write(folder.path().join("not.csmod"), "PK\u{3}\u{4}")?;
    let said = refused(&["check", &path(&folder, "not.csmod")]).await?;
    ensure!(said.contains("not.csmod: it is no package: it does not begin like a zstd file"), "{said}");
    Ok(())
}

#[tokio::test]
async fn shells_complete() -> Result<()> {
    for shell in ["bash", "zsh", "fish"] {
        let ended = Program::find()?.run(&["completions", shell]).await?;
        ensure!(ended.code == Some(0) && ended.out.contains("verify"), "{shell}: {}", ended.err);
    }
    Ok(())
}
