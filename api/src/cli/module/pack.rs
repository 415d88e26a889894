//! `module pack`: the folder as one file.

use super::source;
use crate::cli::output;
use anyhow::{Context, bail};
use clap::Args;
use modules::{Package, PackageError};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `module pack` takes.
#[derive(Debug, Args)]
pub(crate) struct PackArgs {
    /// The module's folder, which holds module.yaml
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// Where to write the file; the folder's own name-version.csmod if absent
    #[arg(long, short)]
    output: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What was written.
#[derive(Debug, Serialize)]
pub(super) struct Packed {
    pub(super) file: String,
    module: String,
    version: String,
    /// What the package is known by.
    digest: String,
    files: usize,
    bytes: usize,
}

pub(super) fn run(args: &PackArgs) -> anyhow::Result<ExitCode> {
    let package = source::package(&args.folder)?;
    let packed = write(&package, args.output.as_deref(), &args.folder)?;
    match args.json {
        true => output::json(&packed),
        false => packed.print(),
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a package that is in order. The file is there whole or not at all.
pub(super) fn write(package: &Package, to: Option<&Path>, folder: &Path) -> anyhow::Result<Packed> {
    let manifest = match package.manifest() {
        Err(PackageError::Findings(findings)) => {
            let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
            bail!("the module is not in order, and is not packed:\n{}", lines.join("\n"));
        }
        other => other?,
    };
    let bytes = package.to_archive()?;
    let own = if folder == Path::new(".") { Path::new("") } else { folder };
    let path = to.map_or_else(|| own.join(manifest.file_name()), Path::to_path_buf);
    write_whole(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Packed {
        file: path.display().to_string(),
        module: manifest.name,
        version: manifest.version.to_string(),
        digest: package.digest(),
        files: package.files().count(),
        bytes: bytes.len(),
    })
}

/// Writes a file that is there whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let fresh = path.with_extension("csmod.new");
    std::fs::write(&fresh, bytes).and_then(|()| std::fs::rename(&fresh, path))
}

impl Packed {
    pub(super) fn print(&self) {
        let Self { file, digest, files, bytes, .. } = self;
        output::line(format!("{file}: {files} files, {bytes} bytes, sha256:{digest}"));
    }
}
