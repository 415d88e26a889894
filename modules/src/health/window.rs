//! What happened lately: counts of the last seconds, in slices that come and go.

use std::collections::VecDeque;

/// So many slices make a window.
const SLICES: i64 = 12;

/// What a module may be out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// Requests a minute.
    Requests,
    /// Workers.
    Queue,
    /// Connections to the database.
    Connections,
    /// Time of a call.
    Time,
    /// Memory of its code.
    Memory,
    /// Steps of its code.
    Steps,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Requests, Self::Queue, Self::Connections, Self::Time, Self::Memory, Self::Steps];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Queue => "queue",
            Self::Connections => "connections",
            Self::Time => "time",
            Self::Memory => "memory",
            Self::Steps => "steps",
        }
    }

    fn place(self) -> usize {
        self as usize
    }
}

/// Counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) succeeded: u64,
    pub(crate) failed: u64,
    hits: [u64; 6],
}

impl Counts {
    pub(crate) fn hits(&self, limit: Limit) -> u64 {
        self.hits.get(limit.place()).copied().unwrap_or(0)
    }

    pub(crate) fn hit(&mut self, limit: Limit) {
        if let Some(count) = self.hits.get_mut(limit.place()) {
            *count += 1;
        }
    }

    /// Failures among the calls, in percent; nothing while there are too few to say.
    pub(crate) fn error_percent(&self, least: u64) -> Option<u64> {
        let all = self.succeeded + self.failed;
        (all >= least).then(|| self.failed * 100 / all.max(1))
    }

    fn add(&mut self, other: &Self) {
        self.succeeded += other.succeeded;
        self.failed += other.failed;
        self.hits.iter_mut().zip(other.hits).for_each(|(count, more)| *count += more);
    }
}

/// The counts of the last seconds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Window(VecDeque<(i64, Counts)>);

impl Window {
    /// The counts of now, to be added to.
    pub(crate) fn now(&mut self, window_seconds: u32, now_ms: i64) -> &mut Counts {
        let slice = slice(window_seconds, now_ms);
        self.forget(slice);
        if self.0.back().is_none_or(|(last, _)| *last < slice) {
            self.0.push_back((slice, Counts::default()));
        }
        let at = self.0.len().saturating_sub(1);
        &mut self.0[at].1
    }

    /// All counts of the window.
    pub(crate) fn sum(&mut self, window_seconds: u32, now_ms: i64) -> Counts {
        self.forget(slice(window_seconds, now_ms));
        let mut sum = Counts::default();
        self.0.iter().for_each(|(_, counts)| sum.add(counts));
        sum
    }

    fn forget(&mut self, slice: i64) {
        while self.0.front().is_some_and(|(first, _)| *first <= slice - SLICES) {
            self.0.pop_front();
        }
    }
}

fn slice(window_seconds: u32, now_ms: i64) -> i64 {
    now_ms * SLICES / (i64::from(window_seconds.max(1)) * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let mut window = Window::default();
        window.now(60, 0).failed += 1;
        window.now(60, 30_000).succeeded += 3;
        window.now(60, 30_000).hit(Limit::Time);
        let sum = window.sum(60, 59_999);
        assert_eq!((sum.succeeded, sum.failed, sum.hits(Limit::Time)), (3, 1, 1));
        assert_eq!((sum.error_percent(4), sum.error_percent(5)), (Some(25), None));
        assert_eq!(window.sum(60, 60_000).failed, 0);
        assert_eq!(window.sum(60, 90_000), Counts::default());
    }

    #[test]
    fn it_has_few_slices_whatever_comes() {
        let mut window = Window::default();
        (0..10_000).for_each(|n| window.now(60, n * 250).succeeded += 1);
        assert!(window.0.len() <= 12, "{}", window.0.len());
        // A clock that is set back adds to what is there.
        window.now(60, 0).failed += 1;
        assert!(window.0.len() <= 12);
    }
}
