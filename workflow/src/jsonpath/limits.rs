//! The limits of an evaluation: those that both languages share, and what Step Functions publishes for its functions.

pub(super) use crate::limits::{NODE_BYTES, PAYLOAD_BYTES, SOURCE_BYTES, VALUE_DEPTH, WORK_BYTES};

/// The deepest nesting of a filter. Its reader recurses over it.
pub(super) const FILTER_DEPTH: usize = 50;

/// The deepest nesting of calls (AWS Step Functions Developer Guide, "Intrinsic functions": up to 10).
pub(super) const CALL_DEPTH: usize = 10;

/// The largest compiled regular expression of a filter, in bytes.
pub(super) const REGEX_BYTES: usize = 64 * 1024;

/// What a byte of text counts that a regular expression reads: a search takes up to (size of program) x (length of text).
pub(super) const REGEX_FACTOR: usize = 256;

/// The longest text that `States.Base64Encode`, `States.Base64Decode` and `States.Hash` take, in characters.
pub(super) const DATA_CHARS: usize = 10_000;

/// The most numbers that `States.ArrayRange` makes.
pub(super) const RANGE_ITEMS: usize = 1_000;
