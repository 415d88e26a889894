//! When an effect that failed is tried again, and when it is given up.

/// How often and how long effects are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first wait is at most so long, in milliseconds; each further one twice as long.
    pub base_ms: i64,
    /// No wait is longer, in milliseconds.
    pub cap_ms: i64,
    /// A mail is given up when it is so old, in milliseconds since it was caused.
    pub mail_max_age_ms: i64,
    /// Other work is given up after so many attempts, crashes of the service included.
    pub work_max_attempts: u64,
}

impl Default for RetryPolicy {
    /// 5 s, 15 min, 3 days; 20 attempts, which take about two hours.
    fn default() -> Self {
        Self { base_ms: 5_000, cap_ms: 900_000, mail_max_age_ms: 3 * 86_400_000, work_max_attempts: 20 }
    }
}

/// The shortest wait: full jitter may draw zero, and then a broken effect would be tried in a tight loop.
const SHORTEST_MS: i64 = 1_000;

/// What is known of an effect that failed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attempt {
    /// The time, in milliseconds since 1970.
    pub(crate) now: i64,
    /// When the effect was caused.
    pub(crate) created_at: i64,
    /// The how many-th attempt failed, from 1.
    pub(crate) number: u64,
    /// Whether the effect is a mail.
    pub(crate) is_mail: bool,
}

impl RetryPolicy {
    /// When to try again, or `None` to give up. The wait is a random part of the exponential back-off ("full jitter"),
    /// so that the mails of an outage do not all come back at the same moment.
    pub(crate) fn next(&self, attempt: Attempt, chance: u64) -> Option<i64> {
        let given_up = match attempt.is_mail {
            true => attempt.now - attempt.created_at >= self.mail_max_age_ms,
            false => attempt.number >= self.work_max_attempts,
        };
        (!given_up).then(|| attempt.now + self.wait(attempt.number, chance))
    }

    fn wait(&self, number: u64, chance: u64) -> i64 {
        let doublings = u32::try_from(number.saturating_sub(1)).unwrap_or(u32::MAX);
        let factor = 2_i64.checked_pow(doublings).unwrap_or(i64::MAX);
        let most = self.base_ms.saturating_mul(factor).min(self.cap_ms).max(SHORTEST_MS);
        let range = u64::try_from(most).unwrap_or(0).saturating_add(1);
        i64::try_from(chance % range).unwrap_or(most).max(SHORTEST_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn mail(number: u64, age: i64) -> Attempt {
        Attempt { now: age, created_at: 0, number, is_mail: true }
    }

    #[test]
    fn the_longest_wait_doubles_up_to_the_cap() {
        let policy = RetryPolicy::default();
        // `u64::MAX % range` differs, so the longest wait is drawn by naming it.
        let longest = |number: u64, most: i64| policy.wait(number, u64::try_from(most).unwrap());
        for (number, most) in [(1, 5_000), (2, 10_000), (5, 80_000), (8, 640_000), (9, 900_000), (400, 900_000)] {
            assert_eq!(longest(number, most), most);
            assert_eq!(policy.wait(number, u64::try_from(most).unwrap() + 1), SHORTEST_MS, "wraps above {most}");
        }
    }

    #[test]
    fn no_wait_is_shorter_than_a_second() {
        let policy = RetryPolicy::default();
        assert!((0..1_000_u64).all(|chance| policy.wait(1, chance) >= SHORTEST_MS));
    }

    #[test]
    fn a_mail_survives_an_hour_without_a_server_and_is_given_up_after_three_days() {
        let policy = RetryPolicy::default();
        let (mut now, mut number) = (0, 1);
        while now < HOUR {
            now = policy.next(mail(number, now), 0xdead_beef_cafe ^ number).unwrap();
            number += 1;
        }
        assert!(now - HOUR <= policy.cap_ms);
        assert!(policy.next(mail(10_000, 72 * HOUR - 1), 7).is_some());
        assert_eq!(policy.next(mail(2, 72 * HOUR), 7), None);
    }

    #[test]
    fn other_work_is_given_up_by_its_attempts() {
        let policy = RetryPolicy { work_max_attempts: 3, ..RetryPolicy::default() };
        let work = |number| Attempt { now: 99 * HOUR, created_at: 0, number, is_mail: false };
        assert!(policy.next(work(2), 0).is_some());
        assert_eq!(policy.next(work(3), 0), None);
    }
}
