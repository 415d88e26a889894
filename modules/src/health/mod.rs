//! How modules do on this node: what they take, whether it fails, and what is left alone because of it.
//!
//! A [`Meter`] belongs to a module in a company; the [`Watch`] has all of them. Nothing here is stored: each node counts what
//! it does itself, and begins anew when it starts.

mod ask;
mod circuit;
mod durations;
mod meter;
mod report;
mod watch;
mod window;

pub use durations::{BOUNDS_MS, Durations};
pub use meter::{Admission, Called, Meter, Part, Probe, Totals};
pub use report::{Check, Report, Said, Status};
pub use watch::{Key, Slot, Watch};
pub use window::Limit;

use crate::manifest::DeclaredHealth;

/// When a module counts as unwell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// The most failures among its calls, in percent.
    pub max_error_percent: u8,
    /// Over how many of the last seconds.
    pub window_seconds: u32,
    /// How old the oldest task that is not done may be, in seconds.
    pub max_queue_age_seconds: u32,
    /// After how many failures in a row it is isolated.
    pub isolate_after: u32,
}

impl Default for Thresholds {
    /// A fifth of all calls in five minutes, an hour, five in a row.
    fn default() -> Self {
        Self { max_error_percent: 20, window_seconds: 300, max_queue_age_seconds: 3_600, isolate_after: 5 }
    }
}

impl Thresholds {
    /// What a manifest declares, or else the default.
    #[must_use]
    pub fn of(declared: &DeclaredHealth) -> Self {
        let usual = Self::default();
        Self {
            max_error_percent: declared.max_error_percent.unwrap_or(usual.max_error_percent),
            window_seconds: declared.window_seconds.unwrap_or(usual.window_seconds),
            max_queue_age_seconds: declared.max_queue_age_seconds.unwrap_or(usual.max_queue_age_seconds),
            isolate_after: declared.isolate_after.unwrap_or(usual.isolate_after),
        }
    }
}
