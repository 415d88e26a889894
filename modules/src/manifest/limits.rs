//! `limits`: how much of an installation a module may take.

use serde::Deserialize;

/// What a manifest, or an installation, says about limits. What is absent has its default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredLimits {
    /// Requests a minute under the module's paths.
    pub requests_per_minute: Option<u32>,
    /// The part of a node's workers that its tasks may have at once, in percent.
    pub queue_share: Option<u8>,
    /// How many of its reads have a connection to the database at once.
    pub pool_connections: Option<u16>,
    /// How long a read, and a task in a worker, may take, in milliseconds.
    pub time_ms: Option<u32>,
}
