//! `module key`, `module sign` and `module verify`: who packed a package.

use super::{pack, source};
use crate::cli::output;
use anyhow::{Context, ensure};
use clap::Args;
use modules::signature::{NewKey, PublicKey, SecretKey};
use serde_json::json;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The variable that holds a key's password, for programs.
const PASSWORD: &str = "COUNTERSIGN_KEY_PASSWORD";

/// What `module key` takes.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// The name of the two files: NAME.key, which you keep, and NAME.pub, which you give away
    #[arg(default_value = "module")]
    name: PathBuf,
    /// Whoever has the file may sign; for programs
    #[arg(long)]
    no_password: bool,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What `module sign` takes.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// The package file; it is signed in place
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The secret key, as module key or minisign made it
    #[arg(long, default_value = "module.key")]
    key: PathBuf,
    /// What those who verify it are shown; name and version if absent
    #[arg(long)]
    comment: Option<String>,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// What `module verify` takes.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// The package file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The public key: its file, or the text that begins with RW
    #[arg(long, default_value = "module.pub")]
    key: String,
    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

pub(super) fn key(args: &KeyArgs) -> anyhow::Result<ExitCode> {
    let file = |ending: &str| PathBuf::from(format!("{}.{ending}", args.name.display()));
    let (secret, public) = (file("key"), file("pub"));
    for path in [&secret, &public] {
        ensure!(
            !path.exists(),
            "{} is there already; what it signed could not be signed again without it",
            path.display()
        );
    }
    let password = if args.no_password { None } else { Some(new_password()?) };
    let key = NewKey::generate(password)?;
    write_new(&secret, &key.secret, 0o600)?;
    write_new(&public, &key.public, 0o644)?;
    let line = key.public.lines().last().unwrap_or_default();
    match args.json {
        true => output::json(&json!({ "secret": secret, "public": public, "key": line })),
        false => {
            output::line(format!("{}: keep it, nobody can make it again", secret.display()));
            output::line(format!("{}: give it to those who verify: {line}", public.display()));
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn sign(args: &SignArgs) -> anyhow::Result<ExitCode> {
    ensure!(args.file.is_file(), "{} is no package file; make one with module pack", args.file.display());
    let package = source::package(&args.file)?;
    let manifest = package.manifest()?;
    let secret = SecretKey::read(&source::text(&args.key)?, given_password()?)?;
    let comment = args.comment.clone().unwrap_or_else(|| format!("{} {}", manifest.name, manifest.version));
    ensure!(!comment.contains(['\n', '\r']), "a comment is one line");
    let packed = pack::write(&secret.sign(&package, &comment)?, Some(&args.file), Path::new("."))?;
    match args.json {
        true => output::json(&packed),
        false => output::line(format!("{}: signed as \"{comment}\"", packed.file)),
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn verify(args: &VerifyArgs) -> anyhow::Result<ExitCode> {
    ensure!(args.file.is_file(), "{} is no package file", args.file.display());
    let package = source::package(&args.file)?;
    let key = match args.key.starts_with("RW") && !Path::new(&args.key).exists() {
        true => args.key.clone(),
        false => source::text(Path::new(&args.key))?,
    };
    let comment = PublicKey::read(&key)?.verify(&package).with_context(|| args.file.display().to_string())?;
    match args.json {
        true => output::json(&json!({ "file": args.file, "comment": comment, "digest": package.digest() })),
        false => output::line(format!("{}: signed with this key, as \"{comment}\"", args.file.display())),
    }
    Ok(ExitCode::SUCCESS)
}

/// A password for a new key. At a terminal it is asked for by the key itself.
fn new_password() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(password);
    }
    ensure!(
        std::io::stdin().is_terminal(),
        "there is no terminal to ask for a password at: set {PASSWORD}, or give --no-password"
    );
    let password = rpassword::prompt_password("Password for the new key: ")?;
    ensure!(password == rpassword::prompt_password("The same once more: ")?, "the passwords differ");
    Ok(password)
}

/// The password of a key. `None` has the key ask at the terminal, should it have one.
fn given_password() -> anyhow::Result<Option<String>> {
    match std::env::var(PASSWORD) {
        Ok(password) => Ok(Some(password)),
        // Asking would wait for an answer that nobody can give.
        Err(_) if !std::io::stdin().is_terminal() => Ok(Some(String::new())),
        Err(_) => Ok(None),
    }
}

fn write_new(path: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    let file = File::options().create_new(true).write(true).mode(mode).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
    written.with_context(|| format!("cannot write {}", path.display()))
}
