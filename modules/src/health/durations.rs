//! How long things took, counted by upper bounds: the form that Prometheus calls a histogram.

use std::time::Duration;

/// The upper bounds, in milliseconds. What took longer is counted in the sum only.
pub const BOUNDS_MS: [u64; 11] = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 10_000, 30_000];

/// Counts of durations.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durations {
    /// How many took at most so long, by the place of the bound; each is in all later ones too.
    pub at_most: [u64; BOUNDS_MS.len()],
    /// How many there were.
    pub count: u64,
    /// How long all of them took together, in microseconds.
    pub sum_us: u64,
}

impl Durations {
    /// Counts one.
    pub fn add(&mut self, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let within = self.at_most.iter_mut().zip(BOUNDS_MS).filter(|(_, bound)| us <= bound * 1_000);
        within.for_each(|(count, _)| *count += 1);
        self.count += 1;
        self.sum_us = self.sum_us.saturating_add(us);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_counts_what_is_below_it() {
        let mut durations = Durations::default();
        [3, 5, 6, 700, 60_000].map(Duration::from_millis).into_iter().for_each(|took| durations.add(took));
        assert_eq!(durations.at_most, [2, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4]);
        assert_eq!((durations.count, durations.sum_us), (5, 60_714_000));
    }
}
