//! The limits that both languages share. Step Functions has limits of the same kind; where it publishes a number, it is ours.

/// The longest expression, path or call, in bytes.
pub(crate) const SOURCE_BYTES: usize = 16 * 1024;

/// The largest value that a state, a task or an evaluation yields, in bytes of JSON: the payload limit of Step Functions.
pub(crate) const PAYLOAD_BYTES: usize = 256 * 1024;

/// The deepest value. `serde_json` reads back at most 128 levels, so a deeper result could be stored and never loaded.
pub(crate) const VALUE_DEPTH: usize = 100;

/// What one evaluation may look at and produce in all, in the unit of [`NODE_BYTES`].
pub(crate) const WORK_BYTES: usize = 16 * 1024 * 1024;

/// What one node of a value counts against [`WORK_BYTES`], beside the bytes of its text.
pub(crate) const NODE_BYTES: usize = 16;

/// What an instance may hold in all: Step Functions' limit of all variables of an execution. Here it is part of one row.
pub(crate) const HELD_BYTES: usize = 10 * 1024 * 1024;
