//! `object export`

use super::{ExportArgs, Format};
use crate::cli::https::Answer;
use crate::cli::module::installed::client::Client;
use crate::cli::output;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) async fn export(args: &ExportArgs) -> Result<ExitCode> {
    let ExportArgs { collection, output, format, filters, service } = args;
    if service.json && output.is_none() {
        bail!("--json says what was written, so the objects go elsewhere: name a file with -o FILE");
    }
    let format = Format::of(*format, output.as_deref());
    let mut query = vec![("format", format.name())];
    for filter in filters {
        query.push(filter.split_once('=').with_context(|| format!("--where {filter} is no NAME=VALUE"))?);
    }
    let client = Client::of(service)?;
    let response = client.open("GET", &format!("{}/export", collection.0), &query, &[], None).await?;
    let mut writing = Writing::to(output.as_deref())?;
    let bytes = match copied(response, &mut writing).await {
        Ok(bytes) => bytes,
        Err(error) => {
            writing.discard();
            return Err(error);
        }
    };
    writing.finish()?;
    match output {
        Some(path) if service.json => output::json(&json!({ "file": path, "bytes": bytes, "format": format.name() })),
        Some(path) => output::line(format!("{}: {bytes} bytes", path.display())),
        None => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn copied(mut response: Answer, writing: &mut Writing) -> Result<u64> {
    let (bar, mut bytes) = (output::counting("bytes"), 0);
    while let Some(part) = response.piece().await.context("the export broke off, and is not whole; run it again")? {
        writing.write(&part)?;
        bytes += part.len() as u64;
        bar.set_position(bytes);
    }
    bar.finish_and_clear();
    Ok(bytes)
}

/// A file that is there as a whole or not at all: it is written under another name first.
enum Writing {
    Whole { path: PathBuf, part: PathBuf, file: File },
    Out(std::io::Stdout),
}

impl Writing {
    fn to(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else { return Ok(Self::Out(std::io::stdout())) };
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let file = File::create(&part).with_context(|| format!("{} cannot be made", part.display()))?;
        Ok(Self::Whole { path: path.to_owned(), part, file })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Whole { file, part, .. } => {
                file.write_all(bytes).with_context(|| format!("{} cannot be written", part.display()))
            }
            Self::Out(out) => out.write_all(bytes).context("the standard output cannot be written"),
        }
    }

    /// Leaves nothing of a file that is not whole.
    fn discard(self) {
        if let Self::Whole { part, .. } = self {
            let _ = std::fs::remove_file(part);
        }
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Whole { path, part, file } => {
                file.sync_all()?;
                std::fs::rename(&part, &path).with_context(|| format!("{} cannot be written", path.display()))
            }
            Self::Out(mut out) => Ok(out.flush()?),
        }
    }
}
