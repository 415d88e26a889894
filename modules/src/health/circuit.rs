//! A circuit: what fails time after time is left alone for a while, then tried once.

/// How long it is left alone at first, in milliseconds; each further time twice as long.
const FIRST_PAUSE_MS: i64 = 5_000;
/// The longest pause of tasks, in milliseconds: they wait.
pub(crate) const LONGEST_PAUSE_MS: i64 = 300_000;
/// The longest pause of code that somebody waits for, in milliseconds. One person's input that makes it fail must not keep
/// everybody else out for minutes.
pub(crate) const LONGEST_REFUSAL_MS: i64 = 10_000;

/// Whether something may be tried. Pure: the time is an argument.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Circuit {
    /// How often it has failed in a row.
    failures: u32,
    open: Option<Open>,
}

/// It is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Open {
    since_ms: i64,
    until_ms: i64,
    pause_ms: i64,
    /// Somebody tries it right now, after the pause.
    probing: bool,
}

impl Open {
    /// Whether the pause lasts. A time before it began is a clock that was set back, which must not make it longer.
    fn lasts(&self, now_ms: i64) -> bool {
        (self.until_ms - self.pause_ms..self.until_ms).contains(&now_ms)
    }
}

/// How it was let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Admitted {
    /// As always.
    Plainly,
    /// To see whether it works again; nobody else is let through meanwhile.
    AsProbe,
}

impl Circuit {
    /// Lets a call through, or says until when not, in milliseconds since 1970.
    pub(crate) fn enter(&mut self, now_ms: i64) -> Result<Admitted, i64> {
        let Some(open) = &mut self.open else { return Ok(Admitted::Plainly) };
        if open.lasts(now_ms) || open.probing {
            return Err(open.until_ms.max(now_ms + 1_000));
        }
        open.probing = true;
        Ok(Admitted::AsProbe)
    }

    /// When the next is let through, if nobody is now. In milliseconds since 1970; the far future while somebody probes.
    pub(crate) fn shut_until(&self, now_ms: i64) -> Option<i64> {
        let open = self.open.filter(|open| open.probing || open.lasts(now_ms))?;
        Some(if open.probing { i64::MAX } else { open.until_ms })
    }

    /// It works: whatever was before is forgotten.
    pub(crate) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// It does not. True if it is left alone from now on, for so long at most, in milliseconds.
    pub(crate) fn failed(&mut self, most: u32, longest_ms: i64, now_ms: i64) -> bool {
        self.failures = self.failures.saturating_add(1);
        let pause_ms = match self.open {
            None if self.failures < most.max(1) => return false,
            None => FIRST_PAUSE_MS,
            Some(Open { probing: true, pause_ms, .. }) => pause_ms.saturating_mul(2).min(longest_ms),
            // It was begun before it was left alone, and says nothing new.
            Some(_) => return false,
        };
        let since_ms = self.open.map_or(now_ms, |open| open.since_ms);
        self.open = Some(Open { since_ms, until_ms: now_ms + pause_ms, pause_ms, probing: false });
        true
    }

    /// Whoever tried it went away without a word: the next may.
    pub(crate) fn probe_ended(&mut self) {
        if let Some(open) = &mut self.open {
            open.probing = false;
        }
    }

    /// Since when it is left alone, and until when it is at least; in milliseconds since 1970.
    pub(crate) fn open(&self) -> Option<(i64, i64)> {
        self.open.map(|open| (open.since_ms, open.until_ms))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_closes_when_a_probe_succeeds() {
        let mut circuit = Circuit::default();
        assert!(!circuit.failed(3, LONGEST_PAUSE_MS, 0) && !circuit.failed(3, LONGEST_PAUSE_MS, 1));
        circuit.succeeded();
        assert!(
            !circuit.failed(3, LONGEST_PAUSE_MS, 2)
                && !circuit.failed(3, LONGEST_PAUSE_MS, 3)
                && circuit.failed(3, LONGEST_PAUSE_MS, 4)
        );
        assert_eq!(circuit.enter(5), Err(5_004));
        assert!(!circuit.failed(3, LONGEST_PAUSE_MS, 6), "what was begun before says nothing new");
        assert_eq!(circuit.shut_until(5_003), Some(5_004));
        assert_eq!(circuit.shut_until(5_004), None);
        assert_eq!(circuit.enter(5_004), Ok(Admitted::AsProbe));
        assert_eq!(circuit.enter(5_004), Err(6_004), "one at a time");
        circuit.succeeded();
        assert_eq!(circuit.enter(5_005), Ok(Admitted::Plainly));
    }

    #[test]
    fn a_clock_that_is_set_back_makes_no_pause_longer() {
        let mut circuit = Circuit::default();
        assert!(circuit.failed(1, LONGEST_PAUSE_MS, 3_600_000));
        assert_eq!(circuit.shut_until(3_600_000), Some(3_605_000));
        assert_eq!(circuit.shut_until(0), None);
        assert_eq!(circuit.enter(0), Ok(Admitted::AsProbe));
    }

    #[test]
    fn each_failed_probe_doubles_the_pause() {
        let (mut circuit, mut now, mut pauses) = (Circuit::default(), 0, Vec::new());
        circuit.failed(1, LONGEST_PAUSE_MS, now);
        for _ in 0..8 {
            let (_, until) = circuit.open().unwrap();
            pauses.push((until - now) / 1_000);
            now = until;
            assert_eq!(circuit.enter(now), Ok(Admitted::AsProbe));
            assert!(circuit.failed(1, LONGEST_PAUSE_MS, now));
        }
        assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(circuit.open().unwrap().0, 0, "since the first failure");
    }

    #[test]
    fn a_probe_that_is_lost_gives_way_to_another() {
        let mut circuit = Circuit::default();
        circuit.failed(1, LONGEST_PAUSE_MS, 0);
        assert_eq!(circuit.enter(5_000), Ok(Admitted::AsProbe));
        assert_eq!(circuit.shut_until(5_000), Some(i64::MAX));
        circuit.probe_ended();
        assert_eq!(circuit.enter(5_000), Ok(Admitted::AsProbe));
    }

    #[test]
    fn what_somebody_waits_for_is_not_shut_for_long() {
        let (mut circuit, mut now) = (Circuit::default(), 0);
        circuit.failed(1, LONGEST_REFUSAL_MS, now);
        for _ in 0..8 {
            let (_, until) = circuit.open().unwrap();
            assert!(until - now <= 10_000);
            now = until;
            assert_eq!(circuit.enter(now), Ok(Admitted::AsProbe));
            assert!(circuit.failed(1, LONGEST_REFUSAL_MS, now));
        }
    }
}
