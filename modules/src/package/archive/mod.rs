//! A package as one file: `name-version.csmod`, a tar inside zstd, with the checksums of all files in it.
//!
//! The same files give the same bytes: they are sorted by path, and have neither times nor owners.

mod bounded;
mod read;
mod sums;
#[cfg(test)]
mod tests;
mod write;

pub(super) use read::read;
pub(super) use sums::{digest, text as sums};
pub(super) use write::write;

/// The checksums, as `sha256sum` writes them.
pub(crate) const SUMS: &str = "SHA256SUMS";
/// The signature of the checksums, as `minisign` writes it.
pub(crate) const SIGNATURE: &str = "SHA256SUMS.minisig";
