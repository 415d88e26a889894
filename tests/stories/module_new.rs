//! `countersign module new`: what it writes is in order, passes its own scenarios and can be packed, as it is.

use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use anyhow::{Result, ensure};
use std::path::Path;

async fn module(arguments: &[&str]) -> Result<Ended> {
    let arguments: Vec<&str> = std::iter::once("module").chain(arguments.iter().copied()).collect();
    Program::find()?.run(&arguments).await
}

async fn fine(arguments: &[&str]) -> Result<String> {
    let ended = module(arguments).await?;
    ensure!(ended.code == Some(0), "{arguments:?}: {}{}", ended.out, ended.err);
    Ok(ended.out)
}

/// A new module with these flags passes everything.
async fn passes(flags: &[&str], scenarios: usize) -> Result<()> {
    let parent = Folder::new()?;
    let folder = parent.path().join("made").display().to_string();
    let new: Vec<&str> = ["new", "--yes", "--folder", &folder].into_iter().chain(flags.iter().copied()).collect();
    fine(&new).await?;
    fine(&["check", &folder]).await?;
    let said = fine(&["test", &folder]).await?;
    ensure!(
        said.ends_with(&format!("{scenarios} scenario{} passed, 0 failed\n", if scenarios == 1 { "" } else { "s" })),
        "{said}"
    );
    fine(&["pack", &folder]).await?;
    let packed = Path::new(&folder)
        .read_dir()?
        .flatten()
        .find(|entry| entry.path().extension().is_some_and(|ending| ending == "csmod"));
    let packed = packed.map(|entry| entry.path().display().to_string()).unwrap_or_default();
    ensure!(fine(&["check", &packed]).await?.ends_with(": fine\n"));
    Ok(())
}

#[tokio::test]
async fn with_an_approval() -> Result<()> {
    passes(&["--name", "travel", "--object", "request", "--workflow", "approval"], 4).await
}

#[tokio::test]
async fn with_several_objects() -> Result<()> {
    passes(&["--name", "it-equipment", "--object", "laptop", "--object", "spare-battery"], 8).await
}

#[tokio::test]
async fn with_objects_only() -> Result<()> {
    passes(&["--name", "library", "--object", "book", "--workflow", "none"], 1).await
}

#[tokio::test]
async fn nothing_that_is_there_is_changed() -> Result<()> {
    let folder = Folder::new()?;
    std::fs::write(folder.path().join("letter.txt"), "mine")?;
    let path = folder.path().display().to_string();
    let ended = module(&["new", "--name", "travel", "--yes", "--folder", &path]).await?;
    ensure!(
        ended.code == Some(1) && ended.err.contains("is there already, and is not changed"),
        "{}{}",
        ended.out,
        ended.err
    );
    ensure!(folder.path().read_dir()?.count() == 1, "something was written");
    for name in ["Travel", "a--b", "1st", "../up"] {
        let ended = module(&["new", "--name", name, "--yes", "--folder", &format!("{path}/new")]).await?;
        ensure!(ended.code == Some(1) && ended.err.contains("is no name; use small letters"), "{name}: {}", ended.err);
    }
    let ended = module(&["new", "--yes"]).await?;
    ensure!(ended.code == Some(1) && ended.err.contains("--name is missing"), "{}", ended.err);
    Ok(())
}

#[tokio::test]
async fn inventory_does_what_its_scenarios_say() -> Result<()> {
    let inventory = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/inventory");
    let said = fine(&["test", inventory]).await?;
    ensure!(said.ends_with("4 scenarios passed, 0 failed\n"), "{said}");
    Ok(())
}
