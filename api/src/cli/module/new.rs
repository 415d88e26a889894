//! `module new`: a module to begin with, which passes `check` and `test` as it is.

use crate::cli::output;
use anyhow::{Context, bail, ensure};
use clap::{Args, ValueEnum};
use modules::Package;
use modules::scaffold::{Decides, NewModule, Sdk, check_name};
use serde_json::json;
use std::fs::create_dir_all;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What `module new` takes. What is missing is asked for at a terminal.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The module's name, such as travel
    #[arg(long)]
    name: Option<String>,
    /// What one of its objects is called, such as request; may be given several times
    #[arg(long = "object", value_name = "OBJECT")]
    objects: Vec<String>,
    /// Who decides on an object
    #[arg(long, value_enum)]
    workflow: Option<Workflow>,
    /// Whether it has code of its own
    #[arg(long, value_enum)]
    code: Option<Code>,
    /// The folder of the crate countersign-module, in place of the published one
    #[arg(long, value_name = "FOLDER", env = "COUNTERSIGN_SDK")]
    sdk: Option<PathBuf>,
    /// Where to write it; a folder of the module's name if absent
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Ask nothing: what is missing is request, approval and no code
    #[arg(long, short)]
    yes: bool,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// Who decides on an object.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Workflow {
    /// The manager of whoever makes it
    Approval,
    /// Nobody: objects are kept only
    None,
}

/// Whether a module has code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Code {
    /// None: its files say everything
    None,
    /// A crate in its folder code, for WebAssembly
    Rust,
}

pub(super) fn run(args: &NewArgs) -> anyhow::Result<ExitCode> {
    let asks = !args.yes && !args.json && std::io::stdin().is_terminal();
    let name = given(args.name.clone(), asks, "What is the module called?", None)
        .context("--name is missing, such as --name travel")?;
    check_name(&name)?;
    let objects = match args.objects.as_slice() {
        [] => vec![given(None, asks, "What is one of its objects called?", Some("request")).unwrap_or_default()],
        some => some.to_vec(),
    };
    let workflow = match args.workflow {
        Some(workflow) => workflow,
        None => asked_workflow(asks)?,
    };
    let workflow = match workflow {
        Workflow::Approval => Decides::Manager,
        Workflow::None => Decides::Nobody,
    };
    let code = match args.code {
        Some(code) => code,
        None => asked_code(asks)?,
    };
    let code = if code == Code::Rust { Some(sdk(args.sdk.as_deref())?) } else { None };
    let folder = args.folder.clone().unwrap_or_else(|| PathBuf::from(&name));
    let package = NewModule { name: name.clone(), objects, workflow, code }.package()?;
    write(&package, &folder)?;
    tell(&package, &name, &folder, args.json);
    Ok(ExitCode::SUCCESS)
}

/// A flag, an answer, or what is taken without one.
fn given(flag: Option<String>, asks: bool, question: &str, otherwise: Option<&str>) -> Option<String> {
    if flag.is_some() {
        return flag;
    }
    let answer = if asks { ask(question, otherwise) } else { None };
    answer.or_else(|| otherwise.map(str::to_owned))
}

fn asked_workflow(asks: bool) -> anyhow::Result<Workflow> {
    let answer = given(None, asks, "Who decides on it: approval (the manager) or none?", Some("approval"));
    match answer.as_deref() {
        None | Some("approval") => Ok(Workflow::Approval),
        Some("none") => Ok(Workflow::None),
        Some(other) => bail!("\"{other}\" is neither approval nor none"),
    }
}

fn asked_code(asks: bool) -> anyhow::Result<Code> {
    match given(None, asks, "Does it have code of its own: rust or none?", Some("none")).as_deref() {
        None | Some("none") => Ok(Code::None),
        Some("rust") => Ok(Code::Rust),
        Some(other) => bail!("\"{other}\" is neither rust nor none"),
    }
}

fn sdk(folder: Option<&Path>) -> anyhow::Result<Sdk> {
    let Some(folder) = folder else { return Ok(Sdk::Published) };
    ensure!(
        folder.join("Cargo.toml").is_file(),
        "{} holds no crate; name the folder of countersign-module",
        folder.display()
    );
    let folder = folder.canonicalize().with_context(|| folder.display().to_string())?;
    Ok(Sdk::Folder(folder.display().to_string()))
}

fn ask(question: &str, otherwise: Option<&str>) -> Option<String> {
    let mut out = std::io::stdout().lock();
    let shown = otherwise.map(|otherwise| format!(" [{otherwise}]")).unwrap_or_default();
    write!(out, "{question}{shown} ").and_then(|()| out.flush()).ok()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).ok()?;
    let answer = answer.trim();
    (!answer.is_empty()).then(|| answer.to_owned())
}

/// Writes the files into a folder that is new or empty.
fn write(package: &Package, folder: &Path) -> anyhow::Result<()> {
    let is_free = folder.read_dir().map_or(!folder.exists(), |mut entries| entries.next().is_none());
    ensure!(is_free, "{} is there already, and is not changed; choose another name or --folder", folder.display());
    for (path, bytes) in package.files() {
        let path = folder.join(path);
        let made = path.parent().map_or(Ok(()), create_dir_all).and_then(|()| std::fs::write(&path, bytes));
        made.with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn tell(package: &Package, name: &str, folder: &Path, json: bool) {
    let files: Vec<&str> = package.files().map(|(path, _)| path).collect();
    if json {
        output::json(&json!({ "module": name, "folder": folder, "files": files }));
        return;
    }
    output::line(format!("{}: {} files", folder.display(), files.len()));
    output::line(format!("Next: cd {} && countersign module test", folder.display()));
}
