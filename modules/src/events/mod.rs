//! Events between modules: what is published fits its schema, and who has subscribed hears of it.
//!
//! Every subscription has a place in its company's log ([`store::Subscription`]). Somebody looks what comes next
//! ([`Registry::next_event`]) without keeping anybody waiting, and then one unit of work handles it and moves on
//! ([`Registry::deliver`]). What fails is held, and tried again; what is about the same subject waits behind it.
//!
//! [`Registry::next_event`]: crate::Registry::next_event
//! [`Registry::deliver`]: crate::Registry::deliver

mod deliver;
mod files;
mod follow;
mod look;

pub use deliver::Delivered;
pub(crate) use files::{EventFiles, EventSchema};
pub use look::Looked;

use serde_json::{Value, json};
use store::PublishedEvent;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An event in the words of CloudEvents 1.0, as JSON. `source` is where the company's API is. `sequence` is the extension of
/// that name: a text that sorts like the number.
#[must_use]
pub fn cloud_event(source: &str, event: &PublishedEvent) -> Value {
    json!({
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": event.kind,
        "subject": event.subject,
        "time": rfc3339(event.at),
        "datacontenttype": "application/json",
        "sequence": format!("{:020}", event.seq),
        "data": event.data,
    })
}

/// Milliseconds since 1970 as RFC 3339 in UTC: `2026-11-23T15:10:00.25Z`.
#[must_use]
pub fn rfc3339(ms: i64) -> String {
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
