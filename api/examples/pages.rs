//! Writes every sample page with its style sheet into a folder, to be looked at in a browser:
//! `cargo run -p api --example pages -- target/pages`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use api::pages::{FAVICON, STYLE_SHEET, samples};

fn main() -> anyhow::Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).context("name the folder to write to")?);
    std::fs::create_dir_all(&folder)?;
    write(&folder, "countersign.css", STYLE_SHEET)?;
    write(&folder, "favicon.svg", FAVICON)?;
    for (name, html) in samples::all()? {
        // A file has no server whose root the addresses could start from.
        write(&folder, &format!("{name}.html"), &html.replace("\"/assets/", "\""))?;
    }
    Ok(())
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))
}
