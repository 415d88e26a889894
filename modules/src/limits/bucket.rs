//! A bucket of tokens, one for each request, which fills evenly. Counted in whole numbers, so that nothing is lost to rounding.

/// A minute, in milliseconds.
const MINUTE_MS: i128 = 60_000;

/// How a limit of requests stands after one was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// So many are allowed in a minute.
    pub limit: u32,
    /// So many may come at once now.
    pub remaining: u32,
    /// In so many seconds it is full again.
    pub full_in_seconds: u64,
    /// If the request was one too many: in so many seconds the next may come.
    pub retry_after_seconds: Option<u64>,
}

/// The bucket. It is empty at a theoretical time ("GCRA"): that of the last request, if they had come evenly.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bucket {
    /// In milliseconds since 1970, times the limit: what one request takes is a whole number then.
    empty_at: i128,
}

impl Bucket {
    /// Takes a token, if there is one.
    pub(crate) fn take(&mut self, per_minute: u32, now_ms: i64) -> Quota {
        let limit = i128::from(per_minute.max(1));
        let (now, whole) = (i128::from(now_ms) * limit, limit * MINUTE_MS);
        // Nobody comes to owe more than a bucket: the clock was set back, or the limit is another. What was taken is forgotten.
        let before = if self.empty_at > now + whole { now } else { self.empty_at.max(now) };
        let after = before + MINUTE_MS;
        let too_many = after > now + whole;
        self.empty_at = if too_many { before } else { after };
        let used = self.empty_at - now;
        let retry_after_seconds = too_many.then(|| seconds(after - now - whole, limit).max(1));
        Quota {
            limit: per_minute,
            remaining: u32::try_from((whole - used) / MINUTE_MS).unwrap_or(0),
            full_in_seconds: seconds(used, limit),
            retry_after_seconds,
        }
    }
}

/// Whole seconds, rounded up: who comes then does not come too early.
fn seconds(scaled: i128, limit: i128) -> u64 {
    let unit = limit * 1_000;
    u64::try_from((scaled + unit - 1) / unit).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn it_is_full_at_first_and_fills_evenly() {
        let mut bucket = Bucket::default();
        let first = bucket.take(3, 1_000);
        assert_eq!(first, Quota { limit: 3, remaining: 2, full_in_seconds: 20, retry_after_seconds: None });
        assert_eq!(bucket.take(3, 1_000).remaining, 1);
        assert_eq!(bucket.take(3, 1_000).full_in_seconds, 60);
        let refused = bucket.take(3, 1_000);
        assert_eq!((refused.remaining, refused.retry_after_seconds), (0, Some(20)));
        assert_eq!(bucket.take(3, 20_999).retry_after_seconds, Some(1));
        assert_eq!(bucket.take(3, 21_000).retry_after_seconds, None);
        assert_eq!(bucket.take(3, 21_000).retry_after_seconds, Some(20));
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_close_it() {
        let mut bucket = Bucket::default();
        (0..5).for_each(|_| _ = bucket.take(5, 10_000_000));
        assert_eq!(
            bucket.take(5, 1_000),
            Quota { limit: 5, remaining: 4, full_in_seconds: 12, retry_after_seconds: None }
        );
        (0..4).for_each(|_| _ = bucket.take(5, 1_000));
        assert_eq!(bucket.take(5, 1_000).retry_after_seconds, Some(12), "it counts as before");
    }

    proptest! {
        /// Whatever comes when: in no minute more than what it holds and what flows in; and whoever waits as told gets in.
        #[test]
        fn no_minute_has_more_than_two_buckets(limit in 1_u32..200, steps in prop::collection::vec(0_i64..2_000, 1..600)) {
            let (mut bucket, mut now, mut taken) = (Bucket::default(), 1_800_000_000_000_i64, Vec::new());
            for step in steps {
                now += step;
                let quota = bucket.take(limit, now);
                match quota.retry_after_seconds {
                    None => taken.push(now),
                    Some(wait) => {
                        let later = now + i64::try_from(wait).unwrap() * 1_000;
                        prop_assert_eq!(bucket.clone().take(limit, later).retry_after_seconds, None);
                    }
                }
            }
            let within = |from: i64| taken.iter().filter(|at| (from..from + 60_000).contains(*at)).count();
            let most = taken.iter().map(|from| within(*from)).max().unwrap_or(0);
            prop_assert!(most <= 2 * usize::try_from(limit).unwrap());
        }
    }
}
