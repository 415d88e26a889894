//! Running other programs, and telling what is being done.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Tells the person at the terminal what happens next. Standard error, because standard output belongs to the programs we run.
pub(crate) fn say(sentence: impl AsRef<str>) {
    eprintln!("xtask: {}", sentence.as_ref());
}

/// The folder of the workspace, whatever folder the command was called from.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Cargo's target folder. This program lies in `<target>/<profile>`, which is right whatever the configuration says.
pub(crate) fn target() -> Result<PathBuf> {
    let profile = profile_folder()?;
    Ok(profile.parent().context("the target folder has no parent")?.to_owned())
}

/// Where the programs of this build lie, `<target>/debug`.
pub(crate) fn profile_folder() -> Result<PathBuf> {
    let own = std::env::current_exe().context("cannot tell where this program lies")?;
    Ok(own.parent().context("this program lies in no folder")?.to_owned())
}

/// The cargo that started us, in the root of the workspace.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Runs a command whose output the person sees.
///
/// # Errors
/// If it cannot be started or does not end with success; the message repeats the command line.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = line(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs a command quietly and returns what it printed, without the white space around it.
///
/// # Errors
/// If it cannot be started or does not end with success; the message carries what it printed on standard error.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let line = line(command);
    let done = command.stdin(Stdio::null()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !done.status.success() {
        bail!("`{line}` failed ({}): {}", done.status, String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}

/// The first of these programs that is on the `PATH`, or exists if it is given with its folder.
pub(crate) fn find<P: AsRef<Path>>(names: &[P]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| find_one(name.as_ref(), &folders))
}

fn find_one(name: &Path, folders: &[PathBuf]) -> Option<PathBuf> {
    if name.is_absolute() {
        return name.is_file().then(|| name.to_owned());
    }
    folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file())
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_what_it_said() {
        let problem = output(Command::new("sh").args(["-c", "echo no luck >&2; exit 3"])).unwrap_err().to_string();
        assert!(problem.contains("sh -c"), "{problem}");
        assert!(problem.contains("no luck"), "{problem}");
    }

    #[test]
    fn programs_are_found_on_the_path_in_the_order_of_the_names() {
        let found = find(&["surely-not-installed-anywhere", "sh"]).unwrap();
        assert_eq!(found.file_name().unwrap(), "sh");
        assert_eq!(find(&["surely-not-installed-anywhere"]), None);
    }

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("xtask/Cargo.toml").is_file());
    }
}
