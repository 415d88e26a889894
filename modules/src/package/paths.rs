//! Which paths a package's files may have: such that every system can unpack them, each to a place of its own in the folder.

use super::limits::{MAX_NAME_BYTES, MAX_PATH_BYTES};
use crate::text::sets_direction;
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a path, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) remedy: &'static str,
}

fn refused(message: impl Into<String>, remedy: &'static str) -> Result<(), Refused> {
    Err(Refused { message: message.into(), remedy })
}

/// The paths that were seen.
#[derive(Debug, Default)]
pub(super) struct Paths {
    /// As a file system would find them that takes small and capital letters for the same.
    files: BTreeMap<String, String>,
    folders: BTreeSet<String>,
}

impl Paths {
    /// Adds one, unless it may not be or does not go with those before.
    pub(super) fn add(&mut self, path: &str) -> Result<(), Refused> {
        check(path)?;
        let folded = path.to_lowercase();
        if let Some(known) = self.files.get(&folded) {
            return match known == path {
                true => refused("there are two files of this path", "keep one of them"),
                false => refused(format!("it differs from {known} in capital letters only"), "rename one of them"),
            };
        }
        let above: Vec<String> = folded.match_indices('/').map(|(end, _)| folded[..end].to_owned()).collect();
        if let Some(file) = above.iter().find_map(|folder| self.files.get(folder)) {
            return refused(format!("it lies in {file}, which is a file"), "rename one of them");
        }
        if self.folders.contains(&folded) {
            return refused("it is a file and a folder at once", "rename one of them");
        }
        self.folders.extend(above);
        self.files.insert(folded, path.to_owned());
        Ok(())
    }
}

fn check(path: &str) -> Result<(), Refused> {
    const RELATIVE: &str = "paths begin in the package's folder and have single / between their parts";
    if path.contains('\\') {
        return refused("a path may not hold a backslash", "write / between folders");
    }
    if path.chars().any(|letter| letter.is_control() || sets_direction(letter)) {
        return refused("a path may not hold invisible signs", "rename the file");
    }
    if path.len() > MAX_PATH_BYTES {
        return refused(format!("its path has {} bytes, and may have {MAX_PATH_BYTES}", path.len()), "shorten it");
    }
    if path.starts_with('/') {
        return refused("the path is absolute", RELATIVE);
    }
    path.split('/').try_for_each(|part| match part {
        "" => refused("a part of the path is empty", RELATIVE),
        "." | ".." => refused(format!("the path leads through {part}"), RELATIVE),
        hidden if hidden.starts_with('.') => {
            refused("hidden files are no part of a package", "leave it out, or rename it")
        }
        long if long.len() > MAX_NAME_BYTES => {
            refused(format!("a name has {} bytes, and may have {MAX_NAME_BYTES}", long.len()), "shorten it")
        }
        _ => Ok(()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(paths: &[&str]) -> Vec<String> {
        let mut all = Paths::default();
        let said =
            paths.iter().map(|path| all.add(path).map_or_else(|refused| refused.message, |()| "fine".to_owned()));
        said.collect()
    }

    #[test]
    fn paths_stay_in_the_folder() {
        for (path, message) in [
            ("/etc/passwd", "the path is absolute"),
            ("../up", "the path leads through .."),
            ("a/../../up", "the path leads through .."),
            ("./a", "the path leads through ."),
            ("a//b", "a part of the path is empty"),
            ("a/", "a part of the path is empty"),
            ("", "a part of the path is empty"),
            ("a\\..\\b", "a path may not hold a backslash"),
            ("a\nb", "a path may not hold invisible signs"),
            ("a\u{202E}b", "a path may not hold invisible signs"),
            ("a/.git/config", "hidden files are no part of a package"),
        ] {
            assert_eq!(said(&[path]), [message], "{path:?}");
        }
        assert_eq!(said(&["module.yaml", "a/b.c", "a/Ünï côde.txt", &format!("a/{}", "x".repeat(100))]), ["fine"; 4]);
        assert_eq!(said(&[&"x".repeat(101)]), ["a name has 101 bytes, and may have 100"]);
        assert_eq!(said(&[&"x/".repeat(76)]), ["its path has 152 bytes, and may have 150"]);
    }

    #[test]
    fn each_file_has_a_place_of_its_own_on_every_system() {
        assert_eq!(said(&["a", "a"])[1], "there are two files of this path");
        assert_eq!(said(&["a/Read.me", "A/read.ME"])[1], "it differs from a/Read.me in capital letters only");
        assert_eq!(said(&["Ä", "ä"])[1], "it differs from Ä in capital letters only");
        assert_eq!(said(&["a", "A/b"])[1], "it lies in a, which is a file");
        assert_eq!(said(&["a/b/c", "a/B"])[1], "it is a file and a folder at once");
    }
}
