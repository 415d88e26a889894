//! `pdftotext` and `pdftoppm`: what a rendered document says and how it looks.

use anyhow::{Result, bail};

use super::apt;
use crate::run::{find, say};

/// Makes sure that both programs are on the `PATH`.
///
/// # Errors
/// If they are missing and cannot be installed; the message says how to get them.
pub(crate) fn get() -> Result<()> {
    if !is_here() {
        apt::install("pdftotext and pdftoppm (poppler)", &["poppler-utils"])?;
    }
    if !is_here() {
        bail!("pdftotext and pdftoppm were installed but are not on the PATH");
    }
    say("PDF tools: pdftotext and pdftoppm found");
    Ok(())
}

fn is_here() -> bool {
    find(&["pdftotext"]).is_some() && find(&["pdftoppm"]).is_some()
}
