//! The rules of the repository that no compiler knows: who may use whom, which names stay in which file, twins among the
//! migrations, file lengths, links and examples in the documentation. `cargo xtask tidy` prints what is wrong; a test runs
//! the same check.

mod architecture;
mod docs;
mod files;
mod migrations;
mod source;

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::run::{root, say};

/// A file of the repository. The text of a binary file is empty.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Relative to the root, with `/` between the parts.
    path: String,
    text: String,
}

impl File {
    fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|extension| extension == "rs")
    }

    fn problem(&self, line: usize, what: impl Into<String>, remedy: impl Into<String>) -> Problem {
        Problem { path: self.path.clone(), line, what: what.into(), remedy: remedy.into() }
    }
}

/// A broken rule, its place and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    /// Counted from 1.
    line: usize,
    what: String,
    remedy: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.path, self.line, self.what, self.remedy)
    }
}

/// Rules see all files, so that each can be shown a small bad tree in its test.
type Rule = fn(&[File]) -> Vec<Problem>;

const RULES: [Rule; 13] = [
    architecture::arrows_go_up,
    architecture::the_service_does_not_know_its_first_module,
    architecture::one_file_names_the_queue,
    architecture::two_modules_name_a_driver,
    migrations::they_are_numbered_twins,
    migrations::they_only_add,
    files::rust_files_are_short,
    files::nothing_is_left_for_later,
    files::no_test_is_ignored,
    docs::links_lead_somewhere,
    docs::the_readme_has_two_commands,
    docs::json_blocks_parse,
    docs::json_files_parse,
];

/// Checks the repository.
///
/// # Errors
/// If a file cannot be read, or if a rule is broken: all problems with their places and remedies.
pub(crate) fn check() -> Result<()> {
    let problems = problems(&read(root())?);
    if problems.is_empty() {
        say("the repository is tidy");
        return Ok(());
    }
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    bail!("the repository is not tidy:\n{}", lines.join("\n"))
}

fn problems(files: &[File]) -> Vec<Problem> {
    let mut all: Vec<Problem> = RULES.iter().flat_map(|rule| rule(files)).collect();
    all.sort();
    all
}

/// All files that belong to the repository: not what is built, and of the hidden folders only those that we write.
fn read(root: &Path) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() && is_ours(&entry.file_name().to_string_lossy()) {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(read_file(root, &entry.path())?);
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn is_ours(folder: &str) -> bool {
    match folder {
        "target" | "node_modules" => false,
        ".ci" | ".cargo" | ".github" => true,
        other => !other.starts_with('.'),
    }
}

fn read_file(root: &Path, path: &Path) -> Result<File> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let relative = path.strip_prefix(root)?.components().map(|part| part.as_os_str().to_string_lossy());
    Ok(File { path: relative.collect::<Vec<_>>().join("/"), text: String::from_utf8(bytes).unwrap_or_default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tree in memory.
    pub(super) fn tree(files: &[(&str, &str)]) -> Vec<File> {
        files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
    }

    /// Where a rule finds problems, as `path:line`.
    pub(super) fn places(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
        rule(&tree(files)).iter().map(|problem| format!("{}:{}", problem.path, problem.line)).collect()
    }

    #[test]
    fn the_repository_is_tidy() {
        if let Err(problem) = check() {
            panic!("{problem:#}");
        }
    }

    #[test]
    fn the_repository_is_really_read() {
        let files = read(root()).unwrap();
        let has = |path: &str| files.iter().any(|file| file.path == path && !file.text.is_empty());
        assert!(has("xtask/src/tidy.rs") && has("Cargo.toml") && has(".ci/run"));
        assert!(!files.iter().any(|file| file.path.starts_with("target/") || file.path.starts_with(".git/")));
    }

    #[test]
    fn a_problem_says_where_what_and_what_to_do() {
        let problem = tree(&[("a.rs", "")])[0].problem(3, "too dull", "rewrite it");
        assert_eq!(problem.to_string(), "a.rs:3: too dull: rewrite it");
    }
}
