//! Objects as files: out of a collection, and into one.

mod answer;
mod export;
mod import;
mod run;
mod wish;

pub(crate) use export::export;
pub(crate) use import::import;

use crate::problem::ProblemDetails;
use crate::rest::params::Params;
use modules::transfer::Format;

/// The largest file that is imported, in bytes.
pub(crate) const MAX_BYTES: usize = 33_554_432;

/// `format=csv|jsonl`, which must be given.
fn format(params: &Params) -> Result<Format, ProblemDetails> {
    let found = params.text("format")?.and_then(Format::named);
    found.ok_or_else(|| ProblemDetails::parameter("format", "value", "must be csv or jsonl"))
}
