//! The limits of an evaluation: those of the expressions, and what Step Functions publishes for its intrinsic functions.

/// The longest path or call, in bytes.
pub(super) const SOURCE_BYTES: usize = 16 * 1024;

/// The deepest nesting of a filter. Its reader recurses over it.
pub(super) const FILTER_DEPTH: usize = 50;

/// The deepest nesting of calls (AWS Step Functions Developer Guide, "Intrinsic functions": up to 10).
pub(super) const CALL_DEPTH: usize = 10;

/// The largest result, in bytes of JSON: the payload limit of Step Functions.
pub(super) const OUTPUT_BYTES: usize = 256 * 1024;

/// The deepest value. `serde_json` reads back at most 128 levels, so a deeper result could be stored and never loaded.
pub(super) const VALUE_DEPTH: usize = 100;

/// What one evaluation may look at and produce in all, in the unit of [`super::run::Run::take`].
pub(super) const WORK_BYTES: usize = 16 * 1024 * 1024;

/// What one node counts against [`WORK_BYTES`], beside the bytes of its text.
pub(super) const NODE_BYTES: usize = 16;

/// The largest compiled regular expression of a filter, in bytes.
pub(super) const REGEX_BYTES: usize = 64 * 1024;

/// What a byte of text counts that a regular expression reads: a search takes up to (size of program) x (length of text).
pub(super) const REGEX_FACTOR: usize = 256;

/// The longest text that `States.Base64Encode`, `States.Base64Decode` and `States.Hash` take, in characters.
pub(super) const DATA_CHARS: usize = 10_000;

/// The most numbers that `States.ArrayRange` makes.
pub(super) const RANGE_ITEMS: usize = 1_000;
