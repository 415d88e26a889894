//! `module info`: what is in a package.

use super::source;
use crate::cli::output;
use clap::Args;
use modules::{Manifest, Package};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;

/// What `module info` takes.
#[derive(Debug, Args)]
pub(crate) struct InfoArgs {
    /// The package file, or the module's folder
    #[arg(value_name = "FILE|FOLDER")]
    module: PathBuf,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &InfoArgs) -> anyhow::Result<ExitCode> {
    let package = source::package(&args.module)?;
    let manifest = package.manifest()?;
    match args.json {
        true => output::json(&document(&package, &manifest)),
        false => print(&package, &manifest),
    }
    Ok(ExitCode::SUCCESS)
}

fn document(package: &Package, manifest: &Manifest) -> Value {
    let files: Vec<Value> =
        package.files().map(|(path, bytes)| json!({ "path": path, "bytes": bytes.len() })).collect();
    json!({
        "name": manifest.name,
        "version": manifest.version.to_string(),
        "title": manifest.title,
        "description": manifest.description,
        "licence": manifest.licence,
        "digest": package.digest(),
        "signed": package.signature().is_some(),
        "objects": manifest.objects.iter().map(|object| &object.collection).collect::<Vec<_>>(),
        "workflows": manifest.workflows.iter().map(|workflow| &workflow.name).collect::<Vec<_>>(),
        "permissions": manifest.permissions.iter().map(|permission| &permission.name).collect::<Vec<_>>(),
        "publishes": manifest.event_types().collect::<Vec<_>>(),
        "consumes": manifest.consumes.iter().map(|known| &known.kind).collect::<Vec<_>>(),
        "mails": manifest.mails.iter().map(|mail| &mail.name).collect::<Vec<_>>(),
        "files": files,
    })
}

fn print(package: &Package, manifest: &Manifest) {
    let document = document(package, manifest);
    output::line(format!("{} {}: {}", manifest.name, manifest.version, manifest.title));
    output::line(&manifest.description);
    let signed = if package.signature().is_some() { "yes; module verify says by which key" } else { "no" };
    row("licence", &manifest.licence);
    row("digest", &format!("sha256:{}", package.digest()));
    row("signed", signed);
    for name in ["objects", "workflows", "permissions", "publishes", "consumes", "mails"] {
        let listed: Vec<&str> = document[name].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        if !listed.is_empty() {
            row(name, &listed.join(", "));
        }
    }
    let bytes: usize = package.files().map(|(_, bytes)| bytes.len()).sum();
    row("files", &format!("{} with {bytes} bytes", package.files().count()));
}

fn row(name: &str, value: &str) {
    output::line(format!("{name:<12} {value}"));
}
