//! What the commands are given: a module's folder, or its package file.

use super::build::built;
use anyhow::{Context, ensure};
use modules::{MAX_ARCHIVE_BYTES, Package};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The package in a folder, with its code built, or in a package file.
pub(super) fn package(path: &Path) -> anyhow::Result<Package> {
    match path.is_file() {
        true => Package::from_archive(&bytes(path)?).with_context(|| path.display().to_string()),
        false => built(path, Package::read(path).context("the folder cannot be taken as a module")?),
    }
}

/// A package file. One that is far too large is not read to its end.
pub(super) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = MAX_ARCHIVE_BYTES as u64 + 1;
    let read = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    read.with_context(|| path.display().to_string())?;
    Ok(bytes)
}

/// A text file that is short.
pub(super) fn text(path: &Path) -> anyhow::Result<String> {
    const MOST: u64 = 65_536;
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_string(&mut text));
    read.with_context(|| path.display().to_string())?;
    ensure!(text.len() as u64 <= MOST, "{} has more than {MOST} bytes; is it the right file?", path.display());
    Ok(text)
}
