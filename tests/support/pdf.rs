//! What a PDF says, as `pdftotext` of Poppler reads it.

use super::folder::Folder;
use anyhow::{Result, ensure};
use std::io::ErrorKind;
use std::process::Command;

/// Its words, a blank between them. `None` on a machine without Poppler.
///
/// # Errors
/// If it is no PDF.
pub(crate) fn words(pdf: &[u8]) -> Result<Option<String>> {
    let folder = Folder::new()?;
    let file = folder.path().join("document.pdf");
    std::fs::write(&file, pdf)?;
    match Command::new("pdftotext").arg(&file).arg("-").output() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
        Ok(read) => {
            ensure!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
            let text = String::from_utf8_lossy(&read.stdout).into_owned();
            Ok(Some(text.split_whitespace().collect::<Vec<_>>().join(" ")))
        }
    }
}
