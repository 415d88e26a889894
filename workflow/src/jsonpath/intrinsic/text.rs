//! Texts.

use super::super::run::Run;
use super::{Answer, Arguments};
use serde_json::Value;

/// `States.StringSplit(text, separators)`: every character of `separators` ends a part, and empty parts are left out, as
/// the record of Step Functions shows.
pub(super) fn split(run: &Run<'_>, args: &Arguments<'_>) -> Answer {
    let (text, separators) = (args.text(0)?, args.text(1)?);
    run.take(text.len().saturating_mul(separators.len().max(1)))?;
    let parts = text.split(|char| separators.contains(char)).filter(|part| !part.is_empty());
    Ok(parts.map(Value::from).collect())
}
