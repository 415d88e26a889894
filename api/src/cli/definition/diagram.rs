//! `definition diagram`: a definition as a picture, and how an instance went through it.

use super::super::output;
use super::source;
use anyhow::Context;
use clap::{Args, ValueEnum};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use workflow::Entry;
use workflow::diagram::{self, Highlight};

/// Draw a definition, as SVG or for Mermaid.
#[derive(Debug, Args)]
pub(crate) struct DiagramArgs {
    /// The definition; - is the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// As what it is drawn
    #[arg(long, value_enum, default_value_t = Format::Svg)]
    format: Format,
    /// The history of an instance, whose way is shown: a list of entries, or what `definition run --json` prints
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Svg,
    Mermaid,
}

pub(super) fn run(args: &DiagramArgs) -> anyhow::Result<ExitCode> {
    let (_, document) = source::definition(&args.file)?;
    let highlight = match &args.history {
        Some(path) => Highlight::of(&history(path)?),
        None => Highlight::default(),
    };
    let drawn = match args.format {
        Format::Svg => diagram::svg(&document, &highlight),
        Format::Mermaid => diagram::mermaid(&document),
    };
    output::line(drawn.trim_end());
    Ok(ExitCode::SUCCESS)
}

fn history(path: &Path) -> anyhow::Result<Vec<Entry>> {
    let entries = match source::json(path)? {
        Value::Object(mut report) => ["entries", "events"].iter().find_map(|name| report.shift_remove(*name)),
        list => Some(list),
    };
    let entries = entries.with_context(|| format!("{} has no entries", source::name(path)))?;
    serde_json::from_value(entries).with_context(|| format!("{} is not a history", source::name(path)))
}
