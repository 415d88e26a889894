//! How much of an installation a module may take in one company, on one node.
//!
//! The manifest says what its author thinks fit, and the installation may lower it: what counts is the lowest.

mod bucket;
mod layers;

pub(crate) use bucket::Bucket;
pub use bucket::Quota;
pub use layers::LimitLayers;

use crate::manifest::DeclaredLimits;

/// The limits that count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests a minute under the module's paths.
    pub requests_per_minute: u32,
    /// The part of a node's workers that its tasks may have at once, in percent.
    pub queue_share: u8,
    /// How many of its reads have a connection to the database at once.
    pub pool_connections: u16,
    /// How long a read, and a task in a worker, may take, in milliseconds.
    pub time_ms: u32,
}

impl Default for Limits {
    /// 1,000 requests a second, three quarters of the workers, six of the eight connections to PostgreSQL, half a minute: in
    /// the way of nobody who works, and something is left for others.
    fn default() -> Self {
        Self { requests_per_minute: 60_000, queue_share: 75, pool_connections: 6, time_ms: 30_000 }
    }
}

impl Limits {
    /// What a manifest declares, or else the default.
    #[must_use]
    pub fn of(declared: &DeclaredLimits) -> Self {
        let usual = Self::default();
        Self {
            requests_per_minute: declared.requests_per_minute.unwrap_or(usual.requests_per_minute),
            queue_share: declared.queue_share.unwrap_or(usual.queue_share),
            pool_connections: declared.pool_connections.unwrap_or(usual.pool_connections),
            time_ms: declared.time_ms.unwrap_or(usual.time_ms),
        }
    }

    /// The same, where another says less.
    #[must_use]
    pub fn lowered(self, by: &DeclaredLimits) -> Self {
        Self {
            requests_per_minute: by
                .requests_per_minute
                .map_or(self.requests_per_minute, |most| most.min(self.requests_per_minute)),
            queue_share: by.queue_share.map_or(self.queue_share, |most| most.min(self.queue_share)),
            pool_connections: by.pool_connections.map_or(self.pool_connections, |most| most.min(self.pool_connections)),
            time_ms: by.time_ms.map_or(self.time_ms, |most| most.min(self.time_ms)),
        }
    }

    /// How many of so many workers its tasks may have at once: at least one, or nothing would ever be done.
    #[must_use]
    pub fn slots(&self, workers: usize) -> usize {
        (workers.saturating_mul(usize::from(self.queue_share)) / 100).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_installation_lowers_and_never_raises() {
        let declared =
            DeclaredLimits { requests_per_minute: Some(100), queue_share: Some(50), ..DeclaredLimits::default() };
        let by = DeclaredLimits { requests_per_minute: Some(600), queue_share: Some(20), time_ms: Some(5), ..declared };
        let limits = Limits::of(&declared).lowered(&by);
        assert_eq!((limits.requests_per_minute, limits.queue_share, limits.time_ms), (100, 20, 5));
        assert_eq!(limits.pool_connections, Limits::default().pool_connections);
    }

    #[test]
    fn a_share_is_at_least_one_worker() {
        let share = |queue_share, workers| Limits { queue_share, ..Limits::default() }.slots(workers);
        assert_eq!([share(75, 16), share(50, 3), share(1, 16), share(100, 16), share(50, 0)], [12, 1, 1, 16, 1]);
    }
}
