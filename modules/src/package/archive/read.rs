//! Unpacking: a stream of entries, each looked at before it is kept.

use super::bounded::Bounded;
use super::sums::differences;
use super::{SIGNATURE, SUMS};
use crate::finding::Finding;
use crate::package::limits::{MAX_ARCHIVE_BYTES, MAX_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_LIST_BYTES, too_long};
use crate::package::paths::{Paths, Refused};
use crate::package::{MANIFEST, Package, PackageError};
use std::io::{self, Read};
use tar::{Archive, Entry, EntryType};
use workflow::definition::Position;

/// After so many problems nobody reads on.
pub(super) const MOST: usize = 100;

pub(crate) fn read(bytes: &[u8]) -> Result<Package, PackageError> {
    if bytes.len() > MAX_ARCHIVE_BYTES {
        let message = format!(
            "it has {} bytes, and a package file may have {MAX_ARCHIVE_BYTES}; leave out what is not needed",
            bytes.len()
        );
        return Err(PackageError::Archive(message));
    }
    let bounded = Bounded::new(bytes).map_err(PackageError::Archive)?;
    let mut archive = Archive::new(bounded);
    let mut reading = Reading::default();
    let read = reading.entries(&mut archive);
    // What was found is worth more than the sentence about where reading ended.
    if !reading.findings.is_empty() {
        return Err(reading.refused());
    }
    read?;
    archive.into_inner().finish().map_err(PackageError::Archive)?;
    reading.done()
}

/// A package that is being unpacked.
#[derive(Default)]
struct Reading {
    package: Package,
    sums: Option<Vec<u8>>,
    paths: Paths,
    bytes: u64,
    findings: Vec<Finding>,
}

impl Reading {
    fn entries(&mut self, archive: &mut Archive<Bounded<'_>>) -> Result<(), PackageError> {
        // Raw: whatever stands for a longer name or for other headers is an entry of its own, and refused as such.
        for entry in archive.entries().map_err(|error| broken(&error))?.raw(true) {
            self.entry(&mut entry.map_err(|error| broken(&error))?)?;
            if self.findings.len() >= MOST {
                break;
            }
        }
        Ok(())
    }

    fn entry(&mut self, entry: &mut Entry<'_, impl Read>) -> Result<(), PackageError> {
        let path = String::from_utf8_lossy(&entry.header().path_bytes()).into_owned();
        match self.accept(entry, &path) {
            Err(refused) => self.findings.push(finding(&path, refused)),
            Ok(()) => self.keep(&path, content(entry, &path)?),
        }
        Ok(())
    }

    fn accept(&mut self, entry: &Entry<'_, impl Read>, path: &str) -> Result<(), Refused> {
        plain_file(entry.header().entry_type())?;
        self.paths.add(path)?;
        let size = entry.size();
        self.bytes = self.bytes.saturating_add(size);
        let too_much = |message: String| Err(Refused { message, remedy: "leave out what is not needed" });
        if size > MAX_FILE_BYTES {
            return too_much(format!("it has {size} bytes, and a file may have {MAX_FILE_BYTES}"));
        }
        if (path == SUMS || path == MANIFEST) && size > MAX_LIST_BYTES {
            return too_much(too_long(size));
        }
        if self.bytes > MAX_BYTES {
            return too_much(format!("with it the package has {} bytes, and it may have {MAX_BYTES}", self.bytes));
        }
        if self.package.files.len() >= MAX_FILES {
            return too_much(format!("a package may have {MAX_FILES} files"));
        }
        Ok(())
    }

    fn keep(&mut self, path: &str, bytes: Vec<u8>) {
        match path {
            SUMS => self.sums = Some(bytes),
            SIGNATURE => match String::from_utf8(bytes) {
                Ok(text) => self.package.signature = Some(text),
                Err(_) => self.findings.push(finding(
                    path,
                    Refused { message: "it is no signature of minisign".to_owned(), remedy: "sign the package again" },
                )),
            },
            _ => self.package.put(path, bytes),
        }
    }

    fn done(mut self) -> Result<Package, PackageError> {
        match self.sums.take() {
            None => Err(PackageError::Archive(format!("it has no {SUMS}; make it with module pack"))),
            Some(sums) => {
                self.findings = differences(&self.package, &sums);
                if self.findings.is_empty() { Ok(self.package) } else { Err(self.refused()) }
            }
        }
    }

    fn refused(&mut self) -> PackageError {
        let mut findings = std::mem::take(&mut self.findings);
        findings.truncate(MOST);
        PackageError::Findings(findings)
    }
}

fn plain_file(kind: EntryType) -> Result<(), Refused> {
    let message = match kind {
        EntryType::Regular => return Ok(()),
        EntryType::Symlink | EntryType::Link => "it is a link",
        EntryType::Directory => "it is an entry for a folder",
        EntryType::Block | EntryType::Char | EntryType::Fifo => "it is a device",
        _ => "it is an entry that only some programs understand",
    };
    Err(Refused { message: message.to_owned(), remedy: "a package holds plain files only; make it with module pack" })
}

/// What a file holds. The buffer grows with what is there, not with what the header claims.
fn content(entry: &mut Entry<'_, impl Read>, path: &str) -> Result<Vec<u8>, PackageError> {
    let (size, mut bytes) = (entry.size(), Vec::new());
    entry.read_to_end(&mut bytes).map_err(|error| broken(&error))?;
    match bytes.len() as u64 == size {
        true => Ok(bytes),
        false => Err(PackageError::Archive(format!("it ends within {path}; get it again, or pack it again"))),
    }
}

fn broken(error: &io::Error) -> PackageError {
    if error.kind() == io::ErrorKind::FileTooLarge {
        return PackageError::Archive(error.to_string());
    }
    PackageError::Archive(format!("it cannot be unpacked: {error}; get it again, or pack it again"))
}

fn finding(path: &str, Refused { message, remedy }: Refused) -> Finding {
    Finding::at(path.escape_debug().to_string(), Position { line: 1, column: 1 }, "", message, remedy)
}
