//! `object`: the business objects of a company in files, through the REST API of a running service.

mod export;
mod import;

use super::module::installed::Service;
use clap::{Args, Subcommand, ValueEnum};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Objects: export them to files, import them from files
#[derive(Debug, Subcommand)]
pub(crate) enum ObjectCommand {
    /// Write the objects of a collection to a file, as CSV or JSON Lines
    Export(ExportArgs),
    /// Make objects of the rows of a file, or change those that are there
    Import(ImportArgs),
}

/// What is exported, and where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The collection, such as travel/trips
    #[arg(value_name = "MODULE/COLLECTION")]
    collection: Collection,
    /// The file; the standard output if absent
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// How it is written; by the end of the file's name if absent, else csv
    #[arg(long)]
    format: Option<Format>,
    /// Only what a filter lets through, such as status=active or 'filter[total][gte]=100'
    #[arg(long = "where", value_name = "NAME=VALUE")]
    filters: Vec<String>,
    #[command(flatten)]
    service: Service,
}

/// What is imported, and how.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The collection, such as travel/trips
    #[arg(value_name = "MODULE/COLLECTION")]
    collection: Collection,
    /// The file
    file: PathBuf,
    /// How it is written; by the end of the file's name if absent, else csv
    #[arg(long)]
    format: Option<Format>,
    /// Only say what would come of every row
    #[arg(long)]
    preview: bool,
    /// Change the object that has the same in this field, which is unique, or id
    #[arg(long, value_name = "FIELD")]
    key: Option<String>,
    /// Import the other rows if some are refused
    #[arg(long)]
    partial: bool,
    /// Import once more what was imported before: without --key, the same file is imported once
    #[arg(long, conflicts_with = "key")]
    again: bool,
    #[command(flatten)]
    service: Service,
}

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A table
    Csv,
    /// An object a line, as JSON
    Jsonl,
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    fn of(given: Option<Self>, file: Option<&Path>) -> Self {
        let end = file.and_then(Path::extension).and_then(|end| end.to_str()).unwrap_or_default();
        given.unwrap_or(if matches!(end, "jsonl" | "ndjson") { Self::Jsonl } else { Self::Csv })
    }
}

/// A collection of a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Collection(String);

impl std::str::FromStr for Collection {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        match text.split_once('/') {
            Some((module, collection)) if plain(module) && plain(collection) => Ok(Self(text.to_owned())),
            _ => Err("write module and collection with a slash between, such as travel/trips".to_owned()),
        }
    }
}

pub(crate) async fn run(command: &ObjectCommand) -> anyhow::Result<ExitCode> {
    match command {
        ObjectCommand::Export(args) => export::export(args).await,
        ObjectCommand::Import(args) => import::import(args).await,
    }
}
