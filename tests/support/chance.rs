//! Chance that can be had again: the seed is printed, and `COUNTERSIGN_TEST_SEED` sets it.

use anyhow::{Context, Result};
use std::time::Duration;

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The seed of this run: `COUNTERSIGN_TEST_SEED`, or the time.
    pub(crate) fn seed() -> Result<u64> {
        match std::env::var("COUNTERSIGN_TEST_SEED") {
            Ok(text) => text.parse().with_context(|| format!("COUNTERSIGN_TEST_SEED must be a number, not {text}")),
            Err(_) => Ok(store::Clock::now_ms(&store::SystemClock).unsigned_abs()),
        }
    }

    pub(crate) fn from(seed: u64) -> Self {
        Self(seed)
    }

    /// Another one, for somebody who runs beside this one.
    pub(crate) fn split(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let one = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let two = (one ^ (one >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        two ^ (two >> 31)
    }

    /// A number from the first to the second, both included.
    pub(crate) fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.next() % (most - least + 1)
    }

    /// True once in so many times.
    pub(crate) fn one_in(&mut self, times: u64) -> bool {
        self.between(1, times) == 1
    }

    /// A while.
    pub(crate) fn ms(&mut self, least: u64, most: u64) -> Duration {
        Duration::from_millis(self.between(least, most))
    }
}
