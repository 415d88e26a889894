//! Times as the API writes them.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds since 1970 as RFC 3339 in UTC: `2026-11-23T15:10:00.25Z`.
pub(crate) fn rfc3339(ms: i64) -> String {
    let nanos = i128::from(ms) * 1_000_000;
    let moment = OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::rfc3339;

    #[test]
    fn milliseconds_are_kept() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(1_795_446_600_250), "2026-11-23T15:10:00.25Z");
    }

    #[test]
    fn a_time_beyond_the_calendar_does_not_panic() {
        assert_eq!(rfc3339(i64::MAX), "1970-01-01T00:00:00Z");
    }
}
