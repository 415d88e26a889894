//! `SHA256SUMS`: a line for every file, as `sha256sum` writes and checks it.

use super::SUMS;
use super::read::MOST;
use crate::finding::Finding;
use crate::package::Package;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use workflow::definition::Position;

/// The checksums of a package.
pub(crate) fn text(package: &Package) -> String {
    package.files().map(|(path, bytes)| format!("{}  {path}\n", digest(bytes))).collect()
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Every difference between a package and the checksums that came with it.
pub(super) fn differences(package: &Package, sums: &[u8]) -> Vec<Finding> {
    let Ok(sums) = std::str::from_utf8(sums) else {
        return vec![finding(SUMS, 1, "it is no text in UTF-8".to_owned(), AGAIN)];
    };
    let mut left: BTreeMap<&str, &[u8]> = package.files().collect();
    let lines = sums.lines().zip(1..).filter_map(|(line, number)| difference(&mut left, line, number));
    let mut found: Vec<Finding> = lines.take(MOST).collect();
    let room = MOST.saturating_sub(found.len());
    let without = left.keys().map(|path| finding(path, 1, format!("{SUMS} does not name it"), AGAIN));
    found.extend(without.take(room));
    found
}

const AGAIN: &str = "the package was changed after it was packed, or not whole: get it again, or pack it again";

fn difference(left: &mut BTreeMap<&str, &[u8]>, line: &str, number: usize) -> Option<Finding> {
    let wrong = |message: String| Some(finding(SUMS, number, message, AGAIN));
    let Some((sum, path)) = line.split_once("  ").filter(|(sum, _)| sum.len() == 64) else {
        return wrong("this is no line of sha256sum".to_owned());
    };
    match left.remove(path) {
        None => wrong(format!("there is no file {path}, or it is named twice")),
        Some(bytes) if digest(bytes) != sum => {
            Some(finding(path, 1, format!("it is not the file of which {SUMS} speaks"), AGAIN))
        }
        Some(_) => None,
    }
}

fn finding(path: &str, line: usize, message: String, remedy: &str) -> Finding {
    Finding::at(path, Position { line, column: 1 }, "", message, remedy)
}
