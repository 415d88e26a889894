//! Figures as a table of text.

use std::time::Duration;

/// One line of figures.
pub(super) struct Line {
    pub(super) work: String,
    pub(super) clients: usize,
    pub(super) database: &'static str,
    pub(super) count: usize,
    pub(super) took: Duration,
    /// Sorted.
    pub(super) latencies: Vec<Duration>,
}

impl Line {
    #[expect(clippy::float_arithmetic, clippy::cast_precision_loss, reason = "a rate for people")]
    pub(super) fn rate(&self) -> f64 {
        self.count as f64 / self.took.as_secs_f64()
    }

    /// The latency that so many of a hundred stay below.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let place = (self.latencies.len() * percent / 100).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(place).copied().unwrap_or_default()
    }

    #[expect(clippy::float_arithmetic, reason = "a ratio for people")]
    pub(super) fn row(&self, raw_rate: f64) -> String {
        format!(
            "{:<36} {:>7} {:<8} {:>8} {:>8.0} {:>8.2} {:>8.2} {:>8.0} {:>6.0} %",
            self.work,
            self.clients,
            self.database,
            self.count,
            self.rate(),
            millis(self.percentile(50)),
            millis(self.percentile(99)),
            raw_rate,
            100.0 * self.rate() / raw_rate
        )
    }

    /// Microseconds, beside the goal where there is one.
    pub(super) fn row_of_core(&self, goal: Option<f64>) -> String {
        let goal = goal.map(|goal| format!("{goal:>8.0}")).unwrap_or_default();
        let (p50, p99) = (micros(self.percentile(50)), micros(self.percentile(99)));
        format!("{:<44} {:>8} {p50:>8.2} {p99:>8.2} {goal}", self.work, self.count).trim_end().to_owned()
    }

    /// How the median compares to one `fdatasync` of the same moments.
    #[expect(clippy::float_arithmetic, reason = "a ratio for people")]
    pub(super) fn in_syncs(&self, sync: Duration) -> String {
        let times = self.percentile(50).as_secs_f64() / sync.as_secs_f64();
        format!("{}: {times:.1} times the median fdatasync of {:.3} ms", self.work, millis(sync))
    }
}

pub(super) const HEAD: &str =
    "work                                 clients database    count       /s   p50 ms   p99 ms   raw /s  of raw";

pub(super) const HEAD_OF_CORE: &str =
    "work                                            count   p50 us   p99 us  at most";

#[expect(clippy::float_arithmetic, reason = "microseconds for people")]
fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000_000.0
}

#[expect(clippy::float_arithmetic, reason = "milliseconds for people")]
pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}
