//! How large a package may be.

/// The most files.
pub(super) const MAX_FILES: usize = 1_000;
/// The longest file, in bytes.
pub(super) const MAX_FILE_BYTES: u64 = 4_194_304;
/// The longest manifest, and the longest list of checksums, in bytes.
pub(crate) const MAX_LIST_BYTES: u64 = 262_144;
/// All files together, in bytes.
pub(super) const MAX_BYTES: u64 = 33_554_432;
/// The longest path, in bytes. Any such path fits the two fields for names of a ustar header.
pub(super) const MAX_PATH_BYTES: usize = 150;
/// The longest part of a path, in bytes: what the first of the two fields holds.
pub(super) const MAX_NAME_BYTES: usize = 100;

/// The longest package file, compressed, in bytes: what an upload may have.
pub const MAX_ARCHIVE_BYTES: usize = 16_777_216;
/// The tar inside: all files, and for each a header and what fills its last block.
pub(super) const MAX_TAR_BYTES: u64 = MAX_BYTES + 1_024 * (MAX_FILES as u64 + 10);
/// The largest window that unpacking may need, in bytes; it is memory. `zstd` uses more with `--ultra` or `--long` only.
pub(super) const MAX_WINDOW_BYTES: u64 = 8_388_608;
/// How many times its compressed size a package may have, beyond the first MiB. Texts come to about ten.
pub(super) const MAX_RATIO: u64 = 200;

/// What is said of a manifest or a list of checksums that is too long.
pub(crate) fn too_long(size: u64) -> String {
    format!("it has {size} bytes, and this file may have {MAX_LIST_BYTES}")
}
