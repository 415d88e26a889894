//! Packing.

use super::sums::text;
use super::{SIGNATURE, SUMS};
use crate::package::{Package, PackageError};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use tar::{Builder, EntryType, Header};

/// The bytes of the file: checksums and signature first, so that a reader has them before the files.
pub(crate) fn write(package: &Package) -> Result<Vec<u8>, PackageError> {
    let sums = text(package);
    let signature = package.signature.as_deref().map(|signature| (SIGNATURE, signature.as_bytes()));
    let files = [(SUMS, sums.as_bytes())].into_iter().chain(signature).chain(package.files());
    let mut tar = Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = header(path, bytes.len() as u64).map_err(|error| unpackable(path, &error))?;
        header.set_cksum();
        tar.append(&header, bytes).map_err(|error| unpackable(path, &error))?;
    }
    let tar = tar.into_inner().map_err(|error| unpackable(SUMS, &error))?;
    Ok(compress_to_vec(tar.as_slice(), CompressionLevel::Fastest))
}

fn header(path: &str, bytes: u64) -> std::io::Result<Header> {
    let mut header = Header::new_ustar();
    header.set_entry_type(EntryType::Regular);
    header.set_path(path)?;
    header.set_size(bytes);
    header.set_mode(0o644);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    Ok(header)
}

fn unpackable(path: &str, error: &std::io::Error) -> PackageError {
    PackageError::Archive(format!("{path} cannot be packed: {error}"))
}
