//! `health`: when a module counts as unwell.

use serde::Deserialize;

/// The checks that a manifest declares. What is absent has its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredHealth {
    /// The most failures among its calls, in percent.
    pub max_error_percent: Option<u8>,
    /// Over how many of the last seconds calls are looked at.
    pub window_seconds: Option<u32>,
    /// How old the oldest task that is not done may be, in seconds.
    pub max_queue_age_seconds: Option<u32>,
    /// After how many failures in a row it is isolated.
    pub isolate_after: Option<u32>,
}
