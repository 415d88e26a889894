//! The text that Prometheus reads: families of samples, each with its labels.

use modules::{BOUNDS_MS, Durations};
use std::fmt::{Display, Write};

/// Labels: name and value.
pub(super) type Labels<'l> = &'l [(&'l str, &'l str)];

/// A text in the making.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a family, all samples of which come next.
    pub(super) fn family(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    /// One sample.
    pub(super) fn sample(&mut self, name: &str, labels: Labels<'_>, value: impl Display) {
        let told: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        match told.is_empty() {
            true => self.line(format_args!("{name} {value}")),
            false => self.line(format_args!("{name}{{{}}} {value}", told.join(","))),
        }
    }

    /// A family of one sample without labels.
    pub(super) fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    /// The samples of a histogram.
    pub(super) fn histogram(&mut self, name: &str, labels: Labels<'_>, durations: &Durations) {
        let bucket = format!("{name}_bucket");
        let with = |bound: &str, value: u64, text: &mut Self| {
            let labels: Vec<(&str, &str)> = labels.iter().copied().chain([("le", bound)]).collect();
            text.sample(&bucket, &labels, value);
        };
        for (bound, count) in BOUNDS_MS.iter().zip(durations.at_most) {
            with(&thousandths(*bound), count, self);
        }
        with("+Inf", durations.count, self);
        self.sample(&format!("{name}_sum"), labels, micros(durations.sum_us));
        self.sample(&format!("{name}_count"), labels, durations.count);
    }

    pub(super) fn end(self) -> String {
        self.0
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        // Writing into a text does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

/// Milliseconds in seconds: `0.25`.
fn thousandths(ms: u64) -> String {
    let text = format!("{}.{:03}", ms / 1_000, ms % 1_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Microseconds in seconds.
pub(super) fn micros(us: u64) -> String {
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn it_is_written_as_prometheus_reads_it() {
        let (mut text, mut durations) = (Text::default(), Durations::default());
        durations.add(Duration::from_millis(7));
        text.single("a_total", "counter", "How many.", 3);
        text.family("b_seconds", "histogram", "How long.");
        text.histogram("b_seconds", &[("who", "a\"b\\c\nd")], &durations);
        let text = text.end();
        assert!(
            text.starts_with("# HELP a_total How many.\n# TYPE a_total counter\na_total 3\n# HELP b_seconds"),
            "{text}"
        );
        assert!(text.contains("b_seconds_bucket{who=\"a\\\"b\\\\c\\nd\",le=\"0.005\"} 0\n"), "{text}");
        assert!(text.contains(",le=\"0.01\"} 1\n") && text.contains(",le=\"30\"} 1\n"), "{text}");
        assert!(
            text.contains(",le=\"+Inf\"} 1\n") && text.contains("_sum{who=\"a\\\"b\\\\c\\nd\"} 0.007000\n"),
            "{text}"
        );
        assert!(text.ends_with("_count{who=\"a\\\"b\\\\c\\nd\"} 1\n"), "{text}");
    }
}
