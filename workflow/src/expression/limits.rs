//! The limits of an evaluation: those that both languages share, and those of JSONata.

pub(super) use crate::limits::{NODE_BYTES, PAYLOAD_BYTES, SOURCE_BYTES, VALUE_DEPTH, WORK_BYTES};

/// The deepest nesting of an expression's syntax. The walkers of this module recurse over it.
pub(super) const SYNTAX_DEPTH: usize = 200;

/// What the loops of one evaluation may pass through, in nodes of syntax: a tenth of a second or so, on any machine.
pub(super) const PASSED_NODES: usize = 5_000_000;

/// What all evaluations of a step may pass through together; so many bytes of values count like a node.
pub(crate) const STEP_NODES: usize = 50_000_000;

/// The bytes of new values that count like a node.
pub(super) const BYTES_OF_A_NODE: usize = 4;

/// What a pass costs beside the nodes of its body.
pub(super) const GUARD_NODES: u32 = 10;

/// The longest evaluation, in milliseconds. Far above what can be counted takes: it stops what nobody has thought of.
pub(super) const TIME_MS: u64 = 1_000;

/// The longest evaluation that is known to have ended before, in milliseconds.
pub(super) const REPLAY_MS: u64 = 60_000;

/// How often an evaluation that took too long is begun, in all.
pub(super) const ATTEMPTS: usize = 2;

/// The deepest evaluation, in levels of the engine. A call that is not in tail position takes about three.
pub(super) const EVALUATION_DEPTH: usize = 500;

/// The longest sequence.
pub(super) const SEQUENCE_LENGTH: usize = 100_000;

/// The longest text that a function may make, in bytes.
pub(super) const TEXT_BYTES: usize = 1024 * 1024;

/// The largest compiled regular expression, in bytes. A search takes at most (size of the program) x (length of the text).
pub(super) const REGEX_BYTES: usize = 256 * 1024;

/// The largest number that `$formatInteger` writes in a picture that may be Roman, where the text grows with the number.
pub(super) const ROMAN_MAX: i64 = 1_000_000;

/// The widest component of a picture of a time, in characters. The engine takes a year modulo a power of ten of that width,
/// in 64 bits.
pub(super) const PICTURE_WIDTH: usize = 18;

/// The largest whole number that a 64-bit float holds exactly (2^53 - 1).
pub(super) const EXACT_INTEGER: i64 = 9_007_199_254_740_991;
