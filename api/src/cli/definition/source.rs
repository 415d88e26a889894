//! Files that commands read: a path, or `-` for the standard input.

use super::placed::placed;
use anyhow::{Context, bail};
use serde_json::Value;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use workflow::Problem;
use workflow::definition::{Definition, MAX_DEFINITION_BYTES};

/// What the standard input is called among files.
const STANDARD_INPUT: &str = "-";

/// Where a file comes from, ready to be read.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    match path.to_str() {
        Some(STANDARD_INPUT) => Ok(Box::new(io::stdin())),
        _ => Ok(Box::new(File::open(path)?)),
    }
}

/// What people call it.
pub(super) fn name(path: &Path) -> String {
    match path.to_str() {
        Some(STANDARD_INPUT) => "standard input".to_owned(),
        _ => path.display().to_string(),
    }
}

/// The text of a file that is about as large as a definition may be; no file is read to its end that is far too large.
pub(super) fn text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    open(path)?.take(MAX_DEFINITION_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_DEFINITION_BYTES {
        // It is refused for its size; the cut may go through a letter.
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// A JSON file.
pub(super) fn json(path: &Path) -> anyhow::Result<Value> {
    let text = text(path).with_context(|| name(path))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", name(path)))
}

/// A definition that is accepted, and its document.
pub(super) fn definition(path: &Path) -> anyhow::Result<(Definition, Value)> {
    let text = text(path).with_context(|| name(path))?;
    match Definition::parse_text(&text) {
        Ok(definition) => Ok((definition, serde_json::from_str(&text)?)),
        Err(problems) => bail!("{} is refused:\n{}", name(path), lines(&text, problems)),
    }
}

/// Problems, one a line.
fn lines(text: &str, problems: Vec<Problem>) -> String {
    placed(text, problems).iter().map(|problem| problem.line("")).collect::<Vec<_>>().join("\n")
}
