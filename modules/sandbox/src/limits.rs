//! How much a call may take.

/// The largest file of code, in bytes.
pub(crate) const MAX_CODE_BYTES: usize = 4_194_304;
/// The longest document that comes out, in bytes.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 1_048_576;
/// The longest document that goes in: an object as it was and as it is to be.
pub(crate) const MAX_GIVEN_BYTES: usize = 4_194_304;
/// The most that a call may log, in bytes, each line with [`LINE_BYTES`] of its own.
pub(crate) const MAX_LOG_BYTES: usize = 16_384;
/// What a line takes beside its text.
pub(crate) const LINE_BYTES: usize = 64;
/// The longest reason that code gives for its end, in bytes; the rest is cut off.
pub(crate) const MAX_REASON_BYTES: u32 = 2_048;
/// The most random bytes that are asked for at once.
pub(crate) const MAX_CHANCE_BYTES: usize = 4_096;
/// The most entries of its table.
pub(crate) const MAX_TABLE_ENTRIES: usize = 100_000;
/// The most variables of a function: they are cleared at every call, which no step counts.
pub(crate) const MAX_LOCALS: u32 = 1_000;
/// The most exports, and the most imports: they are gone through for every call.
pub(crate) const MAX_NAMES: u32 = 1_000;
/// The most entries that are put into tables for every call.
pub(crate) const MAX_ELEMENTS: u32 = 100_000;
/// How deep functions may call each other.
pub(crate) const MAX_DEPTH: usize = 1_000;
/// The most bytes of values that functions keep between them.
pub(crate) const MAX_STACK_BYTES: usize = 131_072;

/// What one call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Memory, in bytes.
    pub memory_bytes: usize,
    /// Work: an instruction is about one step. Counted, not timed, so that the same call ends the same on every machine.
    pub steps: u64,
    /// How often the host may be asked, for random bytes too.
    pub asks: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory_bytes: 16_777_216, steps: 10_000_000, asks: 100 }
    }
}
