//! `countersign module`: what an author does before anybody installs a module. No database, no server.

use crate::support::folder::Folder;
use crate::support::process::{Ended, Program};
use anyhow::{Context, Result, ensure};
use serde_json::Value;
use std::path::Path;

const PURCHASING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../definitions/purchasing");

async fn module(arguments: &[&str]) -> Result<Ended> {
    let arguments: Vec<&str> = std::iter::once("module").chain(arguments.iter().copied()).collect();
    Program::find()?.run(&arguments).await
}

/// The folder of purchasing, with a text of its manifest replaced.
fn changed(folder: &Folder, from: &str, to: &str) -> Result<String> {
    copy(Path::new(PURCHASING), folder.path())?;
    let manifest = folder.path().join("module.yaml");
    let text = std::fs::read_to_string(&manifest)?;
    ensure!(text.contains(from), "{from} is gone");
    std::fs::write(&manifest, text.replacen(from, to, 1))?;
    Ok(folder.path().display().to_string())
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let (path, target) = (entry.as_ref().map_err(|error| anyhow::anyhow!("{error}"))?.path(), to);
        let target = target.join(path.file_name().context("a name")?);
        if path.is_dir() { copy(&path, &target)? } else { std::fs::copy(&path, &target).map(|_| ())? }
    }
    Ok(())
}

#[tokio::test]
async fn our_own_module_is_in_order() -> Result<()> {
    let ended = module(&["check", PURCHASING]).await?;
    ensure!(ended.code == Some(0) && ended.out == "purchasing 0.1.0: fine\n", "{}{}", ended.out, ended.err);
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_has_its_place_and_a_remedy() -> Result<()> {
    let folder = Folder::new()?;
    let path = changed(&folder, "version: 0.1.0\ntitle:", "version: 0.1\ntitel:")?;
    let ended = module(&["check", &path]).await?;
    let expected = "module.yaml:2:1: the field \"title\" is missing; add it, such as title: Purchasing\n\
                    module.yaml:3:1: 0.1 is no text; put it in quotes: \"0.1\"\n\
                    module.yaml:4:1: there is no field \"titel\"; did you mean \"title\"?\n\
                    refused, 3 problems\n";
    ensure!(ended.code == Some(1) && ended.out == expected, "{}{}", ended.out, ended.err);
    let ended = module(&["check", "--json", &path]).await?;
    let report: Value = serde_json::from_str(&ended.out)?;
    let problem = &report["problems"][1];
    ensure!(problem["file"] == "module.yaml" && problem["line"] == 3 && problem["pointer"] == "/version", "{report}");
    Ok(())
}

#[tokio::test]
async fn a_folder_that_is_no_module_is_refused() -> Result<()> {
    let folder = Folder::new()?;
    let path = folder.path().display().to_string();
    let ended = module(&["check", &path]).await?;
    ensure!(
        ended.code == Some(1) && ended.out.contains("the package has no manifest; add module.yaml"),
        "{}",
        ended.out
    );
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("module.yaml"))?;
    let ended = module(&["check", &path]).await?;
    ensure!(ended.code == Some(1) && ended.err.contains("it is a link or a device"), "{}{}", ended.out, ended.err);
    let ended = module(&["check", &format!("{path}/nowhere")]).await?;
    ensure!(ended.code == Some(1) && ended.err.contains("cannot be read"), "{}{}", ended.out, ended.err);
    Ok(())
}

#[tokio::test]
async fn the_schema_is_for_editors() -> Result<()> {
    let ended = module(&["schema"]).await?;
    let schema: Value = serde_json::from_str(&ended.out)?;
    ensure!(schema["properties"]["version"]["description"].is_string(), "{schema}");
    Ok(())
}
